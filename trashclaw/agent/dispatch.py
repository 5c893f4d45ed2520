"""Dispatch: one tool call from request to result, through the gate."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

from trashclaw.agent.healing import HealedCall
from trashclaw.agent.ports import Clock, Emit, Gate, Interrupted, Outcome, Proposal
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.base import storable
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.events import Channel, ItemCompleted, ItemDelta, ItemStarted, PlanUpdated
from trashclaw.protocol.ids import ItemId, new_id
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolKind, ToolResult, ToolStatus

Ask = Callable[[ItemId, str, tuple[str, ...]], Awaitable[str]]
"""Asks the person a question of the model's."""

BeforeEffect = Callable[[Collection[str]], Awaitable[None]]
"""Called with the paths of the patch before anything lands: makes the checkpoint."""


@dataclass(frozen=True, slots=True)
class ItemNarrator:
    """Speaks for one tool run."""

    item_id: ItemId
    emit: Emit
    asker: Ask

    def output(self, text: str) -> None:
        """Show a piece of output live."""
        self.emit(ItemDelta(item_id=self.item_id, channel=Channel.OUTPUT, text=text))

    def plan(self, plan: Plan) -> None:
        """Replace the plan."""
        self.emit(PlanUpdated(plan=plan))

    async def ask(self, question: str, options: tuple[str, ...]) -> str:
        """Ask the person and wait for the answer."""
        return await self.asker(self.item_id, question, options)


class Dispatcher:
    """Runs calls; every call ends in exactly one completed `ToolRun`."""

    def __init__(self, gate: Gate, emit: Emit, clock: Clock, ask: Ask, before_effect: BeforeEffect) -> None:
        self._gate = gate
        self._emit = emit
        self._clock = clock
        self._ask = ask
        self._before_effect = before_effect

    async def run(self, healed: HealedCall) -> ToolRun:
        """Run one call and return it with its result. A cancelled run is completed before the error goes on."""
        run = ToolRun(
            item_id=ItemId(new_id("item")),
            call=healed.call,
            title=_plain_title(healed),
            tool_kind=healed.tool.spec.kind if healed.tool else ToolKind.OTHER,
            mended=healed.mended,
        )
        started_at = self._clock.monotonic()
        is_started = False
        try:
            proposal = await self._prepare(healed)
            run = run.model_copy(update={"title": storable(proposal.title), "patch": proposal.patch})
            self._emit(ItemStarted(item=run))
            is_started = True
            asked_at = self._clock.monotonic()
            approval = await self._gate.review(run.item_id, run.call, proposal)
            started_at += self._clock.monotonic() - asked_at
            outcome = await self._execute(run, healed, proposal, approval)
        except asyncio.CancelledError as error:
            if not is_started:
                self._emit(ItemStarted(item=run))
            self._finish(run, _what_was_done(error), started_at)
            raise
        except TrashclawError as error:
            outcome = Outcome(_told(error), ToolStatus.FAILED, metadata={"error": error.code})
        except Exception as error:
            text = f"{run.call.name} failed: {type(error).__name__}: {error}"
            outcome = Outcome(text, ToolStatus.FAILED, metadata={"error": type(error).__name__})
        if not is_started:
            self._emit(ItemStarted(item=run))
        return self._finish(run, outcome, started_at)

    def skip(self, healed: HealedCall, status: ToolStatus, text: str) -> ToolRun:
        """Complete a call that is not run."""
        kind = healed.tool.spec.kind if healed.tool else ToolKind.OTHER
        run = ToolRun(
            item_id=ItemId(new_id("item")), call=healed.call, title=_plain_title(healed), tool_kind=kind, status=status
        )
        self._emit(ItemStarted(item=run))
        return self._finish(run, Outcome(text, status), self._clock.monotonic())

    async def _prepare(self, healed: HealedCall) -> Proposal:
        if healed.error is not None:
            raise healed.error
        assert healed.tool is not None
        return await healed.tool.prepare(healed.arguments)

    async def _execute(self, run: ToolRun, healed: HealedCall, proposal: Proposal, approval: Approval) -> Outcome:
        assert healed.tool is not None
        if approval.verdict is not Verdict.ACCEPTED:
            return _refusal(approval)
        if proposal.has_effects:
            await self._before_effect(_paths(proposal.patch))
        accepted = _accepted_part(proposal.patch, approval)
        narrator = ItemNarrator(run.item_id, self._emit, self._ask)
        outcome = await healed.tool.execute(proposal, accepted, narrator)
        return _with_note(outcome, approval)

    def _finish(self, run: ToolRun, outcome: Outcome, started_at: float) -> ToolRun:
        result = ToolResult(
            call_id=run.call.call_id,
            status=outcome.status,
            text=outcome.text,
            stdout=outcome.stdout,
            stderr=outcome.stderr,
            exit_code=outcome.exit_code,
            metadata=dict(outcome.metadata),
        )
        duration_s = round(self._clock.monotonic() - started_at, 4)
        update: dict[str, Any] = {"status": outcome.status, "result": result, "duration_s": duration_s}
        done = run.model_copy(update=update)
        self._emit(ItemCompleted(item=done))
        return done


def _plain_title(healed: HealedCall) -> str:
    """Name a call before its tool could: by the values of its arguments, cut short."""
    shown = " ".join(str(value).splitlines()[0] if str(value) else "" for value in healed.arguments.values())
    return f"{healed.call.name} {shown[:60]}".strip()


def _told(error: TrashclawError) -> str:
    return f"{error.text}\n{error.hint}".strip()


def _what_was_done(error: asyncio.CancelledError) -> Outcome:
    if isinstance(error, Interrupted):
        return error.outcome
    return Outcome("The user interrupted this.", ToolStatus.CANCELLED)


def _refusal(approval: Approval) -> Outcome:
    if approval.verdict is Verdict.CANCELLED:
        return Outcome("The user interrupted this.", ToolStatus.CANCELLED)
    if approval.by == "policy":
        return Outcome(f"Not allowed: {approval.note}", ToolStatus.REJECTED, metadata={"refused_by": "policy"})
    text = "The user rejected this; nothing was changed."
    if approval.note:
        text += f" Their words: {approval.note}"
    return Outcome(text, ToolStatus.REJECTED, metadata={"refused_by": approval.by})


def _paths(patch: Patch | None) -> tuple[str, ...]:
    return tuple(change.path for change in patch.changes) if patch is not None else ()


def _accepted_part(patch: Patch | None, approval: Approval) -> Patch | None:
    if patch is None or approval.hunk_ids is None:
        return patch
    wanted = frozenset(approval.hunk_ids)
    changes = []
    for change in patch.changes:
        hunks = tuple(hunk for hunk in change.hunks if hunk.hunk_id in wanted)
        if hunks or not change.hunks:
            changes.append(change.model_copy(update={"hunks": hunks}))
    return Patch(changes=tuple(changes))


def _with_note(outcome: Outcome, approval: Approval) -> Outcome:
    if not approval.note or approval.by == "policy":
        return outcome
    return Outcome(
        f"{outcome.text}\nThe user says: {approval.note}",
        outcome.status,
        outcome.stdout,
        outcome.stderr,
        outcome.exit_code,
        outcome.metadata,
    )
