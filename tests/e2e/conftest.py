"""Fixtures of the end-to-end tests: the app in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.screen_app import AppTerminal, write_script
from tests.support.terminal import Size

OpenApp = Callable[..., AppTerminal]


@pytest.fixture
def open_app(home: Path, repository: Path, tmp_path: Path) -> Iterator[OpenApp]:
    """Open the app in the repository: `open_app(steps, *arguments, size=..., environment=...)`, ready to type."""
    with ExitStack() as stack:

        def open_it(
            steps: Sequence[Mapping[str, Any]] = (),
            *arguments: str,
            size: tuple[int, int] = (120, 40),
            environment: Mapping[str, str] | None = None,
        ) -> AppTerminal:
            script = write_script(tmp_path, steps)
            app = AppTerminal(
                ["--provider", "scripted", "--model", str(script), *arguments],
                repository,
                home,
                gates=tmp_path,
                size=Size(*size),
                environment=environment,
            )
            stack.enter_context(app)
            app.wait_until_ready()
            return app

        yield open_it
