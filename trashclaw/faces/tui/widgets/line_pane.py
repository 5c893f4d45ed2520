"""A pane of lines: scrolls and selects rendered strips, one line at a time, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from trashclaw.faces.tui.drawing.lines import plain, strips, wrap
from trashclaw.faces.tui.drawing.look import Look, look_of_theme
from trashclaw.faces.tui.widgets.framed_rows import FramedRows
from trashclaw.faces.tui.widgets.scrolled_pane import ScrolledPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text
    from textual import events
    from textual.geometry import Region
    from textual.selection import Selection


_GAP = 1
"""Cells that stay free between a line and the scroll bar."""


class LinePane(ScrolledPane):
    """Base of the panes: a subclass says what its lines are at a width, and when to draw them anew."""

    DEFAULT_CSS = """
    LinePane {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        scrollbar-size-horizontal: 0;
        padding: 0 0 0 1;
    }
    """
    ALLOW_SELECT = True
    EMPTY: ClassVar[str] = ""
    """What the pane is for and what fills it, shown while it has nothing else."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._strips: list[Strip] = []
        self._look: Look | None = None
        self._base = Style()
        self._top = self._row_width = 0
        self._framed = FramedRows()

    @property
    def look(self) -> Look:
        """The look of the current theme."""
        if self._look is None:
            self._look = self._current_look()
        return self._look

    def _current_look(self) -> Look:
        return look_of_theme(self.app.current_theme, is_ascii=self.app.has_class("-ascii"))

    @property
    def line_width(self) -> int:
        """Cells that a line may fill; 0 while the pane is hidden."""
        return max(0, self.scrollable_content_region.width - _GAP)

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return len(self._strips)

    def lines(self, width: int) -> Sequence[Text]:
        """Return the lines of the pane at a width in cells; an empty pane says what it is for."""
        return ()

    def empty(self) -> str:
        """Return what stands there while there are no lines."""
        return self.EMPTY

    def reload(self) -> None:
        """Draw all lines anew, unless nobody can see them."""
        width = self.line_width
        self._drawn_width = width
        if width < 1:
            return
        lines = list(self.lines(width))
        if not lines and (empty := self.empty()):
            lines = wrap(plain(empty, self.look.muted), width, self.look)
        self._strips = strips(lines, self.look)
        self.virtual_size = Size(width, len(self._strips))
        self.refresh()

    def put_line(self, place: int, line: Text) -> None:
        """Replace one drawn line, or add it at the end."""
        (strip,) = strips([line], self.look)
        if place < len(self._strips):
            self._strips[place] = strip
        else:
            self._strips.append(strip)
            self.set_height(len(self._strips))
        self.refresh_lines(place)

    def on_resize(self) -> None:
        """Draw anew when the width changed; keep in view what has to stay there."""
        if self.line_width != self._drawn_width:
            self.reload()
        self.keep_in_view()

    def keep_in_view(self) -> None:
        """Scroll to what has to stay in view when the room changes; nothing, unless a subclass says so."""

    def notify_style_update(self) -> None:
        """Draw anew when the theme changed."""
        super().notify_style_update()
        if self._look is None:
            return
        look = self._current_look()
        if look is not self._look:
            self._look = look
            self.call_later(self.redraw)

    def redraw(self) -> None:
        """Draw everything anew in a new look."""
        self.reload()

    def strip_at(self, line: int) -> Strip | None:
        """Return a line's strip, or `None` beyond the end."""
        return self._strips[line] if line < len(self._strips) else None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render rows, with the pane's own style looked up once for all of them, and those drawn before as they are."""
        self._framed.begin(self, super().render_lines)
        self._begin_rows()
        return self._framed.rows(crop, self._row_at)

    def _begin_rows(self) -> None:
        """Look up what is the same for all rows that are drawn now."""
        self._base = self.rich_style
        self._top, self._row_width = self.scroll_offset.y, self.scrollable_content_region.width

    def render_line(self, y: int) -> Strip:
        """Return what stands in a row of the pane, with the places of its characters; the mouse goes by them."""
        self._begin_rows()
        line = self._top + y
        return self._row_at(y) if self.strip_at(line) is None else self._row_at(y).apply_offsets(0, line)

    def _row_at(self, y: int) -> Strip:
        """Return what stands in a row; `_begin_rows` comes first."""
        line, width = self._top + y, self._row_width
        strip = self.strip_at(line)
        if strip is None:
            return Strip.blank(width, self._base)
        selection = self.text_selection
        if selection is not None and (span := selection.get_span(line)) is not None:
            strip = self._marked(strip, *span)
        return strip.crop_extend(0, width, self._base).apply_style(self._base)

    def _marked(self, strip: Strip, start: int, end: int) -> Strip:
        text = strip.text
        first = strip.index_to_cell_position(min(start, len(text)))
        last = strip.cell_length if end < 0 else strip.index_to_cell_position(min(end, len(text)))
        if last <= first:
            return strip
        before, inside, after = strip.crop(0, first), strip.crop(first, last), strip.crop(last, strip.cell_length)
        style = self.screen.get_component_rich_style("screen--selection")
        over = [(segment.text, (segment.style or style) + style) for segment in inside]
        return Strip.join([before, Strip([Segment(*part) for part in over]), after])

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, without what only fills a line."""
        found: list[str] = []
        first = 0 if selection.start is None else max(0, selection.start.y)
        end = self.line_count if selection.end is None else min(self.line_count, selection.end.y + 1)
        for line in range(first, end):
            strip, span = self.strip_at(line), selection.get_span(line)
            if strip is not None and span is not None:
                start, end = span
                found.append((strip.text[start:] if end < 0 else strip.text[start:end]).rstrip())
        return ("\n".join(found), "\n") if found else None

    def selection_updated(self, selection: Selection | None) -> None:
        """Show the selection."""
        self.refresh()

    def line_under(self, event: events.MouseEvent) -> int | None:
        """Return the line under the mouse."""
        offset = event.get_content_offset(self)
        return None if offset is None else self.scroll_offset.y + offset.y

    def reveal(self, first: int, height: int = 1) -> None:
        """Scroll as little as needed to show some lines; the first wins when they do not all fit."""
        top, room = self.scroll_offset.y, self.scrollable_content_region.height
        if first < top:
            self.scroll_to(y=first, animate=False, force=True)
        elif first + height > top + room:
            self.scroll_to(y=min(first, first + height - room), animate=False, force=True)


class FramedPane(LinePane):
    """A pane with a frame and a title, which is a name and a figure; only the focused one takes the accent."""

    NAME: ClassVar[str] = ""

    DEFAULT_CSS = """
    FramedPane {
        border: round $line;
        border-title-color: $muted;
        border-subtitle-color: $muted;
        border-title-align: left;
    }
    FramedPane:focus {
        border: round $accent;
        border-title-color: $foreground;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._is_named = True
        self._figure = ""
        self._show_title()

    def show_name(self, *, is_named: bool) -> None:
        """Have the name in the title, or leave it out because it stands elsewhere already."""
        self._is_named = is_named
        self._show_title()

    def show_figure(self, figure: str) -> None:
        """Have a figure in the title; an empty one takes it away."""
        self._figure = figure
        self._show_title()

    def _show_title(self) -> None:
        parts = (self.NAME if self._is_named else "", self._figure)
        self.border_title = "  ".join(part for part in parts if part)
