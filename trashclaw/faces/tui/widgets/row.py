"""Base of the one-row widgets: rows are drawn from values, without children and without layout."""

from __future__ import annotations

from rich.text import Text
from textual.strip import Strip
from textual.widget import Widget

from trashclaw.faces.tui.drawing.lines import strips
from trashclaw.faces.tui.drawing.look import Look, look_of_theme


class Row(Widget):
    """A widget that draws each of its rows on its own."""

    DEFAULT_CSS = """
    Row {
        height: 1;
        background: $background;
        color: $foreground;
    }
    """

    @property
    def look(self) -> Look:
        """The look of the current theme."""
        return look_of_theme(self.app.current_theme, is_ascii=self.app.has_class("-ascii"))

    def row(self, y: int, width: int) -> Text:
        """Return what stands in a row; nothing, unless a subclass says so."""
        return Text()

    def render_line(self, y: int) -> Strip:
        """Return a row as a strip."""
        width = self.content_size.width
        (strip,) = strips([self.row(y, width)], self.look)
        return strip.crop_extend(0, width, self.rich_style).apply_style(self.rich_style)
