"""`ask_user`: a question to the person."""

from __future__ import annotations

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import clip

LIMIT_OPTIONS = 9


class AskUserArguments(Arguments):
    question: str = Field(description="the question")
    options: list[str] | None = Field(default=None, description="answers to choose from")


class AskUser(TypedTool[AskUserArguments]):
    """Waits for the person's answer."""

    name = "ask_user"
    description = "Ask the user when something needed is unknown and cannot be found out."
    kind = ToolKind.OTHER
    other_names = ("ask", "ask_question", "question", "ask_followup_question", "clarify")
    example = '{"question": "Which database?", "options": ["sqlite", "postgres"]}'
    arguments = AskUserArguments

    async def propose(self, arguments: AskUserArguments) -> Proposal:
        if not arguments.question.strip():
            raise ToolError("ask_user: the question is empty.", "Say what you need to know.")
        options = tuple(arguments.options or ())[:LIMIT_OPTIONS]
        return Proposal(title=f"ask: {clip(arguments.question, 120)}", payload=(arguments.question, options))

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        question, options = proposal.payload
        return Outcome(f"The user answered: {await narrator.ask(question, options)}")
