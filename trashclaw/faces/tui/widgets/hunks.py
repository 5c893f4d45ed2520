"""The switches of a patch's hunks: which are on, which is current."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.faces.tui.drawing.hunk import Switches
    from trashclaw.protocol.ids import HunkId
    from trashclaw.protocol.patches import FileChange, Hunk, Patch


class HunkPlaces:
    """The hunks of a patch in order, and the one that the person is at."""

    def __init__(self, patch: Patch | None = None) -> None:
        self._changes: Sequence[FileChange] = patch.changes if patch is not None else ()
        self._hunks: list[Hunk] = []
        self._firsts: list[int] = []
        """Place of the first hunk of each file among all hunks."""

        for change in self._changes:
            self._firsts.append(len(self._hunks))
            self._hunks.extend(change.hunks)
        self._places = {hunk.hunk_id: place for place, hunk in enumerate(self._hunks)}
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
        return self._hunks[self._at].hunk_id if self._hunks else None

    @property
    def file(self) -> int:
        """Place of the current hunk's file in the patch."""
        return max(0, bisect_right(self._firsts, self._at) - 1)

    @property
    def is_first_in_file(self) -> bool:
        """Whether the current hunk is the first one of its file."""
        return not self._firsts or self._at == self._firsts[self.file]

    @property
    def path(self) -> str:
        """The file of the current hunk, or the first file of a patch without hunks."""
        return self._changes[self.file].path if self._changes else ""

    @property
    def height(self) -> int:
        """Lines of the current hunk, its head included."""
        return len(self._hunks[self._at].lines) + 1 if self._hunks else 1

    def select(self, hunk_id: HunkId) -> None:
        """Make a hunk the current one."""
        self._at = self._places.get(hunk_id, self._at)

    def select_file(self, file: int) -> None:
        """Make the first hunk of a file the current one."""
        if self._changes[file].hunks:
            self._at = self._firsts[file]

    def step(self, step: int) -> None:
        """Go to the next or previous hunk."""
        self._at = max(0, min(len(self._hunks) - 1, self._at + step))

    def step_file(self, step: int, among: Sequence[int] | None = None) -> None:
        """Go to the first hunk of the next or previous file, of those `among` which the person looks."""
        files = range(len(self._changes)) if among is None else among
        here = self.file
        wanted = [file for file in files if self._changes[file].hunks and (file > here if step > 0 else file < here)]
        if wanted:
            self.select_file(wanted[0] if step > 0 else wanted[-1])
        elif here in files:
            self.select_file(here)


class HunkSwitches(HunkPlaces):
    """All hunks of a patch: at first on, but for those of a file with a warning, which want a decision of their own.

    Of a patch that landed, those are off that were reverted.
    """

    def __init__(self, patch: Patch | None = None, reverted: frozenset[HunkId] | None = None) -> None:
        """`reverted`: the patch landed, and these of its hunks are off; nothing can be switched."""
        super().__init__(patch)
        self._is_landed = reverted is not None
        self._off = {hunk.hunk_id for change in self._changes if change.warning for hunk in change.hunks}
        if reverted is not None:
            self._off = set(reverted)
        self.is_touched = False
        """Whether the person has switched anything."""

    @property
    def chosen(self) -> tuple[HunkId, ...]:
        """The hunks that are on."""
        return tuple(hunk.hunk_id for hunk in self._hunks if hunk.hunk_id not in self._off)

    @property
    def on_count(self) -> int:
        """Number of hunks that are on."""
        return len(self._hunks) - len(self._off)

    @property
    def is_all(self) -> bool:
        """Whether every hunk is on."""
        return not self._off

    def is_on(self, hunk_id: HunkId) -> bool:
        """Tell whether a hunk is on."""
        return hunk_id not in self._off

    def on_in(self, file: int) -> int:
        """Return how many hunks of a file are on."""
        return sum(hunk.hunk_id not in self._off for hunk in self._changes[file].hunks)

    def everything(self) -> tuple[HunkId, ...] | None:
        """Return all hunks, but for those of files with a warning that are off; `None` when that leaves out none."""
        kept_off = {
            hunk.hunk_id
            for change in self._changes
            if change.warning
            for hunk in change.hunks
            if hunk.hunk_id in self._off
        }
        if not kept_off:
            return None
        return tuple(hunk.hunk_id for hunk in self._hunks if hunk.hunk_id not in kept_off)

    def drawn(self) -> Switches:
        """Return the switches for drawing."""
        from trashclaw.faces.tui.drawing.hunk import Switches

        if self._is_landed:
            return Switches(is_on=self.is_on, current=self.current, off_word="reverted", has_boxes=False)
        return Switches(is_on=self.is_on, current=self.current)

    def toggle(self) -> None:
        """Switch the current hunk."""
        if self.current is not None:
            self._off ^= {self.current}
            self.is_touched = True

    def toggle_file(self) -> None:
        """Switch all hunks of the current file off, or on if none is."""
        if not self._changes:
            return
        hunk_ids = {hunk.hunk_id for hunk in self._changes[self.file].hunks}
        self._off = self._off | hunk_ids if self.on_in(self.file) else self._off - hunk_ids
        self.is_touched = True

    def switch_file_on(self) -> None:
        """Switch every hunk of the current file on."""
        if self._changes:
            self._off -= {hunk.hunk_id for hunk in self._changes[self.file].hunks}
            self.is_touched = True

    def keep(self, before: HunkSwitches) -> None:
        """Take over from the switches of an earlier form of the patch what was switched, and where it stood."""
        self._off = {hunk_id for hunk_id in before._off if hunk_id in self._places}
        self.is_touched = before.is_touched
        file = before.file
        if file < len(self._changes):
            self.select_file(file)
