"""The switches of a patch's hunks: which are on, which is current."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trashclaw.faces.tui.drawing.patch import Switches
    from trashclaw.protocol.ids import HunkId
    from trashclaw.protocol.patches import Hunk, Patch


class HunkSwitches:
    """All hunks of a patch, at first all on."""

    def __init__(self, patch: Patch | None = None) -> None:
        changes = patch.changes if patch is not None else ()
        self._hunks: list[tuple[str, Hunk]] = [(change.path, hunk) for change in changes for hunk in change.hunks]
        self._paths = [change.path for change in changes]
        self._off: set[HunkId] = set()
        self._at = 0

    @property
    def count(self) -> int:
        """Number of hunks."""
        return len(self._hunks)

    @property
    def place(self) -> int:
        """Number of the current hunk, from 1; 0 without hunks."""
        return self._at + 1 if self._hunks else 0

    @property
    def current(self) -> HunkId | None:
        """The current hunk."""
        return self._hunks[self._at][1].hunk_id if self._hunks else None

    @property
    def path(self) -> str:
        """The file of the current hunk, or the first file of a patch without hunks."""
        return self._hunks[self._at][0] if self._hunks else next(iter(self._paths), "")

    @property
    def height(self) -> int:
        """Lines of the current hunk, its head included."""
        return len(self._hunks[self._at][1].lines) + 1 if self._hunks else 1

    @property
    def chosen(self) -> tuple[HunkId, ...]:
        """The hunks that are on."""
        return tuple(hunk.hunk_id for _, hunk in self._hunks if hunk.hunk_id not in self._off)

    @property
    def is_all(self) -> bool:
        """Whether every hunk is on."""
        return not self._off

    def drawn(self) -> Switches:
        """Return the switches for drawing."""
        from trashclaw.faces.tui.drawing.patch import Switches

        return Switches(is_on=lambda hunk_id: hunk_id not in self._off, current=self.current)

    def toggle(self) -> None:
        """Switch the current hunk."""
        if self.current is not None:
            self._off ^= {self.current}

    def select(self, hunk_id: HunkId) -> None:
        """Make a hunk the current one."""
        for place, (_, hunk) in enumerate(self._hunks):
            if hunk.hunk_id == hunk_id:
                self._at = place

    def step(self, step: int) -> None:
        """Go to the next or previous hunk."""
        self._at = max(0, min(len(self._hunks) - 1, self._at + step))

    def step_file(self, step: int) -> None:
        """Go to the first hunk of the next or previous file."""
        if not self._hunks:
            return
        here = self._hunks[self._at][0]
        paths = list(dict.fromkeys(path for path, _ in self._hunks))
        wanted = paths[max(0, min(len(paths) - 1, paths.index(here) + step))]
        self._at = next(place for place, (path, _) in enumerate(self._hunks) if path == wanted)

    def switch_file_on(self) -> None:
        """Switch every hunk of the current file on."""
        for path, hunk in self._hunks:
            if path == self.path:
                self._off.discard(hunk.hunk_id)
