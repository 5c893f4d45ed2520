"""One answer over several requests: cut, dropped, thought for ever, or in a dialect that does not work."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.agents import Bench, make_bench
from trashclaw.agent.dialects.native import Native
from trashclaw.agent.limits import Limits
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Part, Request, Role
from trashclaw.agent.seam import Seam
from trashclaw.agent.step import AnswerReader
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, Thought
from trashclaw.session.clock import SystemClock
from trashclaw.session.invariants import check

CUT = {"text": "One, two, three, four,", "end": "length"}
DROPPED = {"text": "One, two, three, four,", "error": {"kind": "dropped"}}


def said(bench: Bench) -> list[str]:
    return [item.text for item in bench.items if isinstance(item, AgentMessage)]


def codes(bench: Bench) -> list[str]:
    return [event.code for event in bench.events if isinstance(event, ev.Notice)]


@pytest.mark.parametrize("first", [CUT, DROPPED], ids=["cut", "dropped"])
@pytest.mark.parametrize("can_continue", [True, False])
async def test_an_answer_is_taken_up_where_it_ended(first: dict[str, Any], can_continue: bool) -> None:
    bench = make_bench([first, {"text": " five, six."}], traits={"can_continue": can_continue})
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.END_TURN
    assert done.steps == 1
    assert said(bench) == ["One, two, three, four, five, six."]
    again = bench.provider.requests[1]
    begun = again.messages[-1] if can_continue else again.messages[-2]
    assert (begun.role, begun.text) == (Role.ASSISTANT, "One, two, three, four,")
    assert again.is_continued is can_continue
    assert "answer_resumed" in codes(bench)
    assert check(bench.envelopes) == []


@pytest.mark.parametrize("first", [CUT, DROPPED], ids=["cut", "dropped"])
async def test_what_is_said_twice_stands_once(first: dict[str, Any]) -> None:
    bench = make_bench([first, {"text": "two, three, four, five, six."}])
    await bench.turn()
    assert said(bench) == ["One, two, three, four, five, six."]


async def test_the_next_request_goes_on_from_the_conversation_and_not_from_the_note() -> None:
    bench = make_bench([CUT, {"text": " five."}, {"text": "Yes."}])
    await bench.turn()
    await bench.turn("and?")
    last = bench.provider.requests[-1]
    assert [message.text for message in last.messages] == [
        "You are a test.",
        "go",
        "One, two, three, four, five.",
        "and?",
    ]
    assert "ledger_break" not in codes(bench)


@pytest.mark.parametrize("first", [CUT, DROPPED], ids=["cut", "dropped"])
async def test_the_thought_of_a_second_answer_is_no_part_of_the_words(first: dict[str, Any]) -> None:
    begun = {**first, "text": "One, two,\n"}
    bench = make_bench([begun, {"text": "<think>Where was I?</think>three, four."}])
    await bench.turn()
    assert said(bench) == ["One, two,\nthree, four."]
    assert [item.text for item in bench.items if isinstance(item, Thought)] == ["Where was I?"]


async def test_code_that_was_begun_is_still_code_in_a_second_answer() -> None:
    begun = {**DROPPED, "text": "Write it so:\n```\nas here\n"}
    quoted = '<tool_call>\n{"name": "echo", "arguments": {"text": "hi"}}\n</tool_call>\n```\nThat is all.'
    bench = make_bench([begun, {"text": quoted}])
    await bench.turn()
    assert bench.echo.heard == []
    assert said(bench) == [f"{begun['text']}{quoted}"]


async def test_an_answer_without_end_is_not_taken_up_for_ever() -> None:
    bench = make_bench([CUT] * 5)
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.END_TURN
    assert len(bench.provider.requests) == 5
    assert "answer_cut" in codes(bench)


async def test_no_tokens_left_means_no_continuation() -> None:
    bench = make_bench([{**CUT, "usage": {"prompt_tokens": 9, "completion_tokens": 6}}], limits=Limits(tokens=6))
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.LIMIT
    assert len(bench.provider.requests) == 1


async def test_what_a_short_piece_said_is_not_lost_when_it_is_cut_too() -> None:
    begun = "A beginning that is longer than what comes next."
    bench = make_bench([{"text": begun, "end": "length"}, {"text": " Short", "end": "length"}, {"text": " and over."}])
    await bench.turn()
    assert said(bench) == [f"{begun} Short and over."]


@pytest.mark.parametrize("can_continue", [True, False])
async def test_a_continuation_has_the_room_that_the_limit_leaves(can_continue: bool) -> None:
    bench = make_bench(
        [{**CUT, "usage": {"prompt_tokens": 9, "completion_tokens": 6}}, {"text": " five, six."}],
        limits=Limits(tokens=30),
        traits={"can_continue": can_continue},
    )
    await bench.turn()
    first, again = bench.provider.requests
    assert first.max_tokens == 30
    assert again.max_tokens is not None
    assert 0 < again.max_tokens < 30


async def test_calls_are_asked_again_for_a_few_times_in_an_answer_and_within_the_limits() -> None:
    calls = [{"name": "echo", "arguments": {"wrong": number}} for number in range(20)]
    answers = [{"text": '{"text": "hi"}'}] * 20
    bench = make_bench([{"calls": calls}, *answers], traits={"can_constrain": True}, limits=Limits(steps=1))
    await bench.turn()
    assert len(bench.provider.requests) == 4
    assert len(bench.runs) == 20
    bench = make_bench([{"calls": calls}, *answers], traits={"can_constrain": True}, limits=Limits(tokens=5))
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.LIMIT
    assert len(bench.provider.requests) == 1
    assert check(bench.envelopes) == []


async def test_two_calls_of_one_id_are_told_apart() -> None:
    async def parts() -> AsyncGenerator[Part, None]:
        yield CallPart(0, name="echo", provider_id="call_0", arguments='{"text": ')
        yield CallPart(0, provider_id="call_0", arguments='"one"}')
        yield CallPart(1, name="echo", provider_id="call_0", arguments='{"text": "two"}')
        yield EndPart(EndReason.TOOL_CALLS)

    reader = AnswerReader(lambda event: None, SystemClock())
    answer = reader.answer(await reader.read(parts(), Native().read(Request(()))))
    assert [(call.provider_id, "".join(call.pieces)) for call in answer.calls] == [
        ("call_0", '{"text": "one"}'),
        ("", '{"text": "two"}'),
    ]


async def test_a_call_that_was_begun_is_not_taken_up() -> None:
    call = {"name": "echo", "arguments": {"text": "hi"}}
    bench = make_bench([{"calls": [call], "error": {"kind": "dropped"}}])
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.ERROR
    assert bench.echo.heard == []
    assert check(bench.envelopes) == []


async def test_a_model_that_thinks_too_long_is_told_to_answer() -> None:
    bench = make_bench([{"thought": "hm " * 400}, {"text": "Four."}], think_tokens=64, traits={"has_thinking": True})
    await bench.turn()
    assert said(bench) == ["Four."]
    asked = bench.provider.requests[1]
    assert asked.think is False
    assert "thought long enough" in asked.messages[-1].text
    assert "thought_too_long" in codes(bench)
    assert check(bench.envelopes) == []


async def test_a_thought_that_fills_the_answer_is_no_answer() -> None:
    bench = make_bench([{"thought": "and so on", "end": "length"}, {"text": "Four."}])
    await bench.turn()
    assert said(bench) == ["Four."]
    assert [item.text for item in bench.items if isinstance(item, Thought)] == ["and so on"]


async def test_a_model_that_only_thinks_is_kept_from_thinking_and_then_stopped() -> None:
    bench = make_bench([{"thought": "hm"}] * 3, traits={"has_thinking": True})
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.STALLED
    assert [request.think for request in bench.provider.requests] == [None, None, False]


@given(st.text(), st.lists(st.text(max_size=30), max_size=20))
def test_a_seam_leaves_out_nothing_but_a_repetition(before: str, pieces: list[str]) -> None:
    seam = Seam(before)
    whole = "".join(pieces)
    shown = "".join([*(seam.feed(piece) for piece in pieces), seam.finish()])
    assert whole.endswith(shown)
    assert before.endswith(whole.removesuffix(shown) if shown else whole) or shown == whole


@given(st.text(min_size=12, max_size=60), st.text(max_size=60), st.integers(1, 7))
def test_a_repetition_is_found_in_whatever_pieces_it_comes(tail: str, more: str, size: int) -> None:
    seam = Seam("before " + tail)
    again = tail + more
    shown = [seam.feed(again[at : at + size]) for at in range(0, len(again), size)]
    assert len("".join([*shown, seam.finish()])) <= len(more) or not tail.strip()


def test_blanks_are_no_repetition() -> None:
    seam = Seam("def f():\n" + " " * 16)
    shown = [seam.feed(" " * 16 + "return 1"), seam.finish()]
    assert "".join(shown) == " " * 16 + "return 1"


async def test_a_window_that_no_server_has_is_not_believed() -> None:
    overflow = {"error": {"kind": "overflow", "prompt_tokens": 40, "limit": 10}}
    bench = make_bench([overflow, {"text": "Hello."}])
    assert (await bench.turn()).stop_reason is ev.StopReason.ERROR
    assert bench.agent.window.limit_tokens > 512
    assert (await bench.turn()).stop_reason is ev.StopReason.END_TURN


async def test_what_was_thought_and_said_counts_when_an_answer_takes_several_requests() -> None:
    steps = [{"thought": "hm " * 300, "end": "length"}, {"text": "one two " * 40, "end": "length"}, {"text": "three."}]
    bench = make_bench(steps)
    done = await bench.turn()
    assert done.usage.completion_tokens > 300
