"""Plan first: where the workflow says so, nothing is changed or run before there is a plan."""

from __future__ import annotations

from collections.abc import Callable

from trashclaw.agent.ports import Proposal
from trashclaw.protocol.plan import Plan

_REFUSAL = (
    "Not run: in this project a plan comes before the first change or command. Call update_plan with the steps that "
    "you mean to take, then make this call again. Reading and searching need no plan."
)


class PlanFirst:
    """Holds effects back until there is a plan; one that was there once in the session is enough."""

    def __init__(self, plan: Callable[[], Plan], *, is_required: bool) -> None:
        """`plan` gives the session's plan, as the transcript has it."""
        self._plan = plan
        self._is_open = not is_required

    def refusal(self, proposal: Proposal) -> str:
        """Return what the model is told instead of the proposal's coming to the gate, or an empty string.

        What a command has done is no new effect: the command itself was held back, or not.
        """
        if not self._is_open:
            self._is_open = any(entry.text.strip() for entry in self._plan().entries)
        acts = proposal.has_effects or proposal.command is not None
        return _REFUSAL if acts and not proposal.is_outcome and not self._is_open else ""
