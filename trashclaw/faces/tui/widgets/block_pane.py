"""A pane of blocks as it is seen: its rows with the cursor and what is lit, and what a selection of them says."""

from __future__ import annotations

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
    from textual import events
    from textual.geometry import Region


_KEPT_ROWS = 400


class BlockPane(LaidOutPane):
    """Shows the rows of blocks, and copies what they say."""

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._selected: tuple[Spot, Spot] | None = None
        self._joined: dict[tuple[int, int], tuple[Strip, object, Strip]] = {}
        """Rows with the cell before them, by the identity of the row, which an empty one shares with others, and its
        key; with what else they were made of."""

    def render_lines(self, crop: Region) -> list[Strip]:
        """Render rows, with what is the same for all of them looked up once."""
        selection = self.text_selection
        self._selected = self._placed(selection) if selection is not None and self._blocks else None
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """Return what stands in a row of the pane, behind a cell for the cursor."""
        line = self.scroll_offset.y + y
        width = max(0, self.scrollable_content_region.width - 1)
        place, row = self._heights.find(line) if self._blocks else (0, line)
        strip = self.strip_at(line)
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
            body = strip.crop_extend(0, width, ground).apply_style(ground).apply_offsets(0, key)
            joined = Strip.join([Strip([Segment(*mark)], 1).apply_offsets(0, key), body])
            known = self._joined[at] = (strip, state, joined)
        return known[2]

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
