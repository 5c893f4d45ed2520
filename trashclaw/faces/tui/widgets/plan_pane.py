"""The plan pane: what the agent means to do, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from trashclaw.faces.tui.widgets.line_pane import FramedPane

if TYPE_CHECKING:
    from trashclaw.protocol.plan import Plan


class PlanPane(FramedPane):
    """Shows the plan."""

    NAME: ClassVar[str] = "Plan"
    EMPTY: ClassVar[str] = "For a longer task the agent keeps its list of steps here."

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self._plan: Plan | None = None

    def show(self, plan: Plan) -> None:
        """Show a plan, if it is another one."""
        if plan == self._plan or (self._plan is None and not plan.entries):
            return
        self._plan = plan
        self.show_figure(f"{plan.completed}/{len(plan.entries)}" if plan.entries else "")
        self.reload()
        current = next((place for place, entry in enumerate(plan.entries) if entry.status == "in_progress"), None)
        if current is not None:
            self.reveal(current)

    def lines(self, width: int) -> Sequence[Text]:
        """Return the plan's lines."""
        if self._plan is None:
            return ()
        from trashclaw.faces.tui.drawing.plan import plan_lines

        return plan_lines(self._plan, width, self.look)
