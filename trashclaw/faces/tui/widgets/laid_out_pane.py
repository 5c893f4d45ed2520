"""Blocks laid out in a pane: of however many there are, only those in and around the view are drawn and kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trashclaw.faces.tui.widgets.heights import Heights
from trashclaw.faces.tui.widgets.line_pane import FramedPane

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.text import Text
    from textual.strip import Strip

    from trashclaw.faces.tui.widgets.block import Block

KEPT = 60
"""Blocks that stay drawn; beyond, those far from the view are forgotten."""


class LaidOutPane(FramedPane):
    """Shows blocks one below the other and keeps what is in view where it is, whatever changes before or behind it.

    Heights of what was never drawn are guessed; so the scroll bar reaches everywhere at once.
    """

    DEFAULT_CSS = """
    LaidOutPane {
        padding: 0;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._blocks: list[Block] = []
        self._heights = Heights()
        self._drawn: dict[int, None] = {}
        self._is_following = True
        self._is_settling = False
        self._new_lines = 0
        self._left_at: tuple[int, int] | None = None
        """What was at the top when the pane was hidden."""

    @property
    def is_following(self) -> bool:
        """Whether the newest words are kept in view."""
        return self._is_following

    @property
    def new_lines(self) -> int:
        """Lines that came below the view since the newest words are not followed."""
        return self._new_lines

    @property
    def line_width(self) -> int:
        """Cells that a line may fill; one before it is the cursor's."""
        return max(0, super().line_width - 1)

    @property
    def line_count(self) -> int:
        """Number of lines; those never drawn are guessed."""
        return self._heights.total if self._blocks else len(self._strips)

    @property
    def blocks(self) -> Sequence[Block]:
        """All blocks, drawn or not."""
        return tuple(self._blocks)

    @property
    def top_place(self) -> int:
        """The place of the block at the top of the view."""
        return self._anchor()[0]

    @property
    def drawn_count(self) -> int:
        """Number of blocks whose lines are kept."""
        return len(self._drawn)

    def lines(self, width: int) -> Sequence[Text]:
        """Nothing of its own: the blocks bring the lines."""
        return ()

    def reload(self) -> None:
        """Draw what is in view anew, at the present width and in the present look."""
        if self._blocks:
            self.redraw()
        else:
            super().reload()

    def keep_in_view(self) -> None:
        """Stay at the end while it is followed, else at what is in view."""
        self._settle()

    def redraw(self) -> None:
        """Forget what was drawn, and draw what is in view again; what is at the top stays there."""
        if not self._blocks:
            super().reload()
            return
        anchor = self._anchor() if self._drawn_width else self._left_at
        for place in self._drawn:
            self._blocks[place].forget()
        self._drawn.clear()
        width, self._drawn_width = self._drawn_width, self.line_width
        if self._drawn_width < 1:
            self._left_at = anchor
            return
        if width != self._drawn_width:
            self._guess_heights()
        self._settle(anchor)
        self.refresh()

    def strip_at(self, line: int) -> Strip | None:
        """Return a line's strip."""
        if not self._blocks:
            return super().strip_at(line)
        if line >= self._heights.total:
            return None
        place, row = self._heights.find(line)
        rows = self._rows(place)
        return rows[row] if row < len(rows) else None

    def scroll_to(self, x: float | None = None, y: float | None = None, *, animate: bool = True, **how: Any) -> None:
        """Scroll at once, also where a page is asked for by key.

        What comes into view is drawn and moves the view again, and Textual's animator cannot bear that.
        """
        super().scroll_to(x, y, animate=False, **how)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow only while the end is in view, and draw what comes near."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_settling or self._drawn_width < 1:
            return
        self._is_following = round(new_value) >= self.max_scroll_y
        self._settle()

    def _holds(self) -> bool:
        """Whether what is in view has to stay although the end is in view too."""
        return False

    def _tell_follow(self) -> None:
        """Tell that the end is followed or not, or how much came below; a subclass shows it."""

    def _put_blocks(self, blocks: Iterable[Block]) -> None:
        """Show these blocks and no others, from the end."""
        self._blocks = list(blocks)
        self._drawn.clear()
        self._is_following, self._new_lines, self._left_at = True, 0, None
        self._guess_heights()
        self.reload()

    def _append(self, block: Block) -> None:
        self._blocks.append(block)
        self._heights.append(0)
        self._changed(len(self._blocks) - 1)

    def _changed(self, place: int) -> None:
        """Draw a block that changed; nothing else moves, but what is behind it."""
        if self._drawn_width < 1:
            self._drawn_width = self.line_width
        if self._drawn_width < 1:
            self._heights.put(place, self._guess(self._blocks[place]))
            return
        anchor, room = self._anchor(), self.size.height
        grown = self._measure(place)
        if not self._is_following and self._heights.top(place) + self._heights[place] > self.scroll_offset.y + room:
            self._new_lines += max(0, grown)
        self._settle(anchor)
        block, height = self._blocks[place], self._heights[place]
        row, block.changed_row = block.changed_row, height
        # Where it grew, all that is behind it moved.
        self.refresh_lines(self._heights.top(place) + row, max(room, height) if grown else height - row)

    def _changed_all(self) -> None:
        """Take note that any block may be drawn otherwise than before; what is at the top of the view stays there."""
        anchor = self._anchor()
        for place in self._drawn:
            self._blocks[place].forget()
        self._drawn.clear()
        self._guess_heights()
        self._settle(anchor)
        self.refresh()

    def _reveal(self, place: int, row: int = 0, height: int | None = None) -> None:
        """Scroll as little as needed to show some rows of a block; the first wins when they do not all fit."""
        anchor, room = self._anchor(), max(1, self.scrollable_content_region.height)
        self._measure(place)
        self._settle(anchor)
        height = self._heights[place] - row if height is None else height
        top, y = self._heights.top(place) + row, self.scroll_offset.y
        if top < y or (height >= room and top > y):
            self._go(place, row)
        elif top + height > y + room:
            self._go(place, row + height - room)

    def _go(self, place: int, row: int) -> None:
        """Have a row of a block at the top of the view; one before its first is a row of the blocks before."""
        while row < 0 and place:
            place -= 1
            self._measure(place)
            row += self._heights[place]
        self._is_following = False
        self._settle((place, max(0, row)))

    def _rows(self, place: int) -> Sequence[Strip]:
        """Return the rows of a block; those of one far from the view are not kept."""
        block = self._blocks[place]
        rows = block.strips(self._drawn_width, self.look)
        if place not in self._drawn:
            # Rows are made when they are looked at, and of a block that was forgotten none can be made.
            rows = list(rows)
            block.forget()
        return rows

    def _measure(self, place: int) -> int:
        """Draw a block and return by how much it grew."""
        self._drawn[place] = None
        return self._heights.put(place, len(self._blocks[place].strips(self._drawn_width, self.look)))

    def _anchor(self) -> tuple[int, int]:
        return self._heights.find(self.scroll_offset.y)

    def _guess(self, block: Block) -> int:
        from trashclaw.faces.tui.drawing.guessed import guessed_height

        return guessed_height(block.entry, self._drawn_width or 80, is_open=block.is_open, has_gap=block.has_gap)

    def _guess_heights(self) -> None:
        self._heights = Heights(map(self._guess, self._blocks))

    def _settle(self, anchor: tuple[int, int] | None = None) -> None:
        """Draw what is in view and a page around it, and have the anchor at the top, or the end at the bottom."""
        if not self._blocks or self._drawn_width < 1 or self._is_settling:
            return
        room = max(1, self.scrollable_content_region.height)
        is_at_end = self._is_following and not self._holds()
        self._is_settling = True
        try:
            y = self._draw_end(room) if is_at_end else self._draw_at(*(anchor or self._anchor()), room)
            self.set_height(self._heights.total)
            self.scroll_to(y=y, animate=False, force=True)
        finally:
            self._is_settling = False
        self._is_following = self.scroll_offset.y >= self.max_scroll_y
        if self._is_following:
            self._new_lines = 0
        self._tell_follow()

    def _draw_end(self, room: int) -> int:
        first, drawn = len(self._blocks), 0
        while first and drawn < 2 * room:
            first = self._before(first)
            self._measure(first)
            drawn += self._heights[first]
        self._forget_far(first, len(self._blocks))
        return max(0, self._heights.total - room)

    def _draw_at(self, place: int, row: int, room: int) -> int:
        """Draw from a page before a row to a page behind the view, and return the line of the row."""
        self._measure(place)
        row = min(row, max(0, self._heights[place] - 1))
        first, before = place, row
        while first and before < room:
            first = self._before(first)
            self._measure(first)
            before += self._heights[first]
        end, behind = place + 1, self._heights[place] - row
        while end < len(self._blocks) and behind < 2 * room:
            self._measure(end)
            behind += self._heights[end]
            end += 1
        self._forget_far(first, end)
        return self._heights.top(place) + row

    def _before(self, place: int) -> int:
        """Return the place of the block that is seen before another one."""
        return place - 1

    def _forget_far(self, first: int, end: int) -> None:
        if len(self._drawn) <= KEPT + end - first:
            return
        for place in [at for at in self._drawn if not first <= at < end and self._blocks[at].is_done]:
            self._blocks[place].forget()
            del self._drawn[place]
