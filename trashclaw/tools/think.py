"""`think`: a place for a thought, for models that have no reasoning of their own."""

from __future__ import annotations

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments


class ThinkArguments(Arguments):
    thought: str = Field(description="the thought")


class Think(TypedTool[ThinkArguments]):
    """Does nothing; the call itself is the record."""

    name = "think"
    description = "Write down a thought before a hard step. Changes nothing."
    kind = ToolKind.THINK
    other_names = ("thought", "reason", "scratchpad")
    example = '{"thought": "The bug must be in the parser."}'
    arguments = ThinkArguments

    async def propose(self, arguments: ThinkArguments) -> Proposal:
        return Proposal(title="think", payload=arguments.thought)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        return Outcome("Noted.")
