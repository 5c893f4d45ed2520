"""The conversation: news of a session as blocks in a pane that keeps its place, is searched, and has a cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.widgets.grouped_pane import GroupedPane

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence, Set

    from trashclaw.faces.tui.widgets.block import Block
    from trashclaw.protocol.events import Channel, CompactionUndone, FailureRouted
    from trashclaw.protocol.ids import HunkId, ItemId
    from trashclaw.session.transcript import Entry


class TranscriptPane(GroupedPane):
    """Shows entries in order, follows the newest words, and stops following when the person scrolls up."""

    BINDINGS = bindings(Group.CONVERSATION)
    NAME: ClassVar[str] = "Conversation"
    EMPTY: ClassVar[str] = "Say what you want done, in your own words. @ names a file, / a command."

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._places: dict[ItemId, int] = {}
        self._has_open_thoughts = False
        self._has_open_tools = False
        self._waiting: Set[ItemId] = frozenset()
        self._reverted: Mapping[ItemId, frozenset[HunkId]] = {}
        self._is_tail = False
        """Whether what is shown is only how the conversation ends."""

    def empty(self) -> str:
        """Return what to do first, and which key helps."""
        helps = hint("help", "helps")
        return f"{self.EMPTY.removesuffix('.')}, {helps}." if helps else self.EMPTY

    def clear(self) -> None:
        """Forget everything, for another session."""
        self._forget_session()
        self._put_blocks(())

    def load(
        self,
        entries: Sequence[tuple[Entry, bool]],
        failures: Mapping[ItemId, FailureRouted] | None = None,
        undone: Collection[ItemId] = (),
    ) -> None:
        """Show a whole conversation: each entry, and whether it is whole. Only the newest blocks are drawn."""
        from trashclaw.faces.tui.widgets.block import Block
        from trashclaw.faces.tui.widgets.run_group import grouped

        at, self._is_tail = self._place_in_tail(), False
        self._forget_session()
        blocks: list[Block] = []
        for entry, is_done in entries:
            item_id = getattr(entry, "item_id", None)
            failure = failures.get(item_id) if failures and item_id else None
            block = Block(entry, is_done, is_undone=item_id in undone, failure=failure)
            if (group := grouped(block, blocks)) is not None:
                self._introduce(group, blocks)
                blocks.append(group)
            self._introduce(block, blocks)
            blocks.append(block)
        self._blocks = blocks
        self._settle_groups()
        self._put_blocks(blocks)
        if at is not None and at[0] in self._places:
            self._go(self._seen(self._places[at[0]]), at[1])

    def load_tail(
        self,
        entries: Sequence[tuple[Entry, bool]],
        failures: Mapping[ItemId, FailureRouted],
        undone: Collection[ItemId],
    ) -> None:
        """Show the end of a conversation until all of it is loaded; who scrolls in it stays where it is then."""
        self.load(entries, failures, undone)
        self._is_tail = bool(entries)

    def _place_in_tail(self) -> tuple[ItemId, int] | None:
        """Return the item at the top of the view, and the row, if the person has scrolled up in the tail."""
        if not self._is_tail or self.is_following:
            return None
        place, row = self._anchor()
        item_id = getattr(self._blocks[place].entry, "item_id", None)
        return (item_id, row) if item_id is not None else None

    def tell(self, news: FailureRouted | CompactionUndone) -> None:
        """Show how often a run failed and how its error begins, or that a compaction was taken back."""
        place = self._places.get(news.item_id)
        if place is not None:
            self._blocks[place].learn(news)
            self._changed(place)
            self._regroup(self._blocks[place].group)

    def show_entry(self, entry: Entry, *, is_done: bool) -> None:
        """Show a new entry, or a newer state of one that is shown."""
        item_id = getattr(entry, "item_id", None)
        place = self._places.get(item_id) if item_id is not None else None
        if place is None:
            place = self._add(entry, is_done=is_done)
        else:
            self._blocks[place].replace(entry, is_done=is_done)
            self._changed(place)
            self._regroup(self._blocks[place].group)
        if is_done:
            self._look_again(place)

    def _add(self, entry: Entry, *, is_done: bool) -> int:
        """Show a new entry behind all others, and return its place."""
        from trashclaw.faces.tui.widgets.block import Block
        from trashclaw.faces.tui.widgets.run_group import grouped

        block, ended = Block(entry, is_done), self._blocks[-1].group if self._blocks else None
        if (group := grouped(block, self._blocks)) is not None:
            self._introduce(group, self._blocks)
            self._append(group)
        self._introduce(block, self._blocks)
        place = len(self._blocks)
        self._append(block)
        for one in {id(one): one for one in (ended, block.group) if one is not None}.values():
            self._regroup(one)
        return place

    def grow(self, item_id: ItemId, channel: Channel, text: str) -> None:
        """Add a piece to an open entry."""
        place = self._places.get(item_id)
        if place is not None:
            self._blocks[place].grow(channel, text)
            self._changed(place)

    def show_waiting(self, item_ids: Set[ItemId]) -> None:
        """Mark the tool runs that wait for the person."""
        for item_id in self._waiting ^ item_ids:
            place = self._places.get(item_id)
            if place is not None:
                self._blocks[place].is_waiting = item_id in item_ids
                self._blocks[place].forget()
                self._changed(place)
                self._regroup(self._blocks[place].group)
        self._waiting = frozenset(item_ids)

    def show_reverted(self, reverted: Mapping[ItemId, frozenset[HunkId]]) -> None:
        """Show which hunks that landed were taken out again, by tool run."""
        before, self._reverted = self._reverted, reverted
        for item_id in before.keys() | reverted.keys() if before != reverted else ():
            place = self._places.get(item_id)
            if place is not None:
                self._blocks[place].reverted = reverted.get(item_id, frozenset())
                self._blocks[place].forget()
                self._changed(place)

    def toggle(self, item_id: ItemId) -> None:
        """Open or fold one tool run or thought, and bring it into view."""
        place = self._places.get(item_id)
        if place is not None:
            self._toggle(place)

    def toggle_thoughts(self) -> None:
        """Open or fold all thoughts."""
        self._has_open_thoughts = not self._has_open_thoughts
        self._unfold_all("thoughts", is_unfolded=self._has_open_thoughts)

    def toggle_tools(self) -> None:
        """Open or fold the output of all tool runs, and what the model was told in between."""
        self._has_open_tools = not self._has_open_tools
        self._unfold_all("tools", is_unfolded=self._has_open_tools)

    def _forget_session(self) -> None:
        self._places.clear()
        self._cursor = self._asked = self._copied = None
        self.end_search()

    def _introduce(self, block: Block, before: Sequence[Block]) -> None:
        """Give a new block its place behind others."""
        block.has_gap = bool(before) and not block.stands_close_to(before[-1])
        is_opened = {"thoughts": self._has_open_thoughts, "tools": self._has_open_tools}
        if is_opened.get(block.folds_with):
            block.is_unfolded = True
        item_id = getattr(block.entry, "item_id", None)
        if item_id is not None:
            # The state is told as it is now: a run can be known to wait before its entry comes.
            block.is_waiting = item_id in self._waiting
            block.reverted = self._reverted.get(item_id, frozenset())
            self._places[item_id] = len(before)

    def _unfold_all(self, kind: str, *, is_unfolded: bool) -> None:
        for block in self._blocks:
            if block.folds_with == kind:
                block.is_unfolded = is_unfolded
        self._settle_groups()
        if self._blocks:
            self._changed_all()
