"""A pane of blocks as it is seen: its rows with the cursor and what is lit, and what a selection of them says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.selection import Selection
from textual.strip import Strip

from trashclaw.faces.tui.drawing.copied import Spot, said_in
from trashclaw.faces.tui.widgets.laid_out_pane import LaidOutPane
from trashclaw.faces.tui.widgets.row_keys import is_key, place_of, row_key, span, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events


_KEPT_ROWS = 400


@dataclass(frozen=True, slots=True)
class _Near:
    """The block in which the row stands that was drawn last."""

    place: int
    first: int
    """The line it begins at."""

    rows: Sequence[Strip]


_NOWHERE = _Near(0, 0, ())


class BlockPane(LaidOutPane):
    """Shows the rows of blocks, and copies what they say."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._selected: tuple[Spot, Spot] | None = None
        self._joined: dict[tuple[int, int], tuple[Strip, object, Strip]] = {}
        """Rows with the cell before them, by the identity of the row, which an empty one shares with others, and its
        key; with what else they were made of."""

        self._near = _NOWHERE

    def _begin_rows(self) -> None:
        """Look up what is the same for all rows that are drawn now."""
        super()._begin_rows()
        selection = self.text_selection
        self._selected = self._placed(selection) if selection is not None and self._blocks else None
        self._near = _NOWHERE

    def render_line(self, y: int) -> Strip:
        """Return what stands in a row of the pane, with the places of its characters in the row of its block."""
        self._begin_rows()
        place, row, strip = self._row_of(self._top + y)
        if strip is None:
            return self._row_at(y)
        drawn, key = self._row_at(y), row_key(place, row)
        return Strip.join([part.apply_offsets(0, key) for part in (drawn.crop(0, 1), drawn.crop(1))])

    def _row_at(self, y: int) -> Strip:
        """Return what stands in a row of the pane, behind a cell for the cursor; `_begin_rows` comes first."""
        width = max(0, self._row_width - 1)
        place, row, strip = self._row_of(self._top + y)
        if strip is None:
            return Strip.blank(width + 1, self._base)
        key = row_key(place, row)
        mark, ground = self._mark_of(place, row, self._base)
        strip = self._lit(strip, place, row)
        if self._selected is not None:
            strip = self._marked(strip, *span(*self._selected, key))
        at, state = (id(strip), key), (width, mark, ground)
        known = self._joined.get(at)
        if known is None or known[0] is not strip or known[1] != state:
            if len(self._joined) > _KEPT_ROWS:
                self._joined.clear()
            body = strip.crop_extend(0, width, ground).apply_style(ground)
            joined = Strip.join([Strip([Segment(*mark)], 1), body])
            known = self._joined[at] = (strip, state, joined)
        return known[2]

    def _row_of(self, line: int) -> tuple[int, int, Strip | None]:
        """Return the place of the block that a line is in, its row there, and the row as the block drew it."""
        if not self._blocks or line >= self._heights.total:
            return 0, line, self.strip_at(line)
        near = self._near
        if not near.first <= line < near.first + len(near.rows):
            place, row = self._heights.find(line)
            near = self._near = _Near(place, line - row, self._rows(place))
        row = line - near.first
        return near.place, row, near.rows[row] if row < len(near.rows) else None

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what the selected lines say: no signs, no fill, and no line breaks that only the screen makes."""
        if not self._blocks:
            return super().get_selection(selection)
        first, end = self._placed(selection)
        parts = []
        for place in range(place_of(first), min(place_of(end) + 1, len(self._blocks))):
            said = said_in(self._rows(place))
            parts.append(said.between(within(first, place), within(end, place)))
        return "".join(parts).rstrip("\n"), "\n"

    def line_block(self, event: events.MouseEvent) -> int | None:
        """Return the place of the block under the mouse."""
        line = self.line_under(event)
        return self._heights.find(line)[0] if line is not None and line < self._heights.total else None

    def _placed(self, selection: Selection) -> tuple[Spot, Spot]:
        """Return a selection from (key of a row, character) to before another; what is open ends with the view."""
        bottom = Offset(0, self.scrollable_content_region.height)
        first, end = selection.start or Offset(0, 0), selection.end or bottom
        return self._spot(first), self._spot(end)

    def _spot(self, offset: Offset) -> Spot:
        """Return where an offset of the mouse is; one from the frame has a row of the pane instead of a key."""
        if is_key(offset.y):
            return offset.y, offset.x
        return row_key(*self._heights.find(self.scroll_offset.y + offset.y)), offset.x

    def _mark_of(self, place: int, row: int, base: Style) -> tuple[tuple[str, Style], Style]:
        """Return what stands before a row, with its style, and the ground of the row."""
        return (" ", base), base

    def _lit(self, strip: Strip, place: int, row: int) -> Strip:
        """Return a row with what was searched for lit; nothing is, unless a subclass says so."""
        return strip
