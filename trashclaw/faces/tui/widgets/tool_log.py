"""The tool log: one line for each tool run, in turns; it can be narrowed down, and shows what a command says now."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.lines import plain, strips, wrap
from trashclaw.faces.tui.keymap import Group, bindings, keys_of, sentence
from trashclaw.faces.tui.run_rows import Row, RunRows, Sort
from trashclaw.faces.tui.widgets.line_pane import FramedPane
from trashclaw.faces.tui.widgets.run_words import sort_words

if TYPE_CHECKING:
    from textual import events
    from textual.strip import Strip

    from trashclaw.protocol.events import Channel, FailureRouted
    from trashclaw.protocol.ids import HunkId, ItemId
    from trashclaw.protocol.items import ToolRun
    from trashclaw.session.transcript import Entry

_KEPT_STRIPS = 512
_SOUGHT_CHARS = 80


class ToolLog(FramedPane):
    """Shows the tool runs of the session, the newest in view. A line is drawn when it comes into sight."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.TOOLS)
    NAME: ClassVar[str] = "Tools"
    EMPTY: ClassVar[str] = "Every file the agent reads and every command it runs is listed here."

    def __init__(self, *, widget_id: str | None = None) -> None:
        self._rows = RunRows()
        super().__init__(widget_id=widget_id)
        self._drawn: OrderedDict[tuple[int, bool], Strip] = OrderedDict()
        self._cursor: int | None = None
        """The place of the run under the cursor."""

        self._is_typing = False

    @property
    def count(self) -> int:
        """Number of tool runs."""
        return len(self._rows.runs)

    @property
    def current(self) -> ToolRun | None:
        """The run under the cursor."""
        has_cursor = self._cursor is not None and self._rows.row_of(self._cursor) is not None
        return self._rows.runs[self._cursor] if has_cursor and self._cursor is not None else None

    @property
    def line_count(self) -> int:
        """Number of lines."""
        return self._rows.height or len(self._strips)

    def load(self, entries: Sequence[Entry], failures: Mapping[ItemId, FailureRouted] | None = None) -> None:
        """Show the runs among the entries of another session."""
        self._rows.load(entries, failures or {})
        self._cursor = None
        self.reload()

    def show_entry(self, entry: Entry) -> None:
        """Show a new run, or a newer state of one; other entries only begin a turn."""
        place = self._rows.put(entry)
        if place is not None:
            self._changed([place])

    def tell_failure(self, failure: FailureRouted) -> None:
        """Show how often a run failed, and how its error begins."""
        place = self._rows.tell_failure(failure)
        if place is not None:
            self._changed([place])

    def show_waiting(self, item_ids: Set[ItemId]) -> None:
        """Mark the runs that wait for the person."""
        places = self._rows.show_waiting(item_ids)
        if places:
            self._changed(places)

    def show_reverted(self, reverted: Mapping[ItemId, frozenset[HunkId]]) -> None:
        """Show which hunks that landed were taken out again, by run."""
        places = self._rows.show_reverted(reverted)
        if places:
            self._changed(places)

    def grow(self, item_id: ItemId, channel: Channel, text: str) -> None:
        """Show the last lines of what a command says while it runs."""
        if channel.value == "output" and self._rows.grow(item_id, text):
            self._changed([])

    def reload(self) -> None:
        """Draw anew what is in sight, unless nobody can see it."""
        self._drawn.clear()
        self._drawn_width = self.line_width
        self._show_words()
        if self._drawn_width < 1:
            return
        if not self._rows.height:
            super().reload()
            return
        self._strips = []
        self.virtual_size = Size(self._drawn_width, self._rows.height)
        self._keep_end()
        self.refresh()

    def lines(self, width: int) -> Sequence[Text]:
        """Return what stands there while nothing is listed."""
        if not self._rows.runs or self._rows.height:
            return ()
        return wrap(
            plain(f"No tool run is like that. {sentence('tools.all', 'lists all of them')}".rstrip(), self.look.muted),
            width,
            self.look,
        )

    def strip_at(self, line: int) -> Strip | None:
        """Return a row, drawing it if it is not drawn yet."""
        rows = self._rows
        if not rows.height:
            return super().strip_at(line)
        if line >= rows.height:
            return None
        kind, place = rows.row(line)
        if kind is not Row.RUN:
            from trashclaw.faces.tui.drawing.tool_log import output_line, turn_rule

            make, words = (turn_rule, rows.words_of) if kind is Row.RULE else (output_line, rows.output_line)
            return strips([make(words(place), self._drawn_width, self.look)], self.look)[0]
        key = (place, place == self._cursor and self.has_focus)
        strip = self._drawn.get(key)
        if strip is None:
            strip = self._drawn[key] = strips([self._line(place, is_current=key[1])], self.look)[0]
            if len(self._drawn) > _KEPT_STRIPS:
                self._drawn.popitem(last=False)
        return strip

    def keep_in_view(self) -> None:
        """Stay at the newest run."""
        self._keep_end()

    def watch_has_focus(self, has_focus: bool) -> None:
        """Show where the cursor is, or close the line that takes a title: keys go elsewhere."""
        super().watch_has_focus(has_focus)
        self._is_typing = False
        if self._cursor is None:
            self._cursor = self._rows.step(None, 0)
        self._show_words()
        self.refresh()

    async def _on_key(self, event: events.Key) -> None:
        """Take a part of a title while it is typed."""
        if not self._is_typing:
            return
        sought = self._rows.sought
        if event.key in keys_of("field.next") + keys_of("field.previous"):
            self._is_typing = False
        elif event.key in keys_of("field.leave"):
            self._is_typing, sought = False, ""
        elif event.key == "backspace":
            sought = sought[:-1]
        elif event.key == "ctrl+u":
            sought = ""
        elif event.is_printable and event.character is not None:
            sought = (sought + event.character)[:_SOUGHT_CHARS]
        else:
            return
        event.stop()
        event.prevent_default()
        self._choose(sought=sought)

    def action_move(self, step: int, is_page: bool = False) -> None:
        """Move the cursor by so many runs, or by as many times what is in sight."""
        rows = max(1, self.scrollable_content_region.height - 1) if is_page else 1
        self._go(self._rows.step(self._cursor, step * rows))

    def action_use(self, what: str) -> None:
        """Open the run under the cursor in the conversation, show or copy its `output`, or open its `file`."""
        run = self.current
        if run is None:
            return
        if what == "run":
            self.post_message(msg.RunOpened(run.item_id))
        elif what == "output":
            self.post_message(msg.OutputWanted(run.item_id))
        elif what == "copy":
            from trashclaw.faces.tui.run_output import full_output

            self.post_message(msg.TextCopied(full_output(run), "the output"))
        elif what == "file":
            from trashclaw.faces.tui.source import file_places

            self.post_message(msg.PlacesWanted(file_places(run)))

    def action_filter(self, step: int | str) -> None:
        """List runs of the next sort, or of one that is named."""
        sorts = list(Sort)
        at = sorts.index(self._rows.sort)
        self._choose(sort=Sort(step) if isinstance(step, str) else sorts[(at + step) % len(sorts)])

    def action_find(self) -> None:
        """Have a part of a title typed."""
        self._is_typing = True
        self.focus()
        self._choose(sought="")

    def action_list_all(self) -> None:
        """List all runs again; with all of them listed, the key is the app's."""
        if self._rows.is_narrowed:
            self._choose(sort=Sort.ALL, sought="")
        else:
            self.app.call_next(self.app.run_action, "app.interrupt")

    def on_click(self, event: events.Click) -> None:
        """Open the run that was clicked."""
        line = self.line_under(event)
        if line is None or not 0 <= line < self._rows.height:
            return
        kind, place = self._rows.row(line)
        if kind is Row.RUN:
            self._go(place)
            self.action_use("run")

    def _go(self, place: int | None) -> None:
        row = None if place is None else self._rows.row_of(place)
        self._cursor = place
        if row is not None:
            self.reveal(row)
        self.refresh()

    def _choose(self, sort: Sort | None = None, sought: str | None = None) -> None:
        self._rows.choose(sort, sought)
        if self._cursor is None or self._rows.row_of(self._cursor) is None:
            self._cursor = self._rows.step(None, 0)
        self.reload()
        self._go(self._cursor)

    def _changed(self, places: Sequence[int]) -> None:
        """Show runs as they are now; only what is in sight is drawn."""
        for place in places:
            self._drawn.pop((place, False), None)
            self._drawn.pop((place, True), None)
        self._show_words()
        if not self._drawn_width:
            return
        if self._strips:
            self.reload()
            return
        was_at_end = self.scroll_offset.y >= self.max_scroll_y
        self.set_height(self._rows.height)
        if was_at_end:
            self._keep_end()
        self.refresh()

    def _line(self, place: int, *, is_current: bool) -> Text:
        from trashclaw.faces.tui.drawing.runs import run_line

        run, rows = self._rows.runs[place], self._rows
        is_waiting, failure = run.item_id in rows.waiting, rows.failures.get(run.item_id)
        reverted = rows.reverted.get(run.item_id, frozenset())
        width = self._drawn_width
        line = run_line(run, width, self.look, is_waiting=is_waiting, failure=failure, reverted=reverted)
        if is_current:
            line.stylize_before(self.look.cursor)
        return line

    def _keep_end(self) -> None:
        is_last = self._cursor is None or self._cursor == self._rows.step(None, 0)
        if is_last or not self.has_focus:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)

    def _show_words(self) -> None:
        """Say in the frame how many runs are listed, and of which sort; the words can be clicked."""
        rows = self._rows
        total = len(rows.runs)
        self.show_figure(f"{rows.listed} of {total}" if rows.is_narrowed else str(total or ""))
        if self._is_typing:
            self.border_subtitle = Content(f"title has: {rows.sought}_")
        elif total and (self.has_focus or rows.is_narrowed):
            found = f'"{rows.sought}"  ' if rows.sought else ""
            self.border_subtitle = Content(found) + sort_words(rows.sort, self.size.width - 4 - len(found))
        else:
            self.border_subtitle = ""
