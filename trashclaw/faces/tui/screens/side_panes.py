"""The panes of the side, placed behind the first picture: one can type before they are there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from trashclaw.faces.tui.screens.main import MainScreen
    from trashclaw.faces.tui.widgets.diff_pane import DiffPane
    from trashclaw.faces.tui.widgets.plan_pane import PlanPane
    from trashclaw.faces.tui.widgets.question_pane import QuestionPane
    from trashclaw.faces.tui.widgets.tool_log import ToolLog


class SidePanes:
    """Plan, tools, changes and question of one main screen; they can be asked for once `is_there`."""

    plan: PlanPane
    tools: ToolLog
    changes: DiffPane
    question: QuestionPane

    def __init__(self, screen: MainScreen, grace_s: float, on_placed: Callable[[], None]) -> None:
        """`on_placed` is called when they are there."""
        self._screen = screen
        self._on_placed = on_placed
        self._grace_s = grace_s
        self._placing: asyncio.Task[None] | None = None

    @property
    def is_there(self) -> bool:
        """Whether all of them are placed."""
        return self._placing is not None and self._placing.done()

    async def place(self) -> None:
        """Place them, once. News of a session need them."""
        if self._placing is None:
            self._placing = asyncio.create_task(self._place(), name="side panes")
        await asyncio.shield(self._placing)

    async def _place(self) -> None:
        from trashclaw.faces.tui.widgets.diff_pane import DiffPane
        from trashclaw.faces.tui.widgets.plan_pane import PlanPane
        from trashclaw.faces.tui.widgets.question_pane import QuestionPane
        from trashclaw.faces.tui.widgets.tool_log import ToolLog

        self.plan, self.tools = PlanPane(widget_id="plan"), ToolLog(widget_id="tools")
        self.changes = DiffPane(grace_s=self._grace_s, widget_id="changes")
        self.question = QuestionPane(grace_s=self._grace_s, widget_id="question")
        await self._screen.query_one("#side").mount(self.plan, self.tools, self.changes, self.question)
        # What is arranged from here on counts them in.
        self._screen.call_later(self._on_placed)
