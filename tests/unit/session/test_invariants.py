"""The checker itself: it finds every way in which a log can be broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import ApprovalRequest, Verdict
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ApprovalId, CallId, ItemId, QuestionId, SessionId, TurnId
from trashclaw.protocol.items import AgentMessage, Compaction, ToolRun
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.protocol.usage import Timings, Usage
from trashclaw.session.invariants import check
from trashclaw.session.repair import closing_events

CALL = ToolCall(call_id=CallId("c"), name="x")
RUN = ToolRun(item_id=ItemId("r"), call=CALL, title="x")
RESULT = ToolResult(call_id=CALL.call_id, status=ToolStatus.DONE, text="ok")
DONE = RUN.model_copy(update={"status": ToolStatus.DONE, "result": RESULT})
SAID = AgentMessage(item_id=ItemId("m"), text="hi")
ASKED = ApprovalRequest(
    approval_id=ApprovalId("a"), item_id=RUN.item_id, call_id=CALL.call_id, tool="x", title="x", rule="x"
)
WHOLE: Sequence[ev.Event] = (
    ev.TurnStarted(),
    ev.StepStarted(step=1),
    ev.ItemStarted(item=SAID),
    ev.ItemCompleted(item=SAID),
    ev.ItemStarted(item=RUN),
    ev.ApprovalRequested(request=ASKED),
    ev.ApprovalResolved(approval_id=ASKED.approval_id, verdict=Verdict.ACCEPTED),
    ev.QuestionRequested(question_id=QuestionId("q"), item_id=RUN.item_id, text="?"),
    ev.QuestionResolved(question_id=QuestionId("q"), text="!"),
    ev.ItemCompleted(item=DONE),
    ev.StepCompleted(step=1, usage=Usage(), timings=Timings()),
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
        (1, "outside of any step"),
        (2, "without a start"),
        (3, "item m never completed"),
        (4, "no open tool run"),
        (5, "never asked"),
        (6, "while a question about it waited"),
        (7, "never asked"),
        (8, "question q never resolved"),
        (9, "before its tool runs"),
        (10, "step 1 never completed"),
        (11, "turn t never completed"),
    ],
)
def test_each_missing_event_is_found(place: int, told: str) -> None:
    assert any(told in problem for problem in check(without(place)))


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4, 6, 8, 9, 10, 11])
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
    return [*envelopes[:5], envelopes[0].model_copy(update={"seq": None, "event": delta}), *envelopes[5:]]


def other_turn_inside(envelopes: list[Envelope]) -> list[Envelope]:
    inside = number([*WHOLE[:4], ev.TurnStarted()])[-1].model_copy(update={"turn_id": TurnId("u")})
    return [*envelopes[:4], inside]


def result_of_another_call(envelopes: list[Envelope]) -> list[Envelope]:
    result = ToolResult(call_id=CallId("other"), status=ToolStatus.DONE, text="ok")
    wrong = ev.ItemCompleted(item=RUN.model_copy(update={"result": result}))
    return number([*WHOLE[:9], wrong, *WHOLE[10:]])


def result_that_is_no_end(envelopes: list[Envelope]) -> list[Envelope]:
    result = ToolResult(call_id=CALL.call_id, status=ToolStatus.IN_PROGRESS, text="")
    return number([*WHOLE[:9], ev.ItemCompleted(item=RUN.model_copy(update={"result": result})), *WHOLE[10:]])


def status_that_is_not_the_results(envelopes: list[Envelope]) -> list[Envelope]:
    wrong = ev.ItemCompleted(item=DONE.model_copy(update={"status": ToolStatus.FAILED}))
    return number([*WHOLE[:9], wrong, *WHOLE[10:]])


def step_out_of_order(envelopes: list[Envelope]) -> list[Envelope]:
    return number([*WHOLE[:11], ev.StepStarted(step=3), WHOLE[10].model_copy(update={"step": 3}), WHOLE[11]])


def question_about_nothing(envelopes: list[Envelope]) -> list[Envelope]:
    asked = ASKED.model_copy(update={"item_id": ItemId("nope")})
    return number([*WHOLE[:5], ev.ApprovalRequested(request=asked), *WHOLE[6:]])


@pytest.mark.parametrize(
    "spoil",
    [
        broken_seq,
        late_delta,
        other_turn_inside,
        result_of_another_call,
        result_that_is_no_end,
        status_that_is_not_the_results,
        step_out_of_order,
        question_about_nothing,
    ],
)
def test_what_else_can_be_wrong_is_found(spoil: Callable[[list[Envelope]], list[Envelope]]) -> None:
    assert check(spoil(number(WHOLE)))


@pytest.mark.parametrize("reason", list(ev.StopReason))
def test_only_a_turn_that_was_cut_short_leaves_a_step_open(reason: ev.StopReason) -> None:
    log = number([ev.TurnStarted(), ev.StepStarted(step=1), ev.TurnCompleted(stop_reason=reason)])
    cut_short = (ev.StopReason.ERROR, ev.StopReason.CANCELLED, ev.StopReason.LIMIT)
    assert bool(check(log)) is (reason not in cut_short)


def test_a_command_of_the_persons_own_needs_no_step() -> None:
    assert check(number([ev.ItemStarted(item=RUN), ev.ItemCompleted(item=DONE)], turn_id=None)) == []


def test_a_rewind_goes_back_to_an_item_that_is_still_sent_and_only_between_turns() -> None:
    back = ev.ConversationRewound(item_id=SAID.item_id)
    first = number([*WHOLE])
    once, twice = (
        Envelope(seq=len(WHOLE) + at, at=0.0, session_id=SessionId("s"), turn_id=None, event=back) for at in (1, 2)
    )
    assert check([*first, once]) == []
    assert "was not in it" in check([*first, once, twice])[0]
    inside = number([*WHOLE[:4], back, *WHOLE[4:]])
    assert any("while a turn ran" in line for line in check(inside))


def cut_and(*events: ev.Event) -> list[str]:
    """Return what is broken when two compactions are followed by these events, outside of any turn."""
    cuts = [Compaction(item_id=ItemId(name)) for name in ("first", "second")]
    made = [event for item in cuts for event in (ev.ItemStarted(item=item), ev.ItemCompleted(item=item))]
    return check(number([*made, *events], turn_id=None))


def test_the_last_compaction_in_force_can_be_undone_and_then_the_one_before() -> None:
    first, second = (ev.CompactionUndone(item_id=ItemId(name)) for name in ("first", "second"))
    assert cut_and(second, first) == []
    assert any("not the last one in force" in problem for problem in cut_and(first))
    assert any("not the last one in force" in problem for problem in cut_and(second, second))
    assert cut_and(second, ev.ConversationRewound(item_id=ItemId("second")), first) == []
    in_a_turn = number([*WHOLE[:1], ev.CompactionUndone(item_id=ItemId("x")), *WHOLE[1:]])
    assert any("undone while a turn ran" in problem for problem in check(in_a_turn))
