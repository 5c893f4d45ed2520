"""The list of sessions: only the rows in view are drawn, so a thousand sessions cost no more than ten."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.message import Message

from trashclaw.faces.tui.drawing.lines import plain, strips, wrap
from trashclaw.faces.tui.drawing.session_line import row_height, row_lines
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text
    from textual import events
    from textual.strip import Strip

    from trashclaw.faces.tui.session_rows import SessionRow


class SessionList(LinePane, can_focus=False):
    """Shows rows, of which one is the current one."""

    DEFAULT_CSS = """
    SessionList {
        background: $surface;
    }
    """

    class Moved(Message):
        """Another row is the current one."""

    class Picked(Message):
        """The current row was clicked once more."""

    def __init__(self, place_of: Callable[[str], str]) -> None:
        """`place_of`: says where a session is open, by its id."""
        super().__init__()
        self._place_of = place_of
        self._rows: Sequence[SessionRow] = ()
        self._ends: list[int] = []
        self._at = 0
        self._empty = ""

    @property
    def current(self) -> SessionRow | None:
        """The current row."""
        return self._rows[self._at] if self._rows else None

    @property
    def rows(self) -> Sequence[SessionRow]:
        """All rows."""
        return self._rows

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return self._ends[-1] if self._ends else len(self._strips)

    def show(self, rows: Sequence[SessionRow], empty: str, wanted: str | None = None) -> None:
        """Show other rows; the session `wanted` becomes the current one, if it is among them, else the first."""
        self._rows, self._empty = rows, empty
        self._ends = list(accumulate(row_height(row) for row in rows))
        ids: list[str | None] = [row.summary.session_id for row in rows]
        self._at = ids.index(wanted) if wanted in ids else 0
        self.reload()
        self.keep_in_view()
        self.post_message(self.Moved())

    def move(self, step: int) -> None:
        """Go some rows down, or up (negative); a single step goes round the ends."""
        if not self._rows:
            return
        last = len(self._rows) - 1
        self._at = (self._at + step) % (last + 1) if abs(step) == 1 else max(0, min(last, self._at + step))
        self.refresh()
        self.keep_in_view()
        self.post_message(self.Moved())

    def lines(self, width: int) -> Sequence[Text]:
        """Return what stands there instead of rows."""
        return wrap(plain(self._empty, self.look.muted), width, self.look)

    def reload(self) -> None:
        """Draw anew, when next looked at."""
        if not self._rows:
            super().reload()
            return
        self._drawn_width = self.line_width
        self._strips = []
        self.virtual_size = Size(max(1, self._drawn_width), self.line_count)
        self.refresh()

    def keep_in_view(self) -> None:
        """Scroll to the current row."""
        if self._rows:
            height = row_height(self._rows[self._at])
            self.reveal(self._ends[self._at] - height, height)

    def strip_at(self, line: int) -> Strip | None:
        """Draw the row that a line belongs to, and return the line."""
        if not self._rows:
            return super().strip_at(line)
        place = bisect_right(self._ends, line)
        if place >= len(self._rows):
            return None
        row = self._rows[place]
        lines = row_lines(
            row,
            self._place_of(row.summary.session_id),
            max(8, self.line_width),
            self.look,
            is_current=place == self._at,
        )
        return strips([lines[line - (self._ends[place] - row_height(row))]], self.look)[0]

    def on_click(self, event: events.Click) -> None:
        """Make the row under the mouse the current one; a click on that takes it."""
        line = self.line_under(event)
        if line is None or not self._rows or line >= self.line_count:
            return
        place = bisect_right(self._ends, line)
        if place == self._at:
            self.post_message(self.Picked())
        else:
            self.move(place - self._at)
