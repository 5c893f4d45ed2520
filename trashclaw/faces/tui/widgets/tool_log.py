"""The tool log: one line for each tool run; Enter opens one in the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.keymap import Group, bindings
from trashclaw.faces.tui.widgets.line_pane import FramedPane

if TYPE_CHECKING:
    from textual import events

    from trashclaw.protocol.events import FailureRouted
    from trashclaw.protocol.ids import ItemId
    from trashclaw.protocol.items import ToolRun
    from trashclaw.session.transcript import Entry


class ToolLog(FramedPane):
    """Shows the tool runs of the session, the newest in view."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Group.TOOLS), *bindings(Group.CONVERSATION)]
    NAME: ClassVar[str] = "Tools"
    EMPTY: ClassVar[str] = "Every file the agent reads and every command it runs is listed here."

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._runs: dict[ItemId, ToolRun] = {}
        self._failures: dict[ItemId, FailureRouted] = {}
        self._waiting: Set[ItemId] = frozenset()
        self._cursor: int | None = None

    @property
    def count(self) -> int:
        """Number of tool runs."""
        return len(self._runs)

    def load(self, entries: Sequence[Entry], failures: Mapping[ItemId, FailureRouted] | None = None) -> None:
        """Show the runs among the entries of another session."""
        from trashclaw.protocol.items import ToolRun

        self._runs = {entry.item_id: entry for entry in entries if isinstance(entry, ToolRun)}
        self._failures = dict(failures or {})
        self._cursor = None
        self._redraw_end()

    def show_entry(self, run: Entry) -> None:
        """Show a new run, or a newer state of one; other entries have no place here."""
        from trashclaw.protocol.items import ToolRun

        if not isinstance(run, ToolRun):
            return
        is_first = not self._runs
        self._runs[run.item_id] = run
        if is_first or not self._drawn_width:
            self._redraw_end()
        else:
            self._put(list(self._runs).index(run.item_id), run)
            self._keep_end()

    def tell_failure(self, failure: FailureRouted) -> None:
        """Show how often a run failed, and how its error begins."""
        self._failures[failure.item_id] = failure
        if failure.item_id in self._runs and self._drawn_width:
            self._put(list(self._runs).index(failure.item_id), self._runs[failure.item_id])

    def show_waiting(self, item_ids: Set[ItemId]) -> None:
        """Mark the runs that wait for the person."""
        changed, self._waiting = self._waiting ^ item_ids, frozenset(item_ids)
        for place, run in enumerate(self._runs.values()):
            if run.item_id in changed and self._drawn_width:
                self._put(place, run)

    def lines(self, width: int) -> Sequence[Text]:
        """Return a line for each run."""
        if not self._runs:
            return ()
        return [self._line(place, run, width) for place, run in enumerate(self._runs.values())]

    def keep_in_view(self) -> None:
        """Stay at the newest run."""
        self._keep_end()

    def on_focus(self) -> None:
        """Show where the cursor is."""
        if self._runs and self._cursor is None:
            self._cursor = len(self._runs) - 1
        self.reload()

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.reload()

    def action_move(self, step: int) -> None:
        """Move the cursor."""
        if self._runs:
            last = len(self._runs) - 1
            self._cursor = max(0, min(last, (last if self._cursor is None else self._cursor) + step))
            self.reload()
            self.reveal(self._cursor)

    def action_open_run(self) -> None:
        """Open the run under the cursor."""
        if self._cursor is not None and self._cursor < len(self._runs):
            self.post_message(msg.RunOpened(tuple(self._runs)[self._cursor]))

    def on_click(self, event: events.Click) -> None:
        """Open the run that was clicked."""
        line = self.line_under(event)
        if line is not None and line < len(self._runs):
            self._cursor = line
            self.reload()
            self.action_open_run()

    def _line(self, place: int, run: ToolRun, width: int) -> Text:
        from trashclaw.faces.tui.drawing.runs import run_line

        is_waiting, failure = run.item_id in self._waiting, self._failures.get(run.item_id)
        line = run_line(run, width, self.look, is_waiting=is_waiting, failure=failure)
        if place == self._cursor and self.has_focus:
            line.stylize_before(self.look.cursor)
        return line

    def _put(self, place: int, run: ToolRun) -> None:
        self.put_line(place, self._line(place, run, self._drawn_width))

    def _redraw_end(self) -> None:
        self.reload()
        self._keep_end()

    def _keep_end(self) -> None:
        self.show_figure(str(len(self._runs) or ""))
        if self._cursor is None or not self.has_focus:
            self.scroll_to(y=self.max_scroll_y, animate=False, force=True)
