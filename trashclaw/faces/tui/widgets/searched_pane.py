"""A pane of blocks that can be searched: a line at its bottom edge takes the words, and what is found is lit."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.content import Content
from textual.strip import Strip

from trashclaw.faces.tui.drawing.copied import said_in
from trashclaw.faces.tui.keymap import hint, hints, keys_of
from trashclaw.faces.tui.widgets.block_pane import BlockPane
from trashclaw.faces.tui.widgets.bound_keys import do_bound_key
from trashclaw.faces.visible import visible_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from textual import events
    from textual.worker import Worker

    from trashclaw.faces.tui.finding import Finds

_GROUP = "search"
_FOUND = Style(bold=True, underline=True)
_NOW = Style(bold=True, reverse=True)
MAX_WORDS = 200
"""Characters that are looked for."""


class SearchedPane(BlockPane):
    """Adds the search to a pane of blocks.

    While words are typed, the first find from the top of the view on is shown; other keys go on
    and back, and one ends it and leaves the view there; `n` and `N` go on with the same words later.
    """

    ACTIONS_OF: ClassVar[str] = "transcript"
    """What the ids of its actions begin with."""

    DEFAULT_CSS = """
    SearchedPane.-searching {
        border-subtitle-color: $foreground;
    }
    """

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._words = ""
        self._is_typing = False
        self._finds: Finds | None = None
        self._search: Worker[None] | None = None
        self._found_at: tuple[int, int] | None = None
        """The current find: the place of its block, and which one in it."""

        self._shown_foot = Content("")
        self._began_at = (0, 0)
        """Where the view was when the search began: the place of a block, and a row of it."""

        self._lights: dict[int, tuple[Sequence[Strip], list[Mapping[int, tuple[int, int]]]]] = {}
        """Where the finds stand in drawn blocks, by place, with the rows that this holds for."""

    @property
    def is_searching(self) -> bool:
        """Whether words are being typed."""
        return self._is_typing

    def action_search(self) -> None:
        """Open the line that takes the words to look for."""
        self._is_typing, self._words = True, ""
        self._began_at = self._anchor() if self._blocks else (0, 0)
        self._end_finds()
        self._show_foot()

    def action_next_find(self, step: int) -> None:
        """Go on to the next find, or back to the one before; `step` is 1 or -1."""
        if self._finds is None and self._words:
            self._began_at = self._anchor() if self._blocks else (0, 0)
            self._look_for(self._words)
        elif self._finds is not None:
            at = self._first_find(self._finds) if self._found_at is None else None
            self._go_to_find(at or self._finds.step(self._found_at or (self._began_at[0], -1), step))

    def end_search(self) -> bool:
        """Close the line and put the lights out; tell whether there was anything to end."""
        was_on = self._is_typing or self._finds is not None
        self._is_typing = False
        self._end_finds()
        if was_on:
            self._show_foot()
        return was_on

    def watch_has_focus(self, has_focus: bool) -> None:
        """Close the line when keys go elsewhere."""
        super().watch_has_focus(has_focus)
        self._is_typing = self._is_typing and has_focus
        self._show_foot()

    async def _on_key(self, event: events.Key) -> None:
        """Take what is typed while the line is open, and do at once what keys mean: letters may follow in a burst."""
        is_done = (event.key in keys_of("field.leave") and self.end_search()) or (
            self._is_typing and self._take_key(event)
        )
        if is_done or (not self._is_typing and await do_bound_key(self, event.key)):
            event.stop()
            event.prevent_default()

    def _on_paste(self, event: events.Paste) -> None:
        if self._is_typing:
            event.stop()
            event.prevent_default()
            self._look_for(self._words + visible_line(event.text.strip()))

    def _take_key(self, event: events.Key) -> bool:
        """Do what a key means in the line; tell whether it means anything."""
        if event.key in keys_of("field.next"):
            self.action_next_find(1)
        elif event.key in keys_of("field.previous"):
            self.action_next_find(-1)
        elif event.key == "backspace":
            self._look_for(self._words[:-1])
        elif event.key == "ctrl+w":
            self._look_for(self._words.rstrip().rpartition(" ")[0])
        elif event.key == "ctrl+u":
            self._look_for("")
        elif event.is_printable and event.character is not None:
            self._look_for(self._words + event.character)
        else:
            return False
        return True

    def _look_for(self, words: str) -> None:
        """Look for other words, from where the search began."""
        from trashclaw.faces.tui.finding import Finds, find_all, pattern_of

        self._words = words[:MAX_WORDS]
        pattern = pattern_of(self._words)
        self._end_finds()
        if pattern is not None:
            finds = self._finds = Finds(pattern)
            begin = self._began_at[0]
            order = chain(range(begin, len(self._blocks)), range(begin))

            # A function, not a coroutine: one that is called off before it began would never be awaited.
            async def search() -> None:
                await find_all(finds, order, self._text_of, lambda: self._tell_finds(finds))

            self._search = self.run_worker(search, group=_GROUP, exclusive=True)
        self._show_foot()

    def _text_of(self, place: int) -> str:
        from trashclaw.faces.tui.widgets.block_words import searched_words

        return searched_words(self._blocks[place])

    def _tell_finds(self, finds: Finds) -> None:
        """Show what was found so far, and the first of it."""
        if finds is not self._finds:
            return
        if self._found_at is None:
            self._go_to_find(self._first_find(finds))
        self._show_foot()
        self.refresh()

    def _first_find(self, finds: Finds) -> tuple[int, int] | None:
        """Return the first find from where the view was, else the last one before; `None` while that is not known."""
        place, row = self._began_at
        if finds.count(place):
            lights = self._lights_of(place)
            ahead = (number for number, marks in enumerate(lights) if min(marks, default=0) >= row)
            number = next(ahead, None) if lights else 0
            if number is not None:
                return place, number
        at = finds.nearest(place + 1)
        return at if at is not None and (at[0] > place or finds.is_complete) else None

    def _look_again(self, place: int) -> None:
        """Look through a block that changed."""
        self._lights.pop(place, None)
        if self._finds is not None and self._finds.is_complete:
            self._finds.look(place, self._text_of(place))
            self._show_foot()

    def _end_finds(self) -> None:
        self._finds = self._found_at = None
        self._lights.clear()
        if self._search is not None:
            self._search.cancel()
        self.refresh()

    def _go_to_find(self, at: tuple[int, int] | None) -> None:
        """Open what a find is folded in, and bring it into view."""
        if at is None:
            return
        place, number = self._found_at = at
        if number >= len(self._lights_of(place)):
            self._open(place, is_whole=False)
        if number >= len(self._lights_of(place)):
            self._open(place, is_whole=True)
        lights = self._lights_of(place)
        row = min(lights[min(number, len(lights) - 1)], default=0) if lights else 0
        top, room = self._heights.top(place) + row, max(1, self.scrollable_content_region.height)
        if not self.scroll_offset.y <= top < self.scroll_offset.y + room - 1:
            self._go(place, row - room // 3)
        self._found(place)
        self._show_foot()
        self.refresh()

    def _open(self, place: int, *, is_whole: bool) -> None:
        block = self._blocks[place]
        block.is_unfolded = True if block.can_fold else block.is_unfolded
        block.is_whole = block.is_whole or is_whole
        block.forget()
        self._lights.pop(place, None)
        self._changed(place)

    def _found(self, place: int) -> None:
        """Take note that a find in a block is shown; nothing, unless a subclass says so."""

    def _lights_of(self, place: int) -> list[Mapping[int, tuple[int, int]]]:
        """Return where the finds stand in the drawn rows of a block."""
        rows = self._rows(place)
        known = self._lights.get(place)
        if self._finds is None:
            return []
        if known is None or known[0] is not rows:
            said = said_in(rows)
            found = [said.marks(*match.span()) for match in self._finds.pattern.finditer(said.text)]
            known = self._lights[place] = (rows, [dict(marks) for marks in found])
        return known[1]

    def _lit(self, strip: Strip, place: int, row: int) -> Strip:
        if self._finds is None or not self._finds.count(place):
            return strip
        for number, marks in enumerate(self._lights_of(place)):
            if row in marks:
                is_current = (place, number) == self._found_at
                style = self.look.warning + (_NOW if is_current else _FOUND)
                first, end = (strip.index_to_cell_position(at) for at in marks[row])
                parts = strip.crop(0, first), strip.crop(first, end), strip.crop(end, strip.cell_length)
                lit = Strip([Segment(part.text, (part.style or style) + style) for part in parts[1]])
                strip = Strip.join([parts[0], lit, parts[2]])
        return strip

    def _tell_follow(self) -> None:
        self._show_foot()

    def _show_foot(self) -> None:
        """Show the search at the bottom edge while there is one, else what the pane has to say there."""
        foot = self._search_words() if self._is_typing or self._finds is not None else self._foot()
        if foot != self._shown_foot:
            self._shown_foot = foot
            self.set_class(self._is_typing, "-searching")
            self.border_subtitle = foot

    def _foot(self) -> Content:
        """Return what stands at the bottom edge when nothing is searched."""
        return Content("")

    def _search_words(self) -> Content:
        finds, room = self._finds, max(8, self.size.width - 40)
        if finds is None:
            count = hint("field.leave", "closes")
        elif not finds.total:
            count = "not found" if finds.is_complete else "looking"
        else:
            rank = f"{finds.rank(self._found_at):,} of " if self._found_at is not None else ""
            count = f"{rank}{finds.total:,}" + ("" if finds.is_complete else " so far")
        words = visible_line(self._words)[-room:]
        cursor = Content(" ").stylize("reverse") if self._is_typing else Content("")
        of = "field" if self._is_typing else self.ACTIONS_OF
        ends = () if self._is_typing else (("field.leave", "ends"),)
        keys = hints((f"{of}.next", "next"), (f"{of}.previous", "back"), *ends)
        tail = f"   {count}" + (f"   {keys}" if finds is not None and finds.total else "")
        return Content.assemble(Content(f"/ {words}"), cursor, Content(tail))
