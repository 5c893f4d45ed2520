"""Where the tools of a test run commands: plainly, in the workspace itself, or in the overlay sandbox."""

from __future__ import annotations

from pathlib import Path

from trashclaw.sandbox.ask_first import AskFirstSandbox
from trashclaw.sandbox.background import BackgroundCommands
from trashclaw.sandbox.commands import Commands, Grants
from trashclaw.sandbox.ports import Sandbox
from trashclaw.tools.registry import Shell


def make_shell(root: Path, sandbox: Sandbox | None = None) -> Shell:
    """Return a shell whose commands run in this sandbox, or in none."""
    plain = AskFirstSandbox(root)
    commands = Commands(lambda: sandbox or plain, plain, None, Grants())
    return Shell(commands, BackgroundCommands(commands))
