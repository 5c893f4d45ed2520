"""The rows of a pane within its frame, kept: a row that was drawn before costs nothing, wherever it stands now.

Textual keeps rows by their place on the screen, so that all of them are made anew when a pane is scrolled, which is at
every word while an answer comes in. These are kept by what stands in them; and since strips keep what was made of them
(parts, and the characters for the terminal), a row is only looked up on its way to the screen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.color import Color
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.filter import LineFilter
    from textual.widget import Widget

_KEPT = 512
"""Rows; those that were not looked at in the last round go first."""


class FramedRows:
    """Puts what stands in a row between the sides of the frame. One for a widget whose frame and padding are plain."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Strip, Strip]] = {}
        """By identity, which is unique as long as the content is kept beside the row."""

        self._seen: dict[int, tuple[Strip, Strip]] = {}
        self._state: object = None
        self._draw: Callable[[Region], list[Strip]] = lambda _: []
        self._content = Region()
        self._width = 0
        self._sides: tuple[Strip, Strip] | None = None
        self._filters: Sequence[LineFilter] = ()
        self._background = Color(0, 0, 0)
        self._fill = Style()

    def begin(self, widget: Widget, draw: Callable[[Region], list[Strip]]) -> None:
        """Prepare for rows of a widget as it is now; `draw` renders a part of it in Textual's own way."""
        styles, size = widget.styles, widget.outer_size
        self._draw, self._width = draw, size.width
        self._content = widget.content_region.translate(-widget.region.offset)
        self._filters, self._background = widget.get_line_filters(), widget.background_colors[1]
        self._fill = widget.rich_style
        effects = (widget.opacity, styles.text_opacity, styles.tint, styles.hatch)
        frame = (size, self._content, styles.border, styles.outline)
        state = (frame, effects, self._fill, self._background, tuple(self._filters))
        if state != self._state:
            self._state, self._sides = state, None
            self._kept.clear()

    def rows(self, crop: Region, content: Callable[[int], Strip]) -> list[Strip]:
        """Return the rows of a part; `content` gives what stands in a row, the same strip while it looks the same."""
        inside = range(self._content.y, self._content.bottom)
        rows = [
            self._row(y, content(y - inside.start)) if y in inside else self._draw(Region(0, y, self._width, 1))[0]
            for y in crop.line_range
        ]
        if len(self._kept) > _KEPT:
            self._kept = self._seen
        self._seen = {}
        return rows if crop.column_span == (0, self._width) else [row.crop(*crop.column_span) for row in rows]

    def _row(self, y: int, content: Strip) -> Strip:
        known = self._kept.get(id(content))
        if known is None:
            if self._sides is None:
                whole = self._draw(Region(0, y, self._width, 1))[0]
                self._sides = whole.crop(0, self._content.x), whole.crop(self._content.right, self._width)
            left, right = self._sides
            shown = content.adjust_cell_length(self._content.width, self._fill)
            for line_filter in self._filters:
                shown = shown.apply_filter(line_filter, self._background)
            known = (content, Strip.join([left, shown, right]))
            self._kept[id(content)] = known
        self._seen[id(content)] = known
        return known[1]
