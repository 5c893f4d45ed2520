"""The end of what is still being written, and a notice below it; as high as it needs to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.strip import Strip
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.geometry import Size


class LivePane(Widget):
    """Shows the last lines of those that it is given."""

    DEFAULT_CSS = """
    LivePane {
        height: auto;
        background: $background;
        color: $foreground;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(id=widget_id)
        self.limit = 10
        self._lines: Sequence[Strip] = ()
        self._notice: Sequence[Strip] = ()
        self._shown: Sequence[Strip] = ()

    def show(self, lines: Sequence[Strip]) -> None:
        """Show the end of these lines."""
        self._lines = lines
        self._place()

    def tell(self, lines: Sequence[Strip]) -> None:
        """Show a notice; no lines take it away."""
        self._notice = lines
        self._place()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows there are to show."""
        return len(self._shown)

    def render_line(self, y: int) -> Strip:
        """Return a row as a strip."""
        width = self.content_size.width
        strip = self._shown[y] if y < len(self._shown) else Strip.blank(width)
        return strip.crop_extend(0, width, self.rich_style).apply_style(self.rich_style)

    def _place(self) -> None:
        shown = [*self._lines, *self._notice][-self.limit :]
        is_as_high = len(shown) == len(self._shown)
        self._shown = shown
        self.refresh(layout=not is_as_high)
