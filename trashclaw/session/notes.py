"""Notes to the model about what changed around it, told with the person's next message and never in between."""

from __future__ import annotations

from collections.abc import Callable

from trashclaw.protocol.modes import Mode

_MODES = {
    Mode.PLAN: "plan (nothing may be changed or run; make a plan and present it)",
    Mode.REVIEW: "review (the user approves each change)",
    Mode.ACCEPT: "accept (edits land at once, commands are asked about)",
    Mode.AUTO: "auto (edits land at once, commands are asked about)",
}


class Surroundings:
    """Compares branch and mode with what the model was told last."""

    def __init__(self, branch: Callable[[], str], mode: Callable[[], Mode]) -> None:
        self._branch = branch
        self._mode = mode
        self._told_branch = ""
        self._told_mode: Mode | None = None
        self._waiting: list[str] = []

    def add(self, text: str) -> None:
        """Keep a note for the next message."""
        self._waiting.append(text)

    def forget(self) -> None:
        """Tell branch and mode again: the model may not read any more what it was told."""
        self._told_branch, self._told_mode = "", None

    def take_notes(self) -> str:
        """Return the notes that are due, as one tagged text, or an empty one."""
        branch, mode = self._branch(), self._mode()
        notes = self._waiting
        self._waiting = []
        if branch and branch != self._told_branch:
            notes.append(f"Branch: {branch}")
        if mode is not self._told_mode:
            notes.append(f"Mode: {_MODES[mode]}")
        self._told_branch, self._told_mode = branch, mode
        return f"<note>{'. '.join(notes)}</note>" if notes else ""
