"""Holds a step against the plan: work that the plan does not know of is said, once a turn."""

from __future__ import annotations

from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.protocol.plan import PlanStatus

_NONE_AT_WORK = "Files were changed, but no entry of the plan is in progress: bring the plan up to date."
_ALL_DONE = "Every entry of the plan is completed, and files were changed again: add what you do now, or finish."


class PlanCheck:
    """Compares what a step did with the plan as it stood then; each remark comes once a turn."""

    def __init__(self) -> None:
        self._said: set[str] = set()
        self._was_done = False
        self._step = 0

    async def check(self, report: StepReport) -> StepFinding:
        """Look at a step; one that sets the plan itself is left alone."""
        if report.step <= self._step:
            self._said.clear()
        self._step = report.step
        entries = report.plan.entries
        is_done = bool(entries) and report.plan.completed == len(entries)
        was_done, self._was_done = self._was_done and report.step > 1, is_done
        if not report.has_landed or not entries or any(run.call.name == "update_plan" for run in report.runs):
            return StepFinding()
        if is_done:
            return self._say(_ALL_DONE) if was_done else StepFinding()
        is_at_work = any(entry.status is PlanStatus.IN_PROGRESS for entry in entries)
        return StepFinding() if is_at_work else self._say(_NONE_AT_WORK)

    def _say(self, text: str) -> StepFinding:
        if text in self._said:
            return StepFinding()
        self._said.add(text)
        return StepFinding(text)
