"""The invariants of a log, checked by one function; see `docs/protocol.md`."""

from __future__ import annotations

from collections.abc import Sequence

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ApprovalId, CallId, ItemId, QuestionId, TurnId
from trashclaw.protocol.items import Compaction, ToolRun
from trashclaw.protocol.tools import ToolStatus

_ENDS = {ToolStatus.DONE, ToolStatus.FAILED, ToolStatus.REJECTED, ToolStatus.SKIPPED, ToolStatus.CANCELLED}
_CUT_SHORT = {ev.StopReason.ERROR, ev.StopReason.CANCELLED, ev.StopReason.LIMIT}
"""How a turn ends whose last step may be left open."""


class _Checker:
    """Walks through one session's envelopes and notes what is broken."""

    def __init__(self) -> None:
        self.broken: list[str] = []
        self._turns: dict[TurnId | None, bool] = {}
        self._items: dict[ItemId, bool] = {}
        self._sent: list[ItemId] = []
        """The items that the conversation was not rewound over, in order."""

        self._cuts: list[tuple[int, ItemId, bool]] = []
        """Compactions made (or undone: `True`), each with the number of items sent before it."""

        self._step_at = 0
        self._before: dict[ItemId, int] = {}
        """How many items had been sent before each, or before its step."""

        self._runs: dict[ItemId, TurnId | None] = {}
        """The tool runs that are not completed, with their turns."""

        self._calls: set[CallId] = set()
        self._steps = 0
        self._is_step_open = False
        self._approvals: dict[ApprovalId, ItemId] = {}
        self._questions: dict[QuestionId, ItemId] = {}

    def walk(self, envelopes: Sequence[Envelope], *, is_live: bool) -> None:
        expected = envelopes[0].seq or 1 if envelopes and is_live else 1
        for envelope in envelopes:
            if envelope.seq is not None:
                if envelope.seq != expected:
                    self._note(envelope, f"seq {expected} expected")
                expected = envelope.seq + 1
            self._check_turn(envelope)
            self._check_step(envelope)
            self._check_item(envelope)
            self._check_questions(envelope)
            self._check_rewind(envelope)
            self._check_cuts(envelope)
        self._check_ends()

    def _check_turn(self, envelope: Envelope) -> None:
        event, turn_id = envelope.event, envelope.turn_id
        if isinstance(event, ev.TurnStarted):
            if turn_id is None or turn_id in self._turns:
                self._note(envelope, "a turn started twice, or without an id")
            if not all(self._turns.values()):
                self._note(envelope, "a turn started while another one ran")
            self._turns[turn_id] = False
        elif turn_id is not None and turn_id not in self._turns:
            self._note(envelope, "an event of a turn that has not started")
        elif turn_id is not None and self._turns[turn_id]:
            self._note(envelope, "an event after its turn.completed")
        elif isinstance(event, ev.TurnCompleted):
            self._turns[turn_id] = True

    def _check_step(self, envelope: Envelope) -> None:
        match envelope.event:
            case ev.TurnStarted():
                self._steps, self._is_step_open = 0, False
            case ev.StepStarted(step=step):
                if envelope.turn_id is None or self._is_step_open or step != self._steps + 1:
                    self._note(envelope, f"step {step} outside a turn, inside another step, or out of order")
                self._steps, self._is_step_open = step, True
                self._step_at = len(self._sent)
            case ev.StepCompleted(step=step):
                if not self._is_step_open or step != self._steps:
                    self._note(envelope, f"step {step} completed without a start, or twice")
                if envelope.turn_id in self._runs.values():
                    self._note(envelope, f"step {step} completed before its tool runs")
                self._is_step_open = False
            case ev.TurnCompleted(stop_reason=reason):
                if self._is_step_open and reason not in _CUT_SHORT:
                    self._note(envelope, f"step {self._steps} never completed")
                self._is_step_open = False
            case _:
                pass

    def _check_item(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, ev.ItemStarted):
            if event.item.item_id in self._items:
                self._note(envelope, f"item {event.item.item_id} started twice")
            self._items[event.item.item_id] = False
            self._before[event.item.item_id] = self._step_at if self._is_step_open else len(self._sent)
            self._sent.append(event.item.item_id)
            if isinstance(event.item, ToolRun):
                self._runs[event.item.item_id] = envelope.turn_id
                # A run of no turn is a command of the person's own.
                if envelope.turn_id is not None and not self._is_step_open:
                    self._note(envelope, f"run {event.item.item_id} outside of any step")
        elif isinstance(event, ev.ItemDelta):
            if self._items.get(event.item_id) is not False:
                self._note(envelope, f"a delta outside the life of item {event.item_id}")
        elif isinstance(event, ev.ItemCompleted):
            item = event.item
            if self._items.get(item.item_id) is not False:
                self._note(envelope, f"item {item.item_id} completed without a start, or twice")
            self._items[item.item_id] = True
            self._runs.pop(item.item_id, None)
            if isinstance(item, ToolRun):
                self._check_run(envelope, item)

    def _check_run(self, envelope: Envelope, run: ToolRun) -> None:
        result = run.result
        if result is None or result.call_id != run.call.call_id or result.status not in _ENDS:
            self._note(envelope, f"call {run.call.call_id} has no proper result")
        elif result.status is not run.status:
            self._note(envelope, f"run {run.item_id} has another status than its result")
        if run.call.call_id in self._calls:
            self._note(envelope, f"call {run.call.call_id} has two results")
        self._calls.add(run.call.call_id)
        waiting = [*self._approvals.values(), *self._questions.values()]
        if run.item_id in waiting:
            self._note(envelope, f"item {run.item_id} completed while a question about it waited")

    def _check_questions(self, envelope: Envelope) -> None:
        match envelope.event:
            case ev.ApprovalRequested(request=request):
                self._check_asked(envelope, request.item_id)
                self._approvals[request.approval_id] = request.item_id
            case ev.ApprovalResolved(approval_id=approval_id):
                if self._approvals.pop(approval_id, None) is None:
                    self._note(envelope, f"approval {approval_id} resolved twice or never asked")
            case ev.QuestionRequested(question_id=question_id, item_id=item_id):
                self._check_asked(envelope, item_id)
                self._questions[question_id] = item_id
            case ev.QuestionResolved(question_id=question_id):
                if self._questions.pop(question_id, None) is None:
                    self._note(envelope, f"question {question_id} resolved twice or never asked")
            case ev.HunksReverted(item_id=item_id):
                if envelope.turn_id is not None or not all(self._turns.values()):
                    self._note(envelope, "hunks were reverted while a turn ran")
                if not self._items.get(item_id):
                    self._note(envelope, f"hunks of {item_id} were reverted, which is no item that is complete")
            case _:
                pass

    def _check_rewind(self, envelope: Envelope) -> None:
        if not isinstance(envelope.event, ev.ConversationRewound):
            return
        item_id = envelope.event.item_id
        if envelope.turn_id is not None or not all(self._turns.values()):
            self._note(envelope, "the conversation was rewound while a turn ran")
        if item_id in self._sent:
            del self._sent[self._sent.index(item_id) :]
            self._cuts = [cut for cut in self._cuts if cut[0] <= self._before[item_id]]
        else:
            self._note(envelope, f"the conversation was rewound to {item_id}, which was not in it")

    def _check_cuts(self, envelope: Envelope) -> None:
        event = envelope.event
        if isinstance(event, ev.ItemCompleted) and isinstance(event.item, Compaction):
            self._cuts.append((len(self._sent), event.item.item_id, False))
        elif isinstance(event, ev.CompactionUndone):
            in_force: list[ItemId] = []
            for _, item_id, is_undone in self._cuts:
                in_force = in_force[:-1] if is_undone else [*in_force, item_id]
            if envelope.turn_id is not None or not all(self._turns.values()):
                self._note(envelope, "a compaction was undone while a turn ran")
            if in_force[-1:] != [event.item_id]:
                self._note(envelope, f"compaction {event.item_id} was undone, which is not the last one in force")
            self._cuts.append((len(self._sent), event.item_id, True))

    def _check_asked(self, envelope: Envelope, item_id: ItemId) -> None:
        if item_id not in self._runs:
            self._note(envelope, f"a question about {item_id}, which is no open tool run")

    def _check_ends(self) -> None:
        self.broken += [f"turn {turn_id} never completed" for turn_id, is_done in self._turns.items() if not is_done]
        self.broken += [f"item {item_id} never completed" for item_id, is_done in self._items.items() if not is_done]
        self.broken += [f"approval {approval_id} never resolved" for approval_id in self._approvals]
        self.broken += [f"question {question_id} never resolved" for question_id in self._questions]

    def _note(self, envelope: Envelope, text: str) -> None:
        self.broken.append(f"seq {envelope.seq} {envelope.event.type}: {text}")


def check(envelopes: Sequence[Envelope], *, is_live: bool = False) -> list[str]:
    """Return what is broken in one session's envelopes (empty: nothing).

    `is_live` says that the envelopes were seen by a subscription, which may have begun late.
    """
    checker = _Checker()
    checker.walk(envelopes, is_live=is_live)
    return checker.broken
