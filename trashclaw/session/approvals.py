"""Approvals: questions to the person that wait for an answer."""

from __future__ import annotations

import asyncio

from trashclaw.agent.ports import Emit
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Scope, Verdict
from trashclaw.protocol.errors import ToolError, UsageError
from trashclaw.protocol.events import ApprovalRequested, ApprovalResolved, QuestionRequested, QuestionResolved
from trashclaw.protocol.ids import ApprovalId, ItemId, QuestionId, new_id
from trashclaw.protocol.patches import FileChange, Patch, with_edits


class Approvals:
    """Holds what was asked; the first answer wins, and an interrupt answers `cancelled`."""

    def __init__(self, emit: Emit, *, can_ask: bool = True) -> None:
        self._emit = emit
        self._can_ask = can_ask
        self._approvals: dict[ApprovalId, tuple[ApprovalRequest, asyncio.Future[Approval]]] = {}
        self._questions: dict[QuestionId, asyncio.Future[str]] = {}

    async def ask(self, request: ApprovalRequest) -> Approval:
        """Ask for an approval and wait for it."""
        future: asyncio.Future[Approval] = asyncio.get_running_loop().create_future()
        self._approvals[request.approval_id] = (request, future)
        self._emit(ApprovalRequested(request=request))
        approval = Approval(verdict=Verdict.CANCELLED, by="interrupt")
        try:
            approval = await future
        finally:
            del self._approvals[request.approval_id]
            self._emit(
                ApprovalResolved(
                    approval_id=request.approval_id,
                    verdict=approval.verdict,
                    scope=approval.scope,
                    by=approval.by,
                    hunk_ids=approval.hunk_ids,
                    note=approval.note,
                )
            )
        return approval

    def answer(self, approval_id: ApprovalId, approval: Approval) -> None:
        """Answer an approval request.

        Raises:
            UsageError: it was answered before, names a hunk that is not in the patch, edits what is not in it, or
                reaches further than it can.
        """
        request, future = self._approvals.get(approval_id, (None, None))
        if request is None or future is None or future.done():
            raise UsageError("That was answered already.")
        _refuse_scope(request, approval.scope)
        _refuse_edits(request, approval)
        edited = with_edits(request.patch, approval.edits) if request.patch else None
        known = edited.hunk_ids if edited else frozenset()
        if unknown := set(approval.hunk_ids or ()) - known:
            raise UsageError(f"There is no hunk {', '.join(sorted(unknown))} in this patch.")
        if approval.hunk_ids == () and known and approval.verdict is Verdict.ACCEPTED:
            approval = approval.model_copy(update={"verdict": Verdict.REJECTED})
        future.set_result(approval)

    def exact(self, approval_id: ApprovalId, change: FileChange) -> FileChange:
        """Return a proposed change as it would land; what is told of it in events has its secrets masked.

        What is not (or no longer) proposed comes back as it is: the person's own edit of it, say.
        """
        request, _ = self._approvals.get(approval_id, (None, None))
        proposed = request.patch.changes if request is not None and request.patch is not None else ()
        ids = [hunk.hunk_id for hunk in change.hunks]
        for one in proposed:
            if one.path == change.path and [hunk.hunk_id for hunk in one.hunks] == ids:
                return one
        return change

    async def ask_question(self, item_id: ItemId, text: str, options: tuple[str, ...]) -> str:
        """Ask a question of the model's and wait for the answer.

        Raises:
            ToolError: nobody can be asked here.
        """
        if not self._can_ask:
            raise ToolError("Nobody can be asked here.", "Decide yourself, and say in your answer what you assumed.")
        question_id = QuestionId(new_id("question"))
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._questions[question_id] = future
        self._emit(QuestionRequested(question_id=question_id, item_id=item_id, text=text, options=options))
        answer: str | None = None
        try:
            answer = await future
        finally:
            del self._questions[question_id]
            self._emit(QuestionResolved(question_id=question_id, text=answer or "", is_cancelled=answer is None))
        return answer

    def answer_question(self, question_id: QuestionId, text: str) -> None:
        """Answer a question.

        Raises:
            UsageError: it was answered before.
        """
        future = self._questions.get(question_id)
        if future is None or future.done():
            raise UsageError("That question was answered already.")
        future.set_result(text)


def _refuse_scope(request: ApprovalRequest, scope: Scope) -> None:
    """Refuse an answer for more than it can stand for; the question stays open."""
    if scope in request.scopes:
        return
    offered = " or ".join(f"for the {offer}" if offer is not Scope.ONCE else "once" for offer in request.scopes)
    hint = f"Allow it {offered}."
    if request.command is None:
        hint = "Accept this one, or let edits land unasked with the mode accept."
    raise UsageError(f"This cannot be allowed for the {scope}.", hint)


def _refuse_edits(request: ApprovalRequest, approval: Approval) -> None:
    """Refuse edits of what was not proposed, and hunks that could be taken for others."""
    proposed = request.patch or Patch()
    paths = [change.path for change in approval.edits]
    unknown = set(paths) - {change.path for change in proposed.changes}
    if unknown or len(set(paths)) != len(paths):
        raise UsageError(f"No change of {', '.join(sorted(unknown or set(paths)))} was proposed that could be edited.")
    hunks = with_edits(proposed, approval.edits).hunks
    if len({hunk.hunk_id for hunk in hunks}) != len(hunks):
        raise UsageError("Two hunks of the edited patch have the same id.")
