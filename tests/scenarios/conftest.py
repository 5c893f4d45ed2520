"""What scenarios of the window work on."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def large(repository: Path) -> Path:
    """A repository with twenty files, `m0.py` and on, of about a thousand tokens."""
    for number in range(20):
        lines = (f"value_{number}_{line} = {line} * {number}\n" for line in range(90))
        (repository / f"m{number}.py").write_text("".join(lines))
    return repository
