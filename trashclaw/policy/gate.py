"""The gate: what a mode allows, asks about or refuses, proposal by proposal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from trashclaw.agent.ports import Proposal
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Decision, Outcome, Scope, Verdict
from trashclaw.protocol.ids import ApprovalId, ItemId, new_id
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall

Ask = Callable[[ApprovalRequest], Awaitable[Approval]]


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was switched on by name; commands run outside a sandbox, so no mode switches them on."""

    can_write: bool = True
    can_run: bool = False
    """Commands run without a question; meant for where nobody can be asked."""


class PolicyGate:
    """Decides by mode and abilities, and asks a person where there is one."""

    def __init__(self, mode: Callable[[], Mode], abilities: Abilities, ask: Ask | None) -> None:
        self._mode = mode
        self._abilities = abilities
        self._ask = ask
        self._allowed_commands: set[str] = set()

    async def review(self, item_id: ItemId, call: ToolCall, proposal: Proposal) -> Approval:
        """Return the verdict, waiting for a person if the mode says so."""
        decision = self.decide(proposal)
        match decision.outcome:
            case Outcome.ALLOW:
                return Approval(verdict=Verdict.ACCEPTED, by="policy")
            case Outcome.DENY:
                return _refused(decision)
            case Outcome.ASK if self._ask is None:
                return _refused(decision)
            case Outcome.ASK:
                assert self._ask is not None
                approval = await self._ask(_request(item_id, call, proposal, decision))
                if proposal.command and approval.verdict is Verdict.ACCEPTED and approval.scope is Scope.SESSION:
                    self._allowed_commands.add(proposal.command)
                return approval
            case _:
                assert_never(decision.outcome)

    def decide(self, proposal: Proposal) -> Decision:
        """Return what the mode and the abilities say of a proposal."""
        if not proposal.has_effects:
            return Decision(outcome=Outcome.ALLOW, rule="it changes nothing")
        mode = self._mode()
        if proposal.command is not None:
            return self._decide_command(mode, proposal.command)
        return self._decide_edit(mode)

    def _decide_edit(self, mode: Mode) -> Decision:
        if mode is Mode.PLAN:
            rule = "mode plan: nothing is changed. Say what you would change instead."
            flag = "--mode accept" if self._abilities.can_write else "--allow-write"
            return Decision(outcome=Outcome.DENY, rule=rule, hint=self._hint(flag))
        if not self._abilities.can_write:
            rule = "writing is switched off here."
            return Decision(outcome=Outcome.DENY, rule=rule, hint="--allow-write")
        if mode is Mode.REVIEW:
            return Decision(outcome=Outcome.ASK, rule="mode review: edits are asked about", hint="--allow-write")
        return Decision(outcome=Outcome.ALLOW, rule=f"mode {mode}: edits land")

    def _decide_command(self, mode: Mode, command: str) -> Decision:
        if mode is Mode.PLAN:
            rule = "mode plan: no commands are run. Say what you would run instead."
            flag = "--mode review" if self._abilities.can_run else "--allow-shell"
            return Decision(outcome=Outcome.DENY, rule=rule, hint=self._hint(flag))
        if self._abilities.can_run:
            return Decision(outcome=Outcome.ALLOW, rule="--allow-shell")
        if command in self._allowed_commands:
            return Decision(outcome=Outcome.ALLOW, rule="you allowed this command for the session")
        rule = "commands run outside a sandbox here, so each one is asked about"
        return Decision(outcome=Outcome.ASK, rule=rule, hint="--allow-shell")

    def _hint(self, flag: str) -> str:
        return flag if self._ask is None else "Shift+Tab"


def _request(item_id: ItemId, call: ToolCall, proposal: Proposal, decision: Decision) -> ApprovalRequest:
    return ApprovalRequest(
        approval_id=ApprovalId(new_id("approval")),
        item_id=item_id,
        call_id=call.call_id,
        tool=call.name,
        title=proposal.title,
        rule=decision.rule,
        patch=proposal.patch,
        command=proposal.command,
    )


def _refused(decision: Decision) -> Approval:
    note = decision.rule
    if decision.outcome is Outcome.ASK:
        note = "it needs the user's approval, and nobody can be asked here."
    if decision.hint.startswith("--"):
        note += f" ({decision.hint} would have allowed it.)"
    return Approval(verdict=Verdict.REJECTED, note=note, by="policy")
