"""Notes to the model about what changed around it, told with the person's next message and never in between."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trashclaw.agent.records import as_note
from trashclaw.protocol.modes import Mode
from trashclaw.session.outside import OutsideChanges, words

_MODES = {
    Mode.PLAN: "plan (nothing may be changed or run; make a plan and present it)",
    Mode.REVIEW: "review (the user approves each change)",
    Mode.ACCEPT: "accept (edits land at once, commands are asked about)",
    Mode.AUTO: "auto (edits land at once, commands are asked about)",
}


class Surroundings:
    """Compares branch, mode and files with what the model was told last."""

    def __init__(
        self,
        branch: Callable[[], str],
        mode: Callable[[], Mode],
        look: Callable[[], Sequence[str]] | None = None,
        outside: OutsideChanges | None = None,
    ) -> None:
        """`look` returns what else has changed since it was asked last; it may read files."""
        self._branch = branch
        self._mode = mode
        self._look = look
        self._outside = outside
        self._told_branch = ""
        self._told_mode: Mode | None = None
        self._waiting: list[str] = []
        self._before: tuple[list[str], str, Mode | None] = [], "", None
        """What waited, and what was told, before notes were taken last."""

    def add(self, text: str) -> None:
        """Keep a note for the next message."""
        self._waiting.append(text)

    def forget(self) -> None:
        """Tell everything again: the model may not read any more what it was told."""
        self._told_branch, self._told_mode = "", None
        if self._outside is not None:
            self._outside.forget()

    def put_back(self) -> None:
        """Tell again what was taken last: the message that it went with has left the window unsent."""
        notes, self._told_branch, self._told_mode = self._before
        self._waiting = [*notes, *self._waiting]

    async def look_outside(self) -> None:
        """Find the files that somebody else has changed; they are told with the other notes."""
        if self._outside is not None:
            found = await self._outside.find()
            # What was undone is named in a note already, and the person did it, not somebody outside.
            self._waiting += words(found.without(self._waiting))

    def take_notes(self) -> str:
        """Return the notes that are due, as one tagged text, or an empty one."""
        branch, mode = self._branch(), self._mode()
        notes = [*self._waiting, *(self._look() if self._look is not None else ())]
        self._before = list(notes), self._told_branch, self._told_mode
        self._waiting = []
        if branch and branch != self._told_branch:
            notes.append(f"Branch: {branch}")
        if mode is not self._told_mode:
            notes.append(f"Mode: {_MODES[mode]}")
        self._told_branch, self._told_mode = branch, mode
        return as_note(". ".join(notes)) if notes else ""
