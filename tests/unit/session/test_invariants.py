"""The checker itself: it finds every way in which a log can be broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import ApprovalRequest, Verdict
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ApprovalId, CallId, ItemId, QuestionId, SessionId, TurnId
from trashclaw.protocol.items import AgentMessage, ToolRun
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session.invariants import check
from trashclaw.session.repair import closing_events

CALL = ToolCall(call_id=CallId("c"), name="x")
RUN = ToolRun(item_id=ItemId("r"), call=CALL, title="x")
DONE = RUN.model_copy(update={"result": ToolResult(call_id=CALL.call_id, status=ToolStatus.DONE, text="ok")})
SAID = AgentMessage(item_id=ItemId("m"), text="hi")
ASKED = ApprovalRequest(
    approval_id=ApprovalId("a"), item_id=RUN.item_id, call_id=CALL.call_id, tool="x", title="x", rule="x"
)
WHOLE: Sequence[ev.Event] = (
    ev.TurnStarted(),
    ev.ItemStarted(item=SAID),
    ev.ItemCompleted(item=SAID),
    ev.ItemStarted(item=RUN),
    ev.ApprovalRequested(request=ASKED),
    ev.ApprovalResolved(approval_id=ASKED.approval_id, verdict=Verdict.ACCEPTED),
    ev.QuestionRequested(question_id=QuestionId("q"), item_id=RUN.item_id, text="?"),
    ev.QuestionResolved(question_id=QuestionId("q"), text="!"),
    ev.ItemCompleted(item=DONE),
    ev.TurnCompleted(stop_reason=ev.StopReason.END_TURN),
)
TURN = TurnId("t")


def number(events: Sequence[ev.Event], turn_id: TurnId | None = TURN) -> list[Envelope]:
    return [
        Envelope(seq=seq, at=0.0, session_id=SessionId("s"), turn_id=turn_id, event=event)
        for seq, event in enumerate(events, start=1)
    ]


def without(*places: int) -> list[Envelope]:
    return number([event for place, event in enumerate(WHOLE) if place not in places])


def test_a_whole_turn_is_sound() -> None:
    assert check(number(WHOLE)) == []


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (0, "a turn that has not started"),
        (1, "without a start"),
        (2, "item m never completed"),
        (3, "without a start"),
        (4, "never asked"),
        (5, "while a question about it waited"),
        (7, "question q never resolved"),
        (8, "item r never completed"),
        (9, "turn t never completed"),
    ],
)
def test_each_missing_event_is_found(place: int, told: str) -> None:
    assert any(told in problem for problem in check(without(place)))


@pytest.mark.parametrize("place", [0, 1, 2, 5, 7, 8, 9])
def test_each_event_that_comes_twice_is_found(place: int) -> None:
    assert check(number([*WHOLE[: place + 1], WHOLE[place], *WHOLE[place + 1 :]]))


@pytest.mark.parametrize("cut", range(1, len(WHOLE) + 1))
def test_a_log_cut_anywhere_is_sound_again_once_repaired(cut: int) -> None:
    kept = number(WHOLE[:cut])
    turn_id, events = closing_events(kept)
    assert turn_id == (TURN if cut < len(WHOLE) else None)
    assert check(number([*WHOLE[:cut], *events])) == []
    assert closing_events(number([*WHOLE[:cut], *events])) == (None, [])


def broken_seq(envelopes: list[Envelope]) -> list[Envelope]:
    return envelopes[:3] + envelopes[4:]


def late_delta(envelopes: list[Envelope]) -> list[Envelope]:
    delta = ev.ItemDelta(item_id=SAID.item_id, channel=ev.Channel.TEXT, text="x")
    return [*envelopes[:4], envelopes[0].model_copy(update={"seq": None, "event": delta}), *envelopes[4:]]


def other_turn_inside(envelopes: list[Envelope]) -> list[Envelope]:
    inside = number([*WHOLE[:4], ev.TurnStarted()])[-1].model_copy(update={"turn_id": TurnId("u")})
    return [*envelopes[:4], inside]


def result_of_another_call(envelopes: list[Envelope]) -> list[Envelope]:
    result = ToolResult(call_id=CallId("other"), status=ToolStatus.DONE, text="ok")
    wrong = ev.ItemCompleted(item=RUN.model_copy(update={"result": result}))
    return number([*WHOLE[:8], wrong, WHOLE[9]])


def result_that_is_no_end(envelopes: list[Envelope]) -> list[Envelope]:
    result = ToolResult(call_id=CALL.call_id, status=ToolStatus.IN_PROGRESS, text="")
    return number([*WHOLE[:8], ev.ItemCompleted(item=RUN.model_copy(update={"result": result})), WHOLE[9]])


@pytest.mark.parametrize(
    "spoil", [broken_seq, late_delta, other_turn_inside, result_of_another_call, result_that_is_no_end]
)
def test_what_else_can_be_wrong_is_found(spoil: Callable[[list[Envelope]], list[Envelope]]) -> None:
    assert check(spoil(number(WHOLE)))
