"""Compacting when the person asks for it: shown before, done, taken back."""

from __future__ import annotations

import asyncio

from trashclaw.agent.agent import Agent
from trashclaw.agent.compaction import CutPreview, preview
from trashclaw.agent.fitting import compact, tell_size
from trashclaw.agent.messages import Request
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.events import CompactionUndone, Notice
from trashclaw.protocol.ids import OpId, new_id
from trashclaw.protocol.items import CompactionTrigger, Origin
from trashclaw.session.journal import Journal, within
from trashclaw.session.turns import Turns

_STOPPED = "Stopped: nothing was left out of the window."
_AT_ONCE = "With `context.summary: off` a compaction waits for no summary of the model's."
_TOO_LITTLE = "Too little could be left out of the context."


class Compacting:
    """What `/compact` does; only while nothing else runs."""

    def __init__(self, turns: Turns, journal: Journal) -> None:
        self._turns = turns
        self._agent: Agent = turns.agent
        self._journal = journal
        self.task: asyncio.Task[None] | None = None
        """What carries it out."""

        self._has_put_off = False

    def preview(self) -> CutPreview | None:
        """Return what a compaction would do now; `None` when it would free too little. Changes nothing."""
        cut = self._agent.window.plan_cut(self._agent.history, self._agent.plan())
        return preview(cut) if cut is not None else None

    async def carry_out(self, *, is_undo: bool) -> None:
        """Compact, or take the last compaction back.

        Raises:
            UsageError: there is none, or what it left out would not fit; with the figures.
        """
        if is_undo:
            self._undo()
        elif not await compact(self._agent, CompactionTrigger.ASKED):
            self._journal.emit(Notice(code="compaction", text=_TOO_LITTLE))

    def interrupt(self) -> None:
        """Stop a compaction that is under way: the model is not asked any longer, and nothing is left out."""
        if self.task is not None and not self.task.done():
            self.task.cancel()
            self._journal.emit(Notice(code="compaction", text=_STOPPED, hint=_AT_ONCE))

    def put_off(self, op: ops.Op) -> bool:
        """Queue what is said while a compaction is under way, which may wait for the model; tell whether it was."""
        if self.task is None or self.task.done():
            return False
        if not isinstance(op, ops.TurnStart | ops.TurnSteer | ops.TurnFollowUp) or not (op.text + op.attached).strip():
            return False
        self._agent.inbox.add(op.text, op.attached, Origin.FOLLOW_UP)
        self._has_put_off = True
        return True

    def take_up(self) -> None:
        """Begin a turn with the first of what was put off; the rest is read as at the end of any turn."""
        queue, is_due = self._journal.transcript.queue, self._has_put_off
        self._has_put_off = False
        if is_due and queue and self._journal.fault is None:
            first = next((entry for entry in queue if entry.origin is Origin.FOLLOW_UP), queue[0])
            op_id = OpId(new_id("op"))
            with within(cause=op_id):
                self._turns.start(op_id, first.text, first.attached)
                self._agent.inbox.edit(first.entry_id, None)

    def _undo(self) -> None:
        agent = self._agent
        last = agent.history.last_undoable()
        if last is None:
            raise UsageError(
                "There is no compaction to take back.", "Those that a rewind left behind are undone by it."
            )
        tools = agent.manner.tools
        sent = agent.manner.dialect.render(Request(last.messages, tools))
        if agent.window.is_full(sent):
            raise UsageError(
                f"The conversation would have {agent.window.meter.estimate(sent):,} tokens again; a window of "
                f"{agent.window.limit_tokens:,} is compacted before that.",
                "Give the model a larger window (--num-ctx) first; single results come back by recall.",
            )
        before = agent.window.meter.estimate_messages(agent.history.messages)
        self._journal.emit(CompactionUndone(item_id=last.item_id))
        agent.ledger.rebase()
        tell_size(agent)
        after = agent.window.meter.estimate_messages(agent.history.messages)
        text = f"The last compaction is taken back: {before:,} tokens of messages are {after:,} again."
        self._journal.emit(Notice(code="compaction_undone", text=text))
