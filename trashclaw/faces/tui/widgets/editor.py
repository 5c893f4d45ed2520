"""The editor under the prompt: a text area whose every change can be undone, with folded pastes and marked mentions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.strip import Strip
from textual.widgets import TextArea

from trashclaw.faces.tui.drawing.look import Look, look_of_theme
from trashclaw.faces.tui.widgets.pastes import Pastes
from trashclaw.faces.visible import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rich.text import Text
    from textual.document._document import Location, Selection

UNDO_STEPS = 300
MARKED_LINE_CHARS = 5_000
"""In a longer line mentions are not looked for: it is drawn at every key."""


class Editor(TextArea):
    """Holds a draft. It knows nothing of turns and queues."""

    _whole: str | None = None
    _marked: tuple[Location, Selection] | None = None

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(
            id=widget_id,
            soft_wrap=True,
            show_line_numbers=False,
            highlight_cursor_line=False,
            compact=True,
            tab_behavior="focus",
            max_checkpoints=UNDO_STEPS,
        )
        self.cursor_blink = False
        self.pastes = Pastes()
        self.dropped: Callable[[str], str | None] | None = None
        """Returns mentions for a text that a terminal pasted for dropped files; `None` for other texts."""

        self._line_counts: Mapping[str, int | None] = {}

    @property
    def text(self) -> str:
        """What stands here; joined once a change, as every drawn row asks for it."""
        if self._whole is None:
            self._whole = self.document.text
        return self._whole

    @text.setter
    def text(self, value: str) -> None:
        self.load_text(value)

    @property
    def look(self) -> Look:
        """The look of the current theme."""
        return look_of_theme(self.app.current_theme, is_ascii=self.app.has_class("-ascii"))

    @property
    def whole_text(self) -> str:
        """What stands here, with its pastes whole."""
        return self.pastes.expand(self.text)

    def set_text(self, text: str, cursor: Location | None = None) -> None:
        """Put a text in the place of all that stands here, as one step that can be undone; the cursor at its end."""
        if text != self.text:
            self.history.checkpoint()
            self.replace(text, (0, 0), self.document.end, maintain_selection_offset=False)
            self.history.checkpoint()
        self.move_cursor(self.document.end if cursor is None else cursor)

    def mark_mentions(self, line_counts: Mapping[str, int | None]) -> None:
        """Show which mentions name nothing: by path, the lines of a file, `None` where there is none."""
        self._line_counts = dict(line_counts)
        self._line_cache.clear()
        self.refresh()

    def unfold(self) -> bool:
        """Put the folded paste at the cursor back as text; tell whether there was one."""
        place = self._paste_at(is_end_only=False)
        if place is None:
            return False
        start, end = place
        whole = self.pastes.whole(self.get_text_range(start, end))
        if whole is None:
            return False
        self.history.checkpoint()
        self.replace(visible(whole, keep_tabs=True), start, end, maintain_selection_offset=False)
        return True

    def mark_cell(self, location: Location) -> None:
        """Draw the cursor on a character of the selection instead of at its end, until there is another selection."""
        self._marked = (location, self.selection)
        self._line_cache.clear()
        self.refresh()

    def action_delete_left(self) -> None:
        """Delete to the left: the selection, a folded paste whole, or a character."""
        place = self._paste_at(is_end_only=True) if self.selection.is_empty else None
        if place is None:
            super().action_delete_left()
        else:
            self.delete(*place)

    def action_cursor_right(self, select: bool = False) -> None:
        """Go right; what is told behind the cursor is a hint, and no text to take over."""
        hint, self.suggestion = self.suggestion, ""
        super().action_cursor_right(select)
        self.suggestion = hint

    def find_matching_bracket(self, bracket: str, search_from: Location) -> Location | None:
        """Look for none: it would read the whole draft whenever the cursor moves."""
        return None

    def get_line(self, line_index: int) -> Text:
        """Return a line with its folded pastes and mentions marked."""
        line = super().get_line(line_index)
        for start, end in self.pastes.places(line.plain):
            line.stylize(self.look.accent, start, end)
        if "@" in line.plain and len(line.plain) <= MARKED_LINE_CHARS:
            for start, end, style in self._mention_styles(line.plain):
                line.stylize(style, start, end)
        return line

    @property
    def _draw_cursor(self) -> bool:
        return self._marked_cell is None and super()._draw_cursor

    @property
    def _marked_cell(self) -> Location | None:
        if self._marked is None or self._marked[1] != self.selection:
            return None
        return self._marked[0]

    def _render_line(self, y: int) -> Strip:
        strip = super()._render_line(y)
        cell = self._marked_cell
        if cell is None or not self.has_focus or cell[0] >= self.document.line_count:
            return strip
        row, column = cell
        x, line = self.wrapped_document.location_to_offset(cell)
        if line != y + self.scroll_offset.y:
            return strip
        character = self.document.get_line(row)[column : column + 1] or " "
        end = x + max(1, cell_len(character))
        style = self.get_component_rich_style("text-area--cursor")
        # An empty line that is selected has a sign of its own there, which is none of the text.
        shown = [Segment(" ", style)] if character == " " else list(strip.crop(x, end))
        marked = Strip([Segment(part.text, (part.style or Style()) + style) for part in shown])
        return Strip.join([strip.crop(0, x), marked, strip.crop(end, strip.cell_length)])

    async def _on_paste(self, event: events.Paste) -> None:
        """Take a paste: folded when it is large, and never with characters that steer a terminal."""
        event.stop()
        event.prevent_default()
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        mentions = self.dropped(text) if self.dropped is not None else None
        shown = f"{mentions} " if mentions else self.pastes.fold(text) or visible(text, keep_tabs=True)
        self.history.checkpoint()
        self.replace(shown, *self.selection, maintain_selection_offset=False)

    def _recompute_cursor_offset(self) -> None:
        """Leave it for later while the cursor is behind the text: undo draws the scroll bar before it moves it."""
        if self.cursor_location[0] < self.document.line_count:
            self._cursor_offset = self.wrapped_document.location_to_offset(self.cursor_location)

    def _build_highlight_map(self) -> None:
        self._whole = None
        super()._build_highlight_map()

    def _mention_styles(self, line: str) -> list[tuple[int, int, Style]]:
        from trashclaw.session.mentions import place_mentions

        found: list[tuple[int, int, Style]] = []
        for mention, start, end in place_mentions(line):
            if mention.path in self._line_counts:
                is_missing = self._line_counts[mention.path] is None
                style = self.look.warning + Style(underline=True) if is_missing else self.look.primary
                found.append((start, end, style))
        return found

    def _paste_at(self, *, is_end_only: bool) -> tuple[Location, Location] | None:
        row, column = self.cursor_location
        for start, end in self.pastes.places(self.document.get_line(row)):
            if column == end or (not is_end_only and start <= column < end):
                return (row, start), (row, end)
        return None
