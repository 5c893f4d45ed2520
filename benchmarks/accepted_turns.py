"""Turns in a session of a benchmark, with nobody there to answer: what is asked is accepted."""

from __future__ import annotations

from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.events import ApprovalRequested, TurnCompleted
from trashclaw.protocol.ops import ApprovalAnswer, TurnStart
from trashclaw.session.session import Session


async def run_accepted(session: Session, text: str) -> None:
    """Run a turn to its end, and accept whatever is asked on the way."""
    subscription = session.subscribe()
    session.submit(TurnStart(text=text))
    async for envelope in subscription:
        match envelope.event:
            case ApprovalRequested(request=request):
                approval = Approval(verdict=Verdict.ACCEPTED)
                session.submit(ApprovalAnswer(approval_id=request.approval_id, approval=approval))
            case TurnCompleted():
                break
            case _:
                pass
    session.unsubscribe(subscription)
    await session.wait_idle()
