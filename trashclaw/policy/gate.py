"""The gate: what the judge says is carried out, asked about and kept on record, proposal by proposal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from trashclaw.agent.ports import Proposal
from trashclaw.policy.judge import Judge
from trashclaw.policy.judgements import Abilities, Grants, Judgement, strictest
from trashclaw.policy.records import GateRecord, Record, digest_of
from trashclaw.policy.rules import NO_RULES, Rules
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Decision, Outcome, Scope, Verdict
from trashclaw.protocol.ids import ApprovalId, CallId, ItemId, new_id
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall

__all__ = ["Abilities", "Ask", "KeepRules", "PolicyGate"]

Ask = Callable[[ApprovalRequest], Awaitable[Approval]]

KeepRules = Callable[[tuple[str, ...]], None]
"""Writes rules into the project's file, each in the words of `policy.yaml`; tells the person itself if it cannot."""

_INTERRUPTED = Approval(verdict=Verdict.CANCELLED, by="interrupt")
"""What is kept of a question that was taken back."""

_NO_CALL = ToolCall(call_id=CallId(""), name="")


class PolicyGate:
    """Decides by mode, rules and abilities, and asks a person where there is one.

    An answer holds for the very proposal that it was given for; for the session or the project it holds for the same
    command with the same needs, or as the rule that was shown.
    """

    def __init__(
        self,
        mode: Callable[[], Mode],
        abilities: Abilities,
        ask: Ask | None,
        *,
        rules: Rules = NO_RULES,
        root: Path | None = None,
        tainted_by: Callable[[], str] = str,
        record: Record | None = None,
        keep_rules: KeepRules | None = None,
    ) -> None:
        self._ask = ask
        self._record = record
        self._keep_rules = keep_rules
        self._grants = Grants()
        self._judge = Judge(mode, abilities, rules, self._grants, root, ask is not None, tainted_by)

    async def review(self, item_id: ItemId, call: ToolCall, proposal: Proposal) -> Approval:
        """Return the verdict, waiting for a person if the policy says so; several needs are asked about one by one."""
        parts = self._judge.judge(call.name, call.arguments, proposal)
        worst = strictest(parts)
        if worst.outcome is not Outcome.ASK or self._ask is None:
            approval = _answer(worst)
            self._note(call, proposal, worst, approval)
            return approval
        approval = _answer(worst)
        for part in (part for part in parts if part.outcome is Outcome.ASK):
            request = self._request(item_id, call, proposal, part)
            approval = _INTERRUPTED
            try:
                approval = await self._ask(request)
            finally:
                self._note(call, proposal, part, approval)
            if approval.verdict is not Verdict.ACCEPTED:
                return approval
            self._remember(call, proposal, request, part, approval.scope)
        return approval

    def decide(self, proposal: Proposal, call: ToolCall = _NO_CALL) -> Decision:
        """Return what would be said of a proposal; nobody is asked and nothing noted."""
        return strictest(self._judge.judge(call.name, call.arguments, proposal)).decision

    def session_rules(self) -> tuple[str, ...]:
        """Return what a person allowed for the session, a line each."""
        return self._grants.told()

    def rules(self) -> Rules:
        """Return the rules of the files, in order."""
        return self._judge.rules

    def _request(self, item_id: ItemId, call: ToolCall, proposal: Proposal, part: Judgement) -> ApprovalRequest:
        can_keep = self._keep_rules is not None and part.new_rules
        scopes = tuple(scope for scope in part.scopes if scope is not Scope.PROJECT or can_keep)
        return ApprovalRequest(
            approval_id=ApprovalId(new_id("approval")),
            item_id=item_id,
            call_id=call.call_id,
            tool=call.name,
            title=proposal.title,
            rule=part.rule,
            patch=proposal.patch,
            command=proposal.command,
            needs=part.needs,
            warning=part.warning,
            scopes=scopes,
            new_rule="\n".join(map(str, part.new_rules)),
            arguments_sha256=digest_of(call, proposal, part.needs),
        )

    def _remember(
        self, call: ToolCall, proposal: Proposal, request: ApprovalRequest, part: Judgement, scope: Scope
    ) -> None:
        """Note an answer for longer, as far as the question offered that."""
        if scope is Scope.ONCE or scope not in request.scopes:
            return
        self._grants.add(call.name, proposal, part)
        if scope is Scope.PROJECT and self._keep_rules is not None:
            self._keep_rules(tuple(map(str, part.new_rules)))

    def _note(self, call: ToolCall, proposal: Proposal, part: Judgement, approval: Approval) -> None:
        if self._record is None:
            return
        changed = tuple(change.path for change in proposal.patch.changes) if proposal.patch else ()
        self._record(
            GateRecord(
                tool=call.name,
                title=proposal.title,
                decision=part.outcome.value,
                rule=part.rule,
                verdict=approval.verdict.value,
                scope=approval.scope.value,
                by=approval.by,
                arguments_sha256=digest_of(call, proposal, part.needs),
                hosts=proposal.needs.hosts,
                paths=(*proposal.needs.paths, *changed),
            )
        )


def _answer(part: Judgement) -> Approval:
    """Return the policy's own answer; a question that nobody can be asked is refused."""
    if part.outcome is Outcome.ALLOW:
        return Approval(verdict=Verdict.ACCEPTED, by="policy")
    note = part.rule
    if part.outcome is Outcome.ASK:
        note = f"it needs the user's approval, and nobody can be asked here: {part.rule}."
    if part.hint.startswith("--"):
        note += f" ({part.hint} would have allowed it.)"
    return Approval(verdict=Verdict.REJECTED, note=note, by="policy")
