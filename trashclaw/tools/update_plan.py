"""`update_plan`: the agent's own to-do list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.mending import first_named
from trashclaw.tools.schema import Arguments

LIMIT_ENTRIES = 50

_TEXT_NAMES = ("text", "content", "step", "task", "title", "description", "name", "todo", "item")
_STATUS_NAMES = ("status", "state", "done", "completed")
_STATUS_WORDS: Mapping[str, PlanStatus] = {
    **dict.fromkeys(("done", "complete", "finished", "true", "x"), PlanStatus.COMPLETED),
    **dict.fromkeys(("inprogress", "doing", "active", "started", "current", "ongoing"), PlanStatus.IN_PROGRESS),
    **dict.fromkeys(("todo", "open", "notstarted", "false", "waiting", "planned"), PlanStatus.PENDING),
    **{status.value.replace("_", ""): status for status in PlanStatus},
}


class EntryArguments(Arguments):
    text: str
    status: PlanStatus = PlanStatus.PENDING


class UpdatePlanArguments(Arguments):
    entries: list[EntryArguments] = Field(description="the whole plan, in order")


class UpdatePlan(TypedTool[UpdatePlanArguments]):
    """Replaces the plan."""

    name = "update_plan"
    description = "Set the to-do list for a task of several steps. Always send all entries."
    kind = ToolKind.THINK
    other_names = ("plan", "todo", "todo_write", "write_todos", "set_plan", "todowrite", "update_todo_list")
    example = (
        '{"entries": [{"text": "Find the bug", "status": "in_progress"}, {"text": "Fix it", "status": "pending"}]}'
    )
    arguments = UpdatePlanArguments

    def mend(self, arguments: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Mending, ...]]:
        """Take also plain lines and other words for the entries and their status."""
        clean, notes = super().mend(arguments)
        given = clean.get("entries")
        if not isinstance(given, list):
            return clean, notes
        entries = [_mended(entry) for entry in given]
        if entries != given:
            notes = (*notes, Mending(rung=Rung.TYPED, text="took the entries in another form"))
        return {**clean, "entries": entries}, notes

    async def propose(self, arguments: UpdatePlanArguments) -> Proposal:
        if len(arguments.entries) > LIMIT_ENTRIES:
            raise ToolError(f"update_plan: more than {LIMIT_ENTRIES} entries.", "Send fewer, larger steps.")
        plan = Plan(entries=tuple(PlanEntry(text=entry.text, status=entry.status) for entry in arguments.entries))
        return Proposal(title=f"plan ({plan.completed}/{len(plan.entries)})", payload=plan)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        plan: Plan = proposal.payload
        narrator.plan(plan)
        following = next((entry for entry in plan.entries if entry.status is not PlanStatus.COMPLETED), None)
        then = f" Next: {following.text[:200]}" if following else ""
        return Outcome(f"The plan is set: {plan.completed} of {len(plan.entries)} done.{then}")


def _mended(entry: Any) -> Any:
    if isinstance(entry, str):
        return {"text": entry}
    if not isinstance(entry, Mapping):
        return entry
    mended = {"text": first_named(entry, _TEXT_NAMES), "status": first_named(entry, _STATUS_NAMES)}
    if mended["status"] is not None:
        mended["status"] = _status(mended["status"])
    return {name: value for name, value in mended.items() if value is not None}


def _status(value: Any) -> Any:
    plain = str(value).casefold().replace("_", "").replace("-", "").replace(" ", "")
    known = _STATUS_WORDS.get(plain)
    return value if known is None else known.value
