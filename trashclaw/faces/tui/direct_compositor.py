"""A compositor that paints what has changed and nothing else.

Textual's own renders, for a few rows of one pane, every widget that overlaps the bounds of all that has changed, each
as a whole, and writes all rows that were asked for. Here each part is rendered by the one widget that is seen there,
and a row that already stands in the terminal as it is, is not written again.

It leans on what `Compositor` keeps to itself: `_dirty_regions`, `_regions_to_spans` and the order of `visible_widgets`,
front first. Its test fails when one of them changes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.control import Control
from textual import events, on
from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import Console
    from textual._compositor import LayoutUpdate
    from textual.strip import Strip
    from textual.widget import Widget


class RowsUpdate(ChopsUpdate):
    """Parts of rows; those that the terminal has already are left out when it is written."""

    def __init__(self, rows: Sequence[tuple[int, int, Strip]], terminal: TerminalRows) -> None:
        super().__init__((), [], [])
        self.rows = rows
        """Column, row and content of each."""

        self._terminal = terminal

    def render_segments(self, console: Console) -> str:
        """Return what to write to the terminal, and take it for written."""
        return "".join(
            f"{Control.move_to(x, y).segment.text}{strip.render(console)}"
            for x, y, strip in self.rows
            if self._terminal.put(x, y, strip)
        )


class TerminalRows:
    """What was written to the terminal last, as far as that is known."""

    def __init__(self) -> None:
        self._rows: dict[int, dict[int, Strip]] = {}
        """By row and first column; strips that are written over in part are not among them."""

    def put(self, x: int, y: int, strip: Strip) -> bool:
        """Note a part of a row, and tell whether it has to be written: whether it is not there already."""
        row = self._rows.setdefault(y, {})
        if row.get(x) is strip:
            return False
        end = x + strip.cell_length
        for first in [first for first, known in row.items() if first < end and first + known.cell_length > x]:
            del row[first]
        row[x] = strip
        return True

    def forget(self) -> None:
        """Take nothing for known: somebody else has written to the terminal, or will."""
        self._rows.clear()


class DirectCompositor(Compositor):
    """Composes a part of the screen from the widgets that are seen there."""

    def __init__(self) -> None:
        super().__init__()
        self.terminal = TerminalRows()

    def render_full_update(self, simplify: bool = False) -> LayoutUpdate:
        """Render everything."""
        self.terminal.forget()
        return super().render_full_update(simplify)

    def render_partial_update(self) -> RowsUpdate | None:
        """Render what has changed."""
        regions = [part for dirty in self._dirty_regions if (part := dirty.intersection(self.size.region))]
        self._dirty_regions.clear()
        if not regions:
            return None
        seen: dict[Widget, tuple[Region, list[Region]]] = {}
        for whole in _rectangles(self._regions_to_spans(regions)):
            for widget, region, part in self._seen(whole):
                seen.setdefault(widget, (region, []))[1].append(part)
        rows = [
            row
            for widget, (region, parts) in seen.items()
            for part in _joined(parts)
            for row in _rendered(widget, region, part)
        ]
        return RowsUpdate(rows, self.terminal)

    def _seen(self, whole: Region) -> Iterator[tuple[Widget, Region, Region]]:
        """Return who is seen in a part of the screen: each widget, its region, and which part it fills."""
        left = [whole]
        for widget, (region, clip) in self.visible_widgets.items():
            seen = region.intersection(clip)
            behind: list[Region] = []
            for part in left:
                if inside := seen.intersection(part):
                    yield widget, region, inside
                    behind += _around(part, inside)
                else:
                    behind.append(part)
            left = behind
            if not left:
                return


class DirectScreen(Screen[ScreenResultType]):
    """A screen that is painted by a direct compositor."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor: DirectCompositor = DirectCompositor()

    @on(events.ScreenSuspend)
    @on(events.ScreenResume)
    def _forget_terminal(self) -> None:
        self._compositor.terminal.forget()


def _rendered(widget: Widget, region: Region, part: Region) -> Iterator[tuple[int, int, Strip]]:
    strips = widget.render_lines(part.translate(-region.offset))
    return ((part.x, y, strip) for y, strip in zip(part.line_range, strips, strict=False))


def _rectangles(spans: Iterable[tuple[int, int, int]]) -> Iterator[Region]:
    """Return spans (row, first column, column behind the last) with those below each other put together."""
    open_at: dict[tuple[int, int], tuple[int, int]] = {}
    for y, first, end in spans:
        top, bottom = open_at.get((first, end), (y, y))
        if bottom < y:
            yield Region(first, top, end - first, bottom - top)
            top = y
        open_at[first, end] = (top, y + 1)
    for (first, end), (top, bottom) in open_at.items():
        yield Region(first, top, end - first, bottom - top)


def _joined(parts: Iterable[Region]) -> Iterator[Region]:
    """Return parts with those right below each other put together: a widget has something to look up for each."""
    open_part: Region | None = None
    for part in sorted(parts, key=lambda part: (part.x, part.right, part.y)):
        if open_part is not None and part.column_span == open_part.column_span and part.y == open_part.bottom:
            open_part = open_part.union(part)
            continue
        if open_part is not None:
            yield open_part
        open_part = part
    if open_part is not None:
        yield open_part


def _around(whole: Region, inside: Region) -> Iterator[Region]:
    """Return what is left of a region around a part of it."""
    if inside.y > whole.y:
        yield Region(whole.x, whole.y, whole.width, inside.y - whole.y)
    if inside.bottom < whole.bottom:
        yield Region(whole.x, inside.bottom, whole.width, whole.bottom - inside.bottom)
    if inside.x > whole.x:
        yield Region(whole.x, inside.y, inside.x - whole.x, inside.height)
    if inside.right < whole.right:
        yield Region(inside.right, inside.y, whole.right - inside.right, inside.height)
