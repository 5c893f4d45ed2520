"""The loop, over a scripted model."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tests.support.agents import Bench, make_bench
from tests.support.waiting import until
from trashclaw.agent.compaction import Marks
from trashclaw.agent.history import fold as fold_history
from trashclaw.agent.limits import Limits
from trashclaw.agent.messages import Role
from trashclaw.protocol import events as ev
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.items import AgentMessage, Compaction, Origin, Thought, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.invariants import check
from trashclaw.session.transcript import fold


def call(text: str = "hi", name: str = "echo") -> dict[str, Any]:
    return {"name": name, "arguments": {"text": text}}


def assert_sound(bench: Bench) -> None:
    """The invariants hold, and both folds are the same live and replayed."""
    assert bench.events
    assert check(bench.envelopes) == []
    durable = [envelope for envelope in bench.envelopes if envelope.seq is not None]
    assert fold(durable) == bench.journal.transcript
    replayed = fold_history("You are a test.", [envelope.event for envelope in durable])
    assert replayed.messages == bench.journal.history.messages


async def test_words_alone_end_the_turn() -> None:
    bench = make_bench([{"text": "Hello there."}])
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.END_TURN
    assert [item.text for item in bench.items if isinstance(item, AgentMessage)] == ["Hello there."]
    assert_sound(bench)


async def test_a_call_is_run_and_its_result_goes_back() -> None:
    bench = make_bench([{"text": "Let me hear.", "calls": [call("one")]}, {"text": "Done.", "expect": "heard one"}])
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.END_TURN
    assert done.steps == 2
    roles = [message.role for message in bench.journal.history.messages]
    assert roles == [Role.SYSTEM, Role.USER, Role.ASSISTANT, Role.TOOL, Role.ASSISTANT]
    assert_sound(bench)


async def test_thoughts_go_back_under_the_name_they_came_in() -> None:
    bench = make_bench([{"thought": "Hm.", "calls": [call()]}, {"text": "Done."}])
    await bench.turn()
    assert [item.text for item in bench.items if isinstance(item, Thought)] == ["Hm."]
    answer = bench.journal.history.messages[2]
    assert (answer.thought, bool(answer.thought_field)) == ("Hm.", True)
    assert_sound(bench)


async def test_parallel_calls_are_answered_in_order() -> None:
    bench = make_bench([{"calls": [call("a"), call("b"), call("c")]}, {"text": "Done."}])
    await bench.turn()
    assert bench.echo.heard == ["a", "b", "c"]
    assert_sound(bench)


async def test_an_unknown_tool_is_told_to_the_model() -> None:
    bench = make_bench([{"calls": [call(name="teleport")]}, {"text": "Sorry.", "expect": "no tool named 'teleport'"}])
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.END_TURN
    assert [run.status for run in bench.runs] == [ToolStatus.FAILED]
    assert_sound(bench)


async def test_another_name_of_a_tool_is_understood_and_noted() -> None:
    bench = make_bench([{"calls": [call(name="functions.Parrot")]}, {"text": "Done."}])
    await bench.turn()
    (run,) = bench.runs
    assert (run.call.name, run.call.asked_name) == ("echo", "functions.Parrot")
    assert [note.text for note in run.mended] == ["tool functions.Parrot -> echo"]
    assert_sound(bench)


@pytest.mark.parametrize("raw", ['{"text": "hi', "[1, 2]", "nonsense", "null"])
async def test_arguments_that_are_no_object_are_never_stored_as_they_are(raw: str) -> None:
    bench = make_bench([{"calls": [{"name": "echo", "arguments": raw}]}, {"text": "Ok.", "expect": "no JSON object"}])
    await bench.turn()
    (run,) = bench.runs
    assert (run.call.arguments, run.call.raw_arguments) == ("{}", raw)
    assert run.status is ToolStatus.FAILED
    assert_sound(bench)


async def test_an_exception_in_a_tool_becomes_text_for_the_model() -> None:
    bench = make_bench([{"calls": [call()]}, {"text": "Ok.", "expect": "echo failed"}])
    del bench.echo.gate
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.END_TURN
    assert_sound(bench)


async def test_one_empty_answer_is_nudged_and_two_end_the_turn() -> None:
    bench = make_bench([{}, {"text": "Here."}, {}, {}])
    assert (await bench.turn()).stop_reason is ev.StopReason.END_TURN
    assert (await bench.turn()).stop_reason is ev.StopReason.STALLED
    assert_sound(bench)


async def test_the_limit_of_steps_ends_the_turn() -> None:
    bench = make_bench([{"calls": [call()]}] * 3, limits=Limits(steps=3))
    done = await bench.turn()
    assert (done.stop_reason, done.steps) == (ev.StopReason.LIMIT, 3)
    assert_sound(bench)


@pytest.mark.parametrize("kind", ["unreachable", "http", "model_not_found", "dropped"])
async def test_a_failing_server_ends_the_turn_with_its_reason(kind: str) -> None:
    bench = make_bench([{"text": "Half an", "calls": [call()], "error": {"kind": kind}}])
    done = await bench.turn()
    assert done.stop_reason is ev.StopReason.ERROR
    assert done.error is not None
    assert done.error.text
    assert bench.echo.heard == []
    assert_sound(bench)


async def test_what_had_come_before_a_drop_stays() -> None:
    cut = {"text": "Half an answer", "calls": [call()], "error": {"kind": "dropped"}}
    bench = make_bench([cut, {"text": "Again."}])
    await bench.turn()
    assert [item.text for item in bench.items if isinstance(item, AgentMessage)] == ["Half an answer"]
    assert (await bench.turn()).stop_reason is ev.StopReason.END_TURN
    assert_sound(bench)


async def test_a_steer_skips_the_calls_that_have_not_started() -> None:
    bench = make_bench([{"calls": [call("a"), call("b")]}, {"text": "As you wish.", "expect": "stop that"}])
    bench.echo.gate.clear()
    turn = asyncio.create_task(bench.turn())
    await bench.echo.began.wait()
    bench.agent.inbox.add("stop that", "", Origin.STEER)
    bench.echo.gate.set()
    await turn
    assert [run.status for run in bench.runs] == [ToolStatus.DONE, ToolStatus.SKIPPED]
    said = [item.origin for item in bench.items if isinstance(item, UserMessage)]
    assert said == [Origin.PROMPT, Origin.STEER]
    assert_sound(bench)


async def test_a_follow_up_is_read_when_the_turn_would_end() -> None:
    bench = make_bench([{"calls": [call("a")]}, {"text": "First."}, {"text": "Second.", "expect": "and then"}])
    bench.echo.gate.clear()
    turn = asyncio.create_task(bench.turn())
    await bench.echo.began.wait()
    bench.agent.inbox.add("and then", "", Origin.FOLLOW_UP)
    bench.echo.gate.set()
    done = await turn
    assert done.steps == 3
    assert bench.journal.transcript.queue == ()
    assert_sound(bench)


async def test_an_interrupt_while_streaming_keeps_the_partial_answer() -> None:
    bench = make_bench([{"text": "I was about to", "hold": True}])
    turn = asyncio.create_task(bench.turn())
    await until(lambda: any(isinstance(event, ev.ItemDelta) for event in bench.events))
    turn.cancel()
    done = await turn
    assert done.stop_reason is ev.StopReason.CANCELLED
    assert [type(item) for item in bench.items] == [UserMessage, AgentMessage]
    assert_sound(bench)


async def test_an_interrupt_while_a_tool_runs_answers_every_call() -> None:
    bench = make_bench([{"calls": [call("a"), call("b"), call("c")]}])
    bench.echo.gate.clear()
    turn = asyncio.create_task(bench.turn())
    await bench.echo.began.wait()
    turn.cancel()
    done = await turn
    assert done.stop_reason is ev.StopReason.CANCELLED
    assert [run.status for run in bench.runs] == [ToolStatus.CANCELLED] * 3
    assert_sound(bench)


async def waiting_request(bench: Bench) -> ev.ApprovalRequested:
    await until(lambda: any(isinstance(event, ev.ApprovalRequested) for event in bench.events))
    return next(event for event in bench.events if isinstance(event, ev.ApprovalRequested))


async def test_a_command_waits_for_the_person() -> None:
    bench = make_bench([{"calls": [call("rm", name="shell")]}, {"text": "Done.", "expect": "careful"}])
    turn = asyncio.create_task(bench.turn())
    asked = await waiting_request(bench)
    answer = Approval(verdict=Verdict.ACCEPTED, note="careful")
    bench.approvals.answer(asked.request.approval_id, answer)
    await turn
    assert bench.shell.heard == ["rm"]
    assert_sound(bench)


async def test_a_rejection_reaches_the_model_in_the_persons_words() -> None:
    bench = make_bench([{"calls": [call("rm", name="shell")]}, {"text": "Ok.", "expect": "not on my machine"}])
    turn = asyncio.create_task(bench.turn())
    asked = await waiting_request(bench)
    answer = Approval(verdict=Verdict.REJECTED, note="not on my machine")
    bench.approvals.answer(asked.request.approval_id, answer)
    await turn
    assert bench.shell.heard == []
    assert [run.status for run in bench.runs] == [ToolStatus.REJECTED]
    assert_sound(bench)


async def test_an_interrupt_answers_what_was_asked() -> None:
    bench = make_bench([{"calls": [call("rm", name="shell")]}])
    turn = asyncio.create_task(bench.turn())
    await waiting_request(bench)
    turn.cancel()
    await turn
    resolved = [event for event in bench.events if isinstance(event, ev.ApprovalResolved)]
    assert [event.verdict for event in resolved] == [Verdict.CANCELLED]
    assert_sound(bench)


async def test_plan_mode_refuses_and_says_so() -> None:
    bench = make_bench([{"calls": [call("rm", name="shell")]}, {"text": "Then I plan.", "expect": "mode plan"}])
    bench.mode[0] = Mode.PLAN
    await bench.turn()
    assert bench.shell.heard == []
    assert_sound(bench)


async def test_every_request_continues_the_one_before() -> None:
    bench = make_bench([*([{"calls": [call(str(n))]} for n in range(10)]), {"text": "Done."}])
    await bench.turn()
    assert not [event for event in bench.events if isinstance(event, ev.Notice)]
    assert_sound(bench)


async def test_a_window_that_turns_out_smaller_is_told_and_kept_to() -> None:
    bench = make_bench([{"text": "Hello."}, {"text": "Again."}], limit_tokens=4096)
    bench.agent.window.limit_tokens = 32768
    await bench.turn()
    await bench.turn()
    told = [event.code for event in bench.events if isinstance(event, ev.Notice)]
    assert (told, bench.agent.window.limit_tokens) == (["window_smaller"], 4096)
    assert_sound(bench)


async def test_a_window_that_was_assumed_is_the_servers_as_soon_as_it_tells() -> None:
    bench = make_bench([{"text": "Hello."}], limit_tokens=32768)
    bench.agent.window.limit_tokens = 8192
    assumed = replace(bench.agent.manner.profile, limit_tokens=8192, is_limit_assumed=True)
    bench.agent.manner = replace(bench.agent.manner, profile=assumed)
    await bench.turn()
    told = [event.code for event in bench.events if isinstance(event, ev.Notice)]
    assert (told, bench.agent.window.limit_tokens) == (["window_known"], 32768)
    assert_sound(bench)


async def test_a_window_that_was_told_is_never_taken_for_larger() -> None:
    bench = make_bench([{"text": "Hello."}], limit_tokens=32768)
    bench.agent.window.limit_tokens = 8192
    await bench.turn()
    assert bench.agent.window.limit_tokens == 8192
    assert_sound(bench)


async def test_a_steer_that_an_interrupted_turn_never_read_is_read_first() -> None:
    bench = make_bench([{"calls": [call("a")]}, {"text": "Done.", "expect": "heard a"}])
    bench.agent.inbox.add("in German, please", "", Origin.STEER)
    await bench.turn("say it")
    assert [item.text for item in bench.items if isinstance(item, UserMessage)] == ["in German, please", "say it"]
    assert [run.status for run in bench.runs] == [ToolStatus.DONE]
    assert_sound(bench)


async def test_an_endless_name_of_a_tool_is_clipped_wherever_it_is_told() -> None:
    bench = make_bench([{"calls": [call(name="x" * 100_000)]}, {"text": "Sorry.", "expect": "There is no tool named"}])
    await bench.turn()
    (run,) = bench.runs
    assert run.result is not None
    assert max(len(run.title), len(run.call.name), len(run.result.text)) < 400
    assert_sound(bench)


async def test_two_empty_answers_far_apart_end_nothing() -> None:
    bench = make_bench([{}, {"calls": [call("a")]}, {}, {"calls": [call("b")]}, {"text": "Done."}])
    assert (await bench.turn()).stop_reason is ev.StopReason.END_TURN
    assert bench.echo.heard == ["a", "b"]
    assert_sound(bench)


async def test_what_is_said_at_the_limit_waits_for_the_next_turn() -> None:
    bench = make_bench([{"calls": [call("a")]}, {"text": "Done.", "expect": "go on"}], limits=Limits(steps=1))
    bench.echo.gate.clear()
    turn = asyncio.create_task(bench.turn())
    await bench.echo.began.wait()
    bench.agent.inbox.add("in German", "", Origin.STEER)
    bench.echo.gate.set()
    assert (await turn).stop_reason is ev.StopReason.LIMIT
    assert [entry.text for entry in bench.journal.transcript.queue] == ["in German"]
    assert (await bench.turn("go on")).stop_reason is ev.StopReason.END_TURN
    assert [item.text for item in bench.items if isinstance(item, UserMessage)] == ["go", "in German", "go on"]
    assert_sound(bench)


async def test_a_prompt_larger_than_the_window_is_refused_and_does_not_stand_in_the_way() -> None:
    bench = make_bench([{"text": "Hello."}], limit_tokens=2048)
    done = await bench.turn("word " * 20_000)
    assert done.error is not None
    assert done.error.code == "context_overflow"
    assert (await bench.turn("short")).stop_reason is ev.StopReason.END_TURN
    assert_sound(bench)


@pytest.mark.parametrize("high_water", [0.75, 0.9, 0.99])
async def test_a_window_that_fills_up_is_compacted_wherever_the_mark_is(high_water: float) -> None:
    steps = [{"calls": [call("word " * 400)]} for _ in range(12)]
    bench = make_bench([*steps, {"text": "Done."}], limit_tokens=8192, marks=Marks(high_water, 0.4))
    assert (await bench.turn()).stop_reason is ev.StopReason.END_TURN
    assert any(isinstance(item, Compaction) for item in bench.items)
    assert_sound(bench)


async def test_attachments_are_left_out_when_room_is_needed_and_the_words_stay() -> None:
    bench = make_bench([{"text": f"Read {n}."} for n in range(8)], limit_tokens=8192)
    for number in range(8):
        done = await bench.turn(f"look at file {number}", attached="line of a file\n" * 400)
        assert done.stop_reason is ev.StopReason.END_TURN
    words = "\n".join(message.text for message in bench.journal.history.messages)
    assert all(f"look at file {number}" in words for number in range(8))
    assert any(isinstance(item, Compaction) for item in bench.items)
    assert_sound(bench)
