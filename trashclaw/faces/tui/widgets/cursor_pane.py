"""The cursor in the conversation: goes from block to block, and does things with the one it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.color import Color, blend_rgb
from rich.style import Style
from textual.content import Content
from textual.geometry import Offset
from textual.selection import Selection

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.keymap import first_key, hint, keys_of
from trashclaw.faces.tui.turns import is_failed_turn, own_message_before
from trashclaw.faces.tui.widgets.row_keys import LAST_ROW, row_key
from trashclaw.faces.tui.widgets.searched_pane import SearchedPane
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from trashclaw.faces.tui.widgets.block import Block

_GROUND = 0.4
"""How much of a list's cursor the ground of the current block has."""


class CursorPane(SearchedPane):
    """Adds a cursor to a pane of blocks; it is seen while the pane has the focus."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._cursor: int | None = None
        self._copied: tuple[int, int] | None = None
        """The block whose code was copied last, and which part of it."""

        self._hinted: tuple[object, Sequence[str]] | None = None
        self._asked: tuple[str, int] | None = None
        """What was asked for once and is done when it is asked for again, and at which block."""

    @property
    def cursor(self) -> int | None:
        """The place of the current block."""
        return self._cursor

    def action_move(self, step: int) -> None:
        """Go to the next block (1) or the one before (-1); of one higher than the view, its rest comes first."""
        if not self._blocks:
            return
        self._asked = None
        if not self._is_in_view(self._cursor):
            self._set_cursor(self._at_edge(step))
        elif not self._scroll_within(step):
            self._set_cursor(self._neighbour(self._cursor or 0, step))

    def action_top(self) -> None:
        """Go to the first block."""
        if self._blocks:
            self._cursor = max(0, self._neighbour(-1, 1))
            self._go(0, 0)
            self._show_foot()
            self.refresh()

    def action_follow(self) -> None:
        """Follow the newest words again."""
        self._cursor = len(self._blocks) - 1 if self._blocks else None
        self._is_following = True
        self._settle()
        self.refresh()

    def action_open_block(self) -> None:
        """Open or fold the current block."""
        if (block := self._current()) is not None and block.can_fold:
            self._toggle(self._cursor or 0)

    def action_copy_block(self) -> None:
        """Copy the words of the current block as they came."""
        from trashclaw.faces.tui.widgets.block_words import source_words

        if (block := self._current()) is not None:
            self.post_message(msg.TextCopied(source_words(block), "the block"))

    def action_copy_code(self) -> None:
        """Copy the code in the current block; again, the next of it."""
        from trashclaw.faces.tui.widgets.block_words import code_words

        if (block := self._current()) is None:
            return
        parts = code_words(block)
        place = self._cursor or 0
        number = self._copied[1] + 1 if self._copied is not None and self._copied[0] == place else 0
        number %= max(1, len(parts))
        self._copied = (place, number)
        which = f"code block {number + 1} of {len(parts)}" if len(parts) > 1 else "the code"
        self.post_message(msg.TextCopied(parts[number] if parts else "", which))

    def action_open_file(self) -> None:
        """Open a file that the current block names."""
        from trashclaw.faces.tui.widgets.block_words import named_places

        if (block := self._current()) is not None:
            self.post_message(msg.PlacesWanted(named_places(block)))

    def action_retry(self) -> None:
        """Go back to before the message that the current block came of; asked for twice."""
        self._go_back("retry")

    def action_edit_message(self) -> None:
        """Go back to before the person's message that the current block is, to say it otherwise; asked for twice."""
        block = self._current()
        if block is not None and own_message_before([block.entry], 0) is not None:
            self._go_back("edit")

    def action_fork(self) -> None:
        """Go on from the current block in another session."""
        places = range(self._cursor or 0, -1, -1) if self._current() is not None else ()
        ids = (getattr(self._blocks[place].entry, "item_id", None) for place in places)
        if (item_id := next((one for one in ids if one is not None), None)) is not None:
            self.post_message(msg.ForkWanted(item_id))

    def text_select_all(self) -> None:
        """Select the current block, which a double click does."""
        if self._cursor is not None:
            first, end = (Offset(0, row_key(self._cursor, row)) for row in (0, LAST_ROW))
            self.screen.selections = {self: Selection(first, end)}

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show the cursor, at the end of what is in view, or hide it."""
        self._asked = None
        if has_focus and self._blocks and not self._is_in_view(self._cursor):
            self._cursor = self._at_edge(-1)
        super().watch_has_focus(has_focus)
        self.refresh()

    async def on_click(self, event: events.Click) -> None:
        """Have the cursor where it was clicked, and open or fold that."""
        place = self.line_block(event)
        if place is None or self.text_selection is not None:
            return
        self._asked, self._cursor = None, place
        self._show_foot()
        self.refresh()
        if event.chain == 1 and self._blocks[place].can_fold:
            self._toggle(place)

    async def _on_key(self, event: events.Key) -> None:
        """Take any other key as a no to what was asked."""
        wish, _ = self._asked or ("", 0)
        if wish and event.key not in keys_of(f"block.{wish}"):
            self._asked = None
            self._show_foot()
            if event.key in keys_of("field.leave"):
                event.stop()
                event.prevent_default()

    def _toggle(self, place: int) -> None:
        """Open or fold a block, and bring it into view."""
        block = self._blocks[place]
        if not block.can_fold:
            return
        block.is_unfolded = not block.is_open
        block.forget()
        self._changed(place)
        self._reveal(place)

    def _current(self) -> Block | None:
        """Return the current block."""
        is_there = self._cursor is not None and self._cursor < len(self._blocks)
        return self._blocks[self._cursor or 0] if is_there else None

    def _set_cursor(self, place: int) -> None:
        self._cursor = place
        self._reveal(place)
        if place == len(self._blocks) - 1 and self.scroll_offset.y >= self.max_scroll_y:
            self._is_following = True
        self._show_foot()
        self.refresh()

    def _neighbour(self, place: int, step: int) -> int:
        """Return the next block that has any lines, or the same one."""
        at = place + step
        while 0 <= at < len(self._blocks):
            if self._heights[at]:
                return at
            at += step
        return place

    def _room(self) -> int:
        return max(1, self.scrollable_content_region.height)

    def _is_in_view(self, place: int | None) -> bool:
        if place is None or place >= len(self._blocks):
            return False
        top, y = self._heights.top(place), self.scroll_offset.y
        return top < y + self._room() and top + self._heights[place] > y

    def _at_edge(self, step: int) -> int:
        """Return the first block in view, or the last one for a step back."""
        y = self.scroll_offset.y
        return self._heights.find(y if step > 0 else min(y + self._room(), self._heights.total) - 1)[0]

    def _scroll_within(self, step: int) -> bool:
        """Scroll on within the current block if it goes on beyond the view; tell whether it does."""
        place = self._cursor or 0
        top, y, room = self._heights.top(place), self.scroll_offset.y, self._room()
        hidden = top + self._heights[place] - (y + room) if step > 0 else y - top
        if hidden <= 0 or self._heights[place] <= room:
            return False
        self.scroll_to(y=y + step * min(hidden, max(1, room // 2)), animate=False, force=True)
        return True

    def _holds(self) -> bool:
        return self.has_focus and self._cursor is not None and self._cursor < len(self._blocks) - 1

    def _found(self, place: int) -> None:
        self._cursor = place

    def _go_back(self, wish: str) -> None:
        """Ask once, and go back at the second time: it cannot be taken back."""
        if self._current() is None:
            return
        place = self._cursor or 0
        entries = [block.entry for block in self._blocks]
        said = own_message_before(entries, place)
        if said is not None and self._asked == (wish, place):
            is_sent = wish == "retry" and is_failed_turn(entries, place)
            self._asked = None
            self.post_message(msg.GoBackWanted(said.item_id, said.text, is_sent=is_sent))
        else:
            self._asked = (wish, place) if said is not None else None
        self._show_foot()

    def _mark_of(self, place: int, row: int, base: Style) -> tuple[tuple[str, Style], Style]:
        is_gap = row == 0 and bool(self._blocks) and self._blocks[place].has_gap
        if place != self._cursor or not self.has_focus or is_gap:
            return super()._mark_of(place, row, base)
        ground = base + _ground(base, self.look.cursor)
        is_first = row == (1 if self._blocks[place].has_gap else 0)
        return (self.look.signs.point if is_first else " ", ground + self.look.accent), ground

    def _foot(self) -> Content:
        """Return what came below, and what keys do with the current block, as far as there is room."""
        signs, room = self.look.signs, max(8, self.size.width - 6)
        if self._asked is not None:
            return Content(self._question(room))
        parts: list[str] = []
        if not self._is_following:
            below = f"{self._new_lines:,} new {'line' if self._new_lines == 1 else 'lines'} below   "
            follow = hint("transcript.end", "follows again")
            parts.append(f"{signs.down} {below if self._new_lines else ''}{follow}")
        if self.has_focus and (block := self._current()) is not None:
            parts += self._hints_for(block)
        while len(parts) > 1 and len("   ".join(parts)) > room:
            parts.pop()
        return Content("   ".join(parts))

    def _question(self, room: int) -> str:
        wish, place = self._asked or ("", 0)
        entries = [block.entry for block in self._blocks]
        said = own_message_before(entries, place)
        key = first_key(f"block.{wish}")
        then = "send again" if wish == "retry" and is_failed_turn(entries, place) else "edit"
        words = visible_line(said.text if said is not None else "").strip()
        head, tail = f'{key} again: go back to before "', f'" and {then} it   {hint("field.leave", "no")}'
        return head + words[: max(8, room - len(head) - len(tail))] + tail

    def _hints_for(self, block: Block) -> Sequence[str]:
        """Return what the keys do with a block, the most wanted first; looked up again only when it is another one."""
        from trashclaw.faces.tui.widgets.block_actions import block_actions

        known = (block.entry, block.is_open, block.preview == "")
        if self._hinted is None or self._hinted[0] != known:
            self._hinted = (known, [said for pair in block_actions(block) if (said := hint(*pair))])
        return self._hinted[1]


def _ground(base: Style, cursor: Style) -> Style:
    """Return a ground between that of the pane and that of a list's cursor; none where colours cannot be mixed."""
    under, over = base.bgcolor, cursor.bgcolor
    if under is None or over is None or under.triplet is None or over.triplet is None:
        return Style()
    return Style(bgcolor=Color.from_triplet(blend_rgb(under.triplet, over.triplet, _GROUND)))
