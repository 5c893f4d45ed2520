"""The plan pane: what the agent means to do, how far it is, and what is new about it."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from trashclaw.faces.tui.keymap import sentence
from trashclaw.faces.tui.widgets.line_pane import FramedPane
from trashclaw.faces.wording.figures import seconds

if TYPE_CHECKING:
    from textual.timer import Timer

    from trashclaw.protocol.plan import Plan

_TICK_S = 1.0


class PlanPane(FramedPane):
    """Shows the plan; what is being done stays in view, with the time that it takes already."""

    NAME: ClassVar[str] = "Plan"
    EMPTY: ClassVar[str] = "For a longer task the agent keeps its list of steps here."

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._plan: Plan | None = None
        self._news: frozenset[str] = frozenset()
        self._doing = ""
        self._since = 0.0
        self._is_running = False
        self._timer: Timer | None = None
        self._current: int | None = None

    def empty(self) -> str:
        """Return what the pane is for, and which key asks for a plan."""
        return f"{self.EMPTY} {sentence('mode.next', 'to plan asks for one')}".strip()

    def show(self, plan: Plan, before: Plan, *, is_running: bool = False, is_jump: bool = False) -> None:
        """Show a plan, if it is another one, with what is other in it than `before`; its time goes on in a turn.

        `is_jump`: what was shown did not come before it, so nothing of it is told to be new; nor is it in a session
        that is only opened.
        """
        self._run(is_running=is_running)
        if is_jump and self._news:
            self._news = frozenset()
            self.reload()
        if plan == self._plan or (self._plan is None and not plan.entries):
            return
        from trashclaw.faces.tui.drawing.plan import news_of

        is_opened = self._plan is None and not is_running
        self._news, self._plan = frozenset() if is_jump or is_opened else news_of(before, plan), plan
        doing = next((entry.text for entry in plan.entries if entry.status == "in_progress"), "")
        if doing != self._doing:
            self._doing, self._since = doing, monotonic()
        self.show_figure(f"{plan.completed}/{len(plan.entries)}" if plan.entries else "")
        self.reload()
        self.keep_in_view()

    def keep_in_view(self) -> None:
        """Have what is being done in view, with a line of what was done before it."""
        if self._current is not None and not self.has_focus:
            self.reveal(self._current, 2)
            self.reveal(max(0, self._current - 1))

    def lines(self, width: int) -> Sequence[Text]:
        """Return the plan's lines."""
        if self._plan is None:
            return ()
        from trashclaw.faces.tui.drawing.plan import plan_lines

        drawn = plan_lines(self._plan, width, self.look, self._news, self._time())
        self._current = drawn.current
        return drawn.lines

    def _time(self) -> str:
        """Return how long the current step has taken, in whole seconds; nothing at its beginning or while idle."""
        took = int(monotonic() - self._since)
        return seconds(took).replace(".0", "") if self._is_running and self._doing and took else ""

    def _run(self, *, is_running: bool) -> None:
        """Let the time go on, or stand; while nothing runs nothing is drawn."""
        if is_running == self._is_running:
            return
        self._is_running = is_running
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if is_running:
            self._since = monotonic()
            self._timer = self.set_interval(_TICK_S, self._tick)
        elif self._plan is not None:
            self.reload()

    def _tick(self) -> None:
        """Draw the line of what is being done anew."""
        if self._plan is not None and self._doing and self._drawn_width and self._current is not None:
            lines = self.lines(self._drawn_width)
            self.put_line(self._current, lines[self._current])
