"""The scroll bar of a pane: of one that moves, only the rows that look different are drawn again."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Self

from rich.style import Style
from textual.geometry import Region
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.segment import Segment
    from textual.filter import LineFilter

Picture = tuple[int, int]
"""Begin and end of a grip, in parts of a cell; (0, 0) is none."""

_STEPS = 8
"""Parts of a cell that a scroll bar moves by."""


def bar_changes(room: int, before: Picture, after: Picture) -> list[tuple[int, int]]:
    """Return the rows (first, behind the last) in which one picture of a scroll bar differs from another."""
    if before == after:
        return []
    if (0, 0) in (before, after):
        return [(0, room)]
    changed = [sorted(ends) for ends in zip(before, after, strict=True) if ends[0] != ends[1]]
    return [(first // _STEPS, min(room, ceil(last / _STEPS))) for first, last in changed]


def bar_picture(room: int, height: int, view: int, position: float) -> Picture:
    """Return the picture of a scroll bar of so many rows, for a view of some lines in a height of more."""
    if not room or height <= view or height == room:
        return (0, 0)
    grip = max(1.0, view * room / height)
    start = int((room - grip) * position / (height - view) * _STEPS)
    return start, start + ceil(grip * _STEPS)


class PaneBar(ScrollBar):
    """A scroll bar as Textual draws it, whose cells are kept: it moves at every line while an answer comes in."""

    def __init__(self) -> None:
        self._known: tuple[int, Picture] | None = None
        """Rows of the bar, and the picture that is drawn or about to be."""

        super().__init__(vertical=True, name="vertical", thickness=1)
        self._cells: dict[Segment, Strip] = {}
        self._colours: tuple[object, tuple[LineFilter, ...]] = (None, ())

    def move(self, *, height: int | None = None, position: float | None = None) -> None:
        """Show another height or position, both in lines."""
        if height is not None:
            self.set_reactive(ScrollBar.window_virtual_size, height)
        if position is not None:
            self.set_reactive(ScrollBar.position, self.validate_position(position))
        room, known = self.size.height, self._known
        picture = bar_picture(room, self.window_virtual_size, self.window_size, self.position)
        if known is None or known[0] != room:
            self.refresh()
        elif rows := bar_changes(room, known[1], picture):
            self.refresh(*[Region(0, first, self.size.width, end - first) for first, end in rows])
        self._known = (room, picture)

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Draw again; when all of it is, it is drawn as it is then, which is not known here."""
        if not regions:
            self._known = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render rows of the bar, those that look the same as the same strip."""
        drawn = self.render()
        style = self.app.console.get_style(drawn.style) if isinstance(drawn, ScrollBarRender) else Style()
        if not isinstance(drawn, ScrollBarRender) or style.color is None or style.bgcolor is None:
            return super().render_lines(crop)
        filters = tuple(self.get_line_filters())
        if (style, filters) != self._colours:
            self._cells, self._colours = {}, (style, filters)
        cells = drawn.render_bar(
            size=self.size.height,
            virtual_size=drawn.virtual_size,
            window_size=drawn.window_size,
            position=drawn.position,
            back_color=style.bgcolor,
            bar_color=style.color,
        ).segments
        return [self._cell(cell) for cell in list(cells)[crop.y : crop.bottom]]

    def _cell(self, cell: Segment) -> Strip:
        strip = self._cells.get(cell)
        if strip is None:
            strip = Strip([cell], 1)
            for line_filter in self._colours[1]:
                strip = strip.apply_filter(line_filter, self.background_colors[1])
            self._cells[cell] = strip
        return strip
