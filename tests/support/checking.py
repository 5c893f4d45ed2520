"""Checks over a real workspace: real programs, in the real sandbox where this machine can."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from trashclaw.sandbox.ask_first import AskFirstSandbox
from trashclaw.sandbox.commands import Commands, Grants
from trashclaw.sandbox.ports import Sandbox
from trashclaw.tools.checking.runs import CheckRunner

RUFF = Path(sys.executable).parent / "ruff"


@dataclass
class Checked:
    """A workspace, and a runner that keeps what it was heard to do."""

    root: Path
    runner: CheckRunner
    heard: list[str] = field(default_factory=list)
    unable: list[str] = field(default_factory=list)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, and folders for them."""
        for name, text in files.items():
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_text(text, encoding="utf-8")

    def script(self, name: str, text: str) -> None:
        """Write a program of the project's."""
        self.write({name: text})
        (self.root / name).chmod(0o755)

    def use_ruff(self, select: str = "E,F") -> None:
        """Make it a project that formats and lints with ruff."""
        codes = ", ".join(f'"{code}"' for code in select.split(","))
        self.write({"pyproject.toml": f"[tool.ruff]\nline-length = 100\n[tool.ruff.lint]\nselect = [{codes}]\n"})
        if not RUFF.is_file():
            pytest.skip("ruff is not installed beside this Python")
        (self.root / ".venv" / "bin").mkdir(parents=True)
        (self.root / ".venv" / "bin" / "ruff").symlink_to(RUFF)

    @property
    def files(self) -> list[str]:
        """The names of all files and folders in the workspace."""
        return sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*"))


@asynccontextmanager
async def checked(root: Path, sandbox: Sandbox | None, time_s: float = 30.0) -> AsyncIterator[Checked]:
    """Open a runner in this sandbox, or in none; nothing of it stays in the folder for temporary files."""
    plain = AskFirstSandbox(root)
    commands = Commands(lambda: sandbox or plain, plain, None, Grants())
    one = Checked(root, CheckRunner(commands, root, time_s))
    one.runner = CheckRunner(commands, root, time_s, one.heard.append, lambda: one.unable.append("unable"))
    try:
        yield one
    finally:
        await commands.aclose()
    left = list(Path(tempfile.gettempdir()).glob(f"trashclaw-checks-{os.getpid()}-*"))
    assert not left, "something is left on the disk"


def has_program(name: str) -> bool:
    """Tell whether a program is on this machine."""
    return shutil.which(name) is not None
