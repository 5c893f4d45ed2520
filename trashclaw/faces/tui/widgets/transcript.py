"""The conversation: blocks as rendered strips in one line-API widget; only the open block is drawn again."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.strip import Strip

from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.widgets.line_pane import FramedPane

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence, Set

    from textual import events

    from trashclaw.faces.tui.widgets.block import Block
    from trashclaw.protocol.events import Channel, CompactionUndone, FailureRouted
    from trashclaw.protocol.ids import ItemId
    from trashclaw.session.transcript import Entry

WINDOW = 200
"""Blocks drawn at once; earlier ones are drawn when the person scrolls up to them."""


class TranscriptPane(FramedPane):
    """Shows entries in order, follows the newest words, and stops following when the person scrolls up."""

    BINDINGS = bindings(Group.CONVERSATION)
    NAME: ClassVar[str] = "Conversation"
    EMPTY: ClassVar[str] = "Say what you want done, in your own words. @ names a file, / a command, F1 helps."

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._blocks: list[Block] = []
        self._places: dict[ItemId, int] = {}
        self._tops: list[int] = []
        """First line of each drawn block, from block `_first` on."""

        self._first = 0
        self._height = 0
        self._is_following = True
        self._has_open_thoughts = False
        self._has_open_tools = False
        self._waiting: Set[ItemId] = frozenset()

    @property
    def is_following(self) -> bool:
        """Whether the newest words are kept in view."""
        return self._is_following

    @property
    def line_count(self) -> int:
        """Number of drawn lines."""
        return self._height if self._blocks else len(self._strips)

    @property
    def blocks(self) -> Sequence[Block]:
        """All blocks, drawn or not."""
        return tuple(self._blocks)

    def lines(self, width: int) -> Sequence[Text]:
        """Nothing of its own: the blocks bring the lines."""
        return ()

    def clear(self) -> None:
        """Forget everything, for another session."""
        self._blocks.clear()
        self._places.clear()
        self._tops.clear()
        self._first = self._height = 0
        self._is_following = True
        self.reload()

    def load(
        self,
        entries: Sequence[tuple[Entry, bool]],
        failures: Mapping[ItemId, FailureRouted] | None = None,
        undone: Collection[ItemId] = (),
    ) -> None:
        """Show a whole conversation: each entry, and whether it is whole. Only the newest blocks are drawn."""
        from trashclaw.faces.tui.widgets.block import Block

        self.clear()
        for entry, is_done in entries:
            item_id = getattr(entry, "item_id", None)
            failure = failures.get(item_id) if failures and item_id else None
            self._add(Block(entry, is_done, is_undone=item_id in undone, failure=failure), item_id)
        self.redraw()

    def tell(self, news: FailureRouted | CompactionUndone) -> None:
        """Show how often a run failed and how its error begins, or that a compaction was taken back."""
        place = self._places.get(news.item_id)
        if place is not None:
            self._blocks[place].learn(news)
            self._lay_out(place)

    def show_entry(self, entry: Entry, *, is_done: bool) -> None:
        """Show a new entry, or a newer state of one that is shown."""
        from trashclaw.faces.tui.widgets.block import Block

        item_id = getattr(entry, "item_id", None)
        place = self._places.get(item_id) if item_id is not None else None
        if place is None:
            self._append(Block(entry, is_done), item_id)
        else:
            self._blocks[place].replace(entry, is_done=is_done)
            self._lay_out(place)

    def grow(self, item_id: ItemId, channel: Channel, text: str) -> None:
        """Add a piece to an open entry."""
        place = self._places.get(item_id)
        if place is not None:
            self._blocks[place].grow(channel, text)
            self._lay_out(place)

    def show_waiting(self, item_ids: Set[ItemId]) -> None:
        """Mark the tool runs that wait for the person."""
        for item_id in self._waiting ^ item_ids:
            place = self._places.get(item_id)
            if place is not None:
                self._blocks[place].is_waiting = item_id in item_ids
                self._blocks[place].forget()
                self._lay_out(place)
        self._waiting = frozenset(item_ids)

    def toggle(self, item_id: ItemId) -> None:
        """Open or fold one tool run or thought, and bring it into view."""
        place = self._places.get(item_id)
        if place is not None:
            self._toggle(place)

    def _toggle(self, place: int) -> None:
        if not self._blocks[place].can_fold:
            return
        self._draw_from(place)
        block = self._blocks[place]
        block.is_unfolded = not block.is_open
        block.forget()
        self._lay_out(place)
        self.reveal(self._tops[place - self._first], len(block.strips(self._drawn_width, self.look)))

    def toggle_thoughts(self) -> None:
        """Open or fold all thoughts."""
        self._has_open_thoughts = not self._has_open_thoughts
        self._unfold_all("thoughts", is_unfolded=self._has_open_thoughts)

    def toggle_tools(self) -> None:
        """Open or fold the output of all tool runs, and what the model was told in between."""
        self._has_open_tools = not self._has_open_tools
        self._unfold_all("tools", is_unfolded=self._has_open_tools)

    def action_follow(self) -> None:
        """Follow the newest words again."""
        self._is_following = True
        self._settle()

    def reload(self) -> None:
        """Draw the newest blocks anew, at the present width and in the present look."""
        if self._blocks:
            self.redraw()
        else:
            super().reload()

    def keep_in_view(self) -> None:
        """Stay at the end while it is followed."""
        if self._blocks and self._drawn_width:
            self._settle()

    def redraw(self) -> None:
        """Forget what was drawn, and draw the window again; the block at the top stays there."""
        if not self._blocks:
            super().reload()
            return
        self._drawn_width = self.line_width
        if self._drawn_width < 1:
            return
        kept = self._block_at(self.scroll_offset.y) if self._tops else None
        for block in self._blocks:
            block.forget()
        self._first = max(0, len(self._blocks) - WINDOW)
        if kept is not None and not self._is_following:
            self._first = max(0, min(self._first, kept - WINDOW // 4))
        self._lay_out(self._first)
        if kept is not None and not self._is_following:
            self.scroll_to(y=self._tops[kept - self._first], animate=False)

    def strip_at(self, line: int) -> Strip | None:
        """Return a line's strip."""
        if not self._blocks:
            return super().strip_at(line)
        if line >= self._height or not self._tops:
            return None
        place = self._block_at(line)
        strips = self._blocks[place].strips(self._drawn_width, self.look)
        row = line - self._tops[place - self._first]
        return strips[row] if row < len(strips) else None

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow only while the end is in view; draw earlier blocks when the person comes near the top."""
        super().watch_scroll_y(old_value, new_value)
        self._is_following = round(new_value) >= self.max_scroll_y
        self.border_subtitle = "" if self._is_following else f"{self.look.signs.down} End follows again"
        if self._first and new_value < self.size.height:
            self.call_later(self._draw_earlier)

    def on_click(self, event: events.Click) -> None:
        """Open or fold what was clicked."""
        line = self.line_under(event)
        if line is None or not self._tops or line >= self._height or self.text_selection is not None:
            return
        self._toggle(self._block_at(line))

    def _append(self, block: Block, item_id: ItemId | None) -> None:
        self._add(block, item_id)
        if len(self._blocks) - self._first > 2 * WINDOW and self._is_following:
            self._drop_early()
        self._lay_out(len(self._blocks) - 1)

    def _add(self, block: Block, item_id: ItemId | None) -> None:
        before = self._blocks[-1] if self._blocks else None
        block.has_gap = before is not None and not block.stands_close_to(before)
        is_opened = {"thoughts": self._has_open_thoughts, "tools": self._has_open_tools}
        if is_opened.get(block.folds_with):
            block.is_unfolded = True
        if item_id is not None:
            # The state is told as it is now: a run can be known to wait before its entry comes.
            block.is_waiting = item_id in self._waiting
            self._places[item_id] = len(self._blocks)
        self._blocks.append(block)

    def _lay_out(self, place: int) -> None:
        """Place the drawn blocks from one on; those before it stay where they are."""
        if self._drawn_width < 1:
            self._drawn_width = self.line_width
        if self._drawn_width < 1 or place < self._first:
            return
        row = place - self._first
        top = self._tops[row] if row < len(self._tops) else self._height
        del self._tops[row:]
        changed = top
        for block in self._blocks[place:]:
            self._tops.append(top)
            top += len(block.strips(self._drawn_width, self.look))
        self._height = top
        self._settle()
        self.refresh_lines(changed, max(1, self.size.height))

    def _settle(self) -> None:
        """Tell how high all is, and keep the end in view if the person wants to see it."""
        self.set_height(self._height)
        if self._is_following:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _block_at(self, line: int) -> int:
        return self._first + max(0, bisect_right(self._tops, line) - 1)

    def _draw_from(self, place: int) -> None:
        if place < self._first:
            self._first = place
            self._tops.clear()
            self._height = 0
            self._lay_out(place)

    def _draw_earlier(self) -> None:
        """Draw some blocks before the first drawn one; what is in view stays where it is."""
        if not self._first:
            return
        height, y = self._height, self.scroll_offset.y
        self._draw_from(max(0, self._first - WINDOW // 2))
        self.scroll_to(y=y + self._height - height, animate=False)

    def _drop_early(self) -> None:
        """Forget the lines of early blocks, so that a long session stays small."""
        for block in self._blocks[self._first : len(self._blocks) - WINDOW]:
            block.forget()
        self._first = len(self._blocks) - WINDOW
        self._tops.clear()
        self._height = 0
        self._lay_out(self._first)

    def _unfold_all(self, kind: str, *, is_unfolded: bool) -> None:
        for block in self._blocks:
            if block.folds_with == kind:
                block.is_unfolded = is_unfolded
                block.forget()
        if self._blocks:
            self._lay_out(self._first)
