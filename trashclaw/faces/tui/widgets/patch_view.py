"""The view of a patch: below the words of its request, rows that are drawn when they come into sight."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from rich.text import Text
from textual.geometry import Size
from textual.message import Message

from trashclaw.faces.tui.drawing.lines import plain, strips, wrap
from trashclaw.faces.tui.review import Review
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from textual import events
    from textual.strip import Strip

    from trashclaw.faces.tui.drawing.sheet import FileSheet, Sheet

_KEPT_PIECES = 256
"""Drawn pieces that are kept; a screen shows some dozens."""


class PatchView(LinePane):
    """Draws a review. Whoever changes it calls `reload` for another patch, `repaint` for other switches."""

    class HeadClicked(Message):
        """A hunk's head was clicked; it is the current one now."""

    def __init__(self, empty: str = "", *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self.review = Review()
        self.is_split = False
        self._empty = empty
        self._sheet: Sheet | None = None
        self._drawn: OrderedDict[tuple[int, int, bool, bool], list[Strip]] = OrderedDict()
        self._made_for: tuple[object, ...] = ()
        """The width and the look of the sheet, and its kind."""

        self._room = 0
        """Rows of the pane when it was last drawn."""

    @property
    def line_count(self) -> int:
        """Number of rows."""
        return len(self._strips) + (self._sheet.height if self._sheet is not None else 0)

    @property
    def is_drawn_split(self) -> bool:
        """Whether there are two columns now."""
        return self._sheet is not None and self._sheet.is_split

    def reload(self) -> None:
        """Lay everything out anew, unless nobody can see it."""
        width = self.line_width
        self._drawn_width = width
        if width < 1:
            return
        self._strips = strips(self._head(width), self.look)
        self._sheet = self._lay_out(width)
        self.virtual_size = Size(width, self.line_count)
        self.refresh()

    def repaint(self) -> None:
        """Draw again what is in sight: a hunk was switched, or another one is current, or accepting reaches further."""
        if self._drawn_width < 1:
            return
        head = strips(self._head(self._drawn_width), self.look)
        if len(head) != len(self._strips):
            self._strips = head
            self.virtual_size = Size(self._drawn_width, self.line_count)
        self._strips = head
        self.refresh()

    def reveal_current(self) -> None:
        """Scroll to the current hunk."""
        start, first = self._start_of_current(), self._first_of_current()
        if start is not None and first is not None:
            self.reveal(first, start - first + self.review.switches.height)

    def _first_of_current(self) -> int | None:
        """Return the row that the current hunk is shown from; the first one of a file with the head of the file."""
        start, sheet, switches = self._start_of_current(), self._sheet, self.review.switches
        if start is None or sheet is None:
            return None
        if switches.place == 1 and start + 2 <= self.scrollable_content_region.height:
            return 0
        return len(self._strips) + sheet.start_of_file(switches.file) if switches.is_first_in_file else start

    def keep_in_view(self) -> None:
        """When room is taken away below, scroll by as much, but not past the head of the current hunk."""
        room = self.scrollable_content_region.height
        before, self._room = self._room, room
        if not before or not room or before == room:
            return
        top, head = self.scroll_offset.y, self._first_of_current() or 0
        wanted = top + before - room
        self.scroll_to(y=max(0, min(wanted, head) if head >= top else wanted), animate=False, force=True)

    def strip_at(self, line: int) -> Strip | None:
        """Return a row, drawing the piece that it belongs to if it is not drawn yet."""
        sheet = self._sheet
        if line < len(self._strips):
            return self._strips[line]
        row = line - len(self._strips)
        if sheet is None or row >= sheet.height:
            return None
        file, row = sheet.file_at(row)
        place, offset = sheet.file(file).piece_at(row)
        rows = self._piece(sheet.file(file), file, place)
        return rows[offset] if offset < len(rows) else None

    def on_click(self, event: events.Click) -> None:
        """Make the hunk current whose head was clicked."""
        line = self.line_under(event)
        sheet = self._sheet
        row = -1 if line is None else line - len(self._strips)
        if sheet is None or not self.review.has_hunks or not 0 <= row < sheet.height:
            return
        place, row = sheet.file_at(row)
        file = sheet.file(place)
        hunk = file.pieces[file.piece_at(row)[0]].hunk
        if hunk is not None and file.starts[hunk.hunk_id] == row:
            self.review.switches.select(hunk.hunk_id)
            self.post_message(self.HeadClicked())

    def _head(self, width: int) -> list[Text]:
        """Return what stands above the patch."""
        review = self.review
        if review.request is None:
            return wrap(plain(self._empty, self.look.muted), width, self.look) if review.patch is None else []
        from trashclaw.faces.tui.drawing.request import request_lines

        lines = request_lines(review.request, review.scope, width, self.look)
        if review.is_effect or (review.has_scopes and review.patch is not None):
            lines.append(Text())
        return lines

    def _lay_out(self, width: int) -> Sheet | None:
        if self.review.patch is None:
            return None
        from trashclaw.faces.tui.drawing.sheet import Sheet

        is_switched = self.review.has_hunks
        made = (width, self.look, is_switched, self.is_split)
        sheet = self._sheet
        if sheet is None or sheet.patch is not self.review.patch or made != self._made_for:
            sheet = Sheet(self.review.patch, width, self.look, is_switched=is_switched, is_split=self.is_split)
            self._made_for = made
            self._drawn.clear()
        return sheet

    def _piece(self, sheet: FileSheet, file: int, place: int) -> list[Strip]:
        switches = self.review.switches.drawn() if self.review.has_hunks else None
        hunk = sheet.pieces[place].hunk
        is_on = hunk is None or switches is None or switches.is_on(hunk.hunk_id)
        is_current = hunk is not None and switches is not None and switches.current == hunk.hunk_id
        key = (file, place, is_on, is_current)
        rows = self._drawn.get(key)
        if rows is None:
            rows = self._drawn[key] = strips(sheet.rows(place, switches), self.look)
            if len(self._drawn) > _KEPT_PIECES:
                self._drawn.popitem(last=False)
        else:
            self._drawn.move_to_end(key)
        return rows

    def _start_of_current(self) -> int | None:
        switches = self.review.switches
        if self._sheet is None or switches.current is None:
            return None
        return self._sheet.start_of(switches.file, switches.current) + len(self._strips)
