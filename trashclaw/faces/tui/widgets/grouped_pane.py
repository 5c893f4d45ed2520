"""The folding of runs in the conversation: those that only look around are one line where they follow each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.widgets.cursor_pane import CursorPane

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trashclaw.faces.tui.widgets.block import Block
    from trashclaw.faces.tui.widgets.run_group import RunGroup


class GroupedPane(CursorPane):
    """Adds groups to a pane of blocks. What a group hides keeps its place, and has no rows."""

    def _settle_groups(self) -> None:
        """Bring all groups up to date, before everything is laid out anew."""
        for group in self._groups():
            group.settle()
        if self._cursor is not None:
            self._cursor = self._seen(self._cursor)

    def _regroup(self, group: RunGroup | None) -> None:
        """Draw a group of which something changed, and those of its members that it hides now, or does not any more."""
        if group is None or group.place >= len(self._blocks):
            return
        has_other_gap = group.settle()
        is_folded, group.is_folded = group.is_folded, False
        for place, block in enumerate(group.members, group.place + 1):
            is_other = place < len(self._blocks) and bool(self._heights[place]) == group.hides(block)
            if is_other or (has_other_gap and block is group.members[0]):
                block.forget()
                self._changed(place)
        group.is_folded = is_folded
        group.forget()
        self._changed(group.place)
        if self._cursor is not None:
            self._cursor = self._seen(self._cursor)

    def _seen(self, place: int) -> int:
        """Return the place of a block, or of the group that hides it."""
        group = self._blocks[place].group if place < len(self._blocks) else None
        return group.place if group is not None and group.hides(self._blocks[place]) else place

    def _before(self, place: int) -> int:
        """Return the place of the block that is seen before another one, past what groups hide: that may be much."""
        group = self._blocks[place - 1].group
        return group.place if group is not None and group.is_folded else place - 1

    def _guess(self, block: Block) -> int:
        from trashclaw.faces.tui.widgets.run_group import RunGroup

        if isinstance(block, RunGroup):
            return 1 + block.has_gap if block.is_shown else 0
        return 0 if block.is_hidden else super()._guess(block)

    def _toggle(self, place: int) -> None:
        """Open or fold a group, or a run, which may go back into its group by that."""
        group = self._group_at(place)
        if group is None:
            super()._toggle(place)
            return
        block = self._blocks[place]
        block.is_unfolded = not block.is_open
        block.forget()
        self._changed(place)
        self._regroup(group)
        self._reveal(self._seen(place))
        self._show_foot()

    def _open(self, place: int, *, is_whole: bool) -> None:
        super()._open(place, is_whole=is_whole)
        self._regroup(self._blocks[place].group)

    def _group_at(self, place: int) -> RunGroup | None:
        """Return the group that a block is, or is in."""
        from trashclaw.faces.tui.widgets.run_group import RunGroup

        block = self._blocks[place]
        return block if isinstance(block, RunGroup) else block.group

    def _groups(self) -> Iterator[RunGroup]:
        from trashclaw.faces.tui.widgets.run_group import RunGroup

        return (block for block in self._blocks if isinstance(block, RunGroup))
