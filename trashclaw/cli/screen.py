"""Runs the full-screen app; what a session is made of is imported behind the first picture."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import ExitStack
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from trashclaw.cli import garbage
from trashclaw.cli.demo import PROMPT, open_demo
from trashclaw.cli.folder_trust import FolderTrust
from trashclaw.cli.options import wanted_session
from trashclaw.cli.place import find_folder, find_place
from trashclaw.config.first_look import find_first_look
from trashclaw.config.paths import state_folder
from trashclaw.config.resources import theme_files
from trashclaw.config.trust import TrustStore
from trashclaw.protocol.errors import UsageError

if TYPE_CHECKING:
    from trashclaw.cli.demo import Demo
    from trashclaw.session.build import Opening
    from trashclaw.session.session import Session


def run_screen(options: argparse.Namespace) -> int:
    """Run the full-screen app."""
    if not (sys.stdin.isatty() and sys.stdout.isatty() and sys.stderr.isatty()):
        raise UsageError("The full-screen app needs a terminal.", "Use --batch to run a task without one.")
    garbage.put_off()
    from trashclaw.faces.tui.run import run_tui

    settings = TrustStore(state_folder()).vouched_settings(find_folder(options))
    resume = wanted_session(options)
    look = find_first_look(project_settings=settings, config_file=options.config)
    trust = FolderTrust(options)
    with ExitStack() as stack:
        return run_tui(
            _Opener(options, stack, trust),
            trust=trust,
            theme_files=theme_files(),
            look=replace(look, theme=options.theme or look.theme),
            initial_prompt=options.prompt or (PROMPT if options.demo else ""),
            resume=resume,
            is_demo=options.demo,
        )


class _Opener:
    """Opens sessions; once the demo was asked for, it stays the demo, whose repository is gone with `stack`."""

    def __init__(self, options: argparse.Namespace, stack: ExitStack, trust: FolderTrust) -> None:
        self._options = options
        self._stack = stack
        self._trust = trust
        self._demo: Demo | None = None

    async def __call__(
        self, *, resume: str | None = None, model: tuple[str, str] | None = None, is_demo: bool = False
    ) -> Session:
        # Beside the event loop: these imports take about as long as the whole first picture.
        await asyncio.to_thread(_import_session)
        garbage.collect()
        from trashclaw.session.build import open_session

        return await open_session(await self._opening(resume, model, is_demo=is_demo))

    async def _opening(self, resume: str | None, model: tuple[str, str] | None, *, is_demo: bool) -> Opening:
        from trashclaw.cli.opening import make_opening

        if is_demo and self._demo is None:
            self._demo = await asyncio.to_thread(self._stack.enter_context, open_demo(self._options))
            self._trust.is_off = True
        if self._demo is not None:
            return self._demo.opening(can_ask=True)
        place = await asyncio.to_thread(find_place, self._options)
        opening = make_opening(self._options, place, can_ask=True, resume=resume, model=model)
        if self._trust.has_new_trust:
            # The mode that a stored session had was that of a folder without trust.
            self._trust.has_new_trust = False
            return replace(opening, is_mode_named=True)
        return opening


def _import_session() -> None:
    import_module("trashclaw.cli.opening")
