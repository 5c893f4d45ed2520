"""What the agent makes of the figures of servers: believed, told, asked for, and made up where there are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from tests.support.agents import Bench, make_bench
from tests.support.fake_ollama import FakeOllama, OllamaStep
from tests.support.waiting import until
from trashclaw.agent.messages import Request
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ServerFailed
from trashclaw.providers.ollama import OllamaProvider

LONG = "The parser fails on empty lines, and the lexer is slow. " * 60
WINDOW = 16_384
CUT = 4_096


def echo(number: int) -> OllamaStep:
    return OllamaStep.model_validate({"calls": [{"name": "echo", "arguments": {"text": f"{number} {LONG}"}}]})


@asynccontextmanager
async def on_ollama(count: int, **traits: Any) -> AsyncIterator[tuple[Bench, FakeOllama]]:
    """Give an agent on a fake server that plays so many calls and an end."""
    steps = [*map(echo, range(count)), OllamaStep(text="Done.")]
    async with FakeOllama(steps, **traits) as server:
        bench = make_bench([], limit_tokens=WINDOW)
        provider = OllamaProvider("qwen3:8b", server.url, num_ctx=WINDOW)
        bench.agent.provider = provider
        yield bench, server
        await provider.aclose()


def usages(bench: Bench) -> list[ev.StepCompleted]:
    return [event for event in bench.events if isinstance(event, ev.StepCompleted)]


async def test_a_prompt_that_the_server_cuts_is_told_once_with_its_figures() -> None:
    async with on_ollama(6, measure=lambda tokens, before: min(tokens, CUT)) as (bench, server):
        await bench.turn()
        whole = server.read_tokens
    (told,) = [event for event in bench.events if isinstance(event, ev.Notice) and event.code == "prompt_cut"]
    assert told.level is ev.NoticeLevel.WARNING
    assert f"{CUT} tokens" in told.text
    assert "--num-ctx" in told.hint
    assert str(WINDOW) in told.hint
    assert whole > CUT * 1.5
    assert bench.agent.window.meter.estimate(bench.agent.manner.dialect.render(_request(bench))) > CUT * 1.4


async def test_a_server_that_counts_only_what_is_new_is_no_server_that_cuts() -> None:
    async with on_ollama(6, measure=lambda tokens, before: tokens - before) as (bench, server):
        await bench.turn()
        whole = server.read_tokens
    assert not [event for event in bench.events if isinstance(event, ev.Notice) and event.code == "prompt_cut"]
    last = usages(bench)[-1].usage
    assert last.is_estimate
    assert last.prompt_tokens == pytest.approx(whole, rel=0.25)
    assert last.cached_tokens is not None
    assert last.cached_tokens > whole / 2


async def test_a_server_that_counts_all_of_it_is_believed() -> None:
    async with on_ollama(3) as (bench, server):
        await bench.turn()
        whole = server.read_tokens
    assert usages(bench)[-1].usage.prompt_tokens == whole
    assert not usages(bench)[-1].usage.is_estimate


def _request(bench: Bench) -> Request:
    return Request(bench.agent.history.messages, bench.agent.manner.tools)


async def test_what_an_interrupted_answer_has_cost_is_estimated() -> None:
    bench = make_bench([{"text": "I was about to say something of some length", "hold": True}])
    turn = asyncio.create_task(bench.turn())
    await until(lambda: any(isinstance(event, ev.ItemDelta) for event in bench.events))
    turn.cancel()
    done = await turn
    assert done.stop_reason is ev.StopReason.CANCELLED
    assert done.usage.is_estimate
    assert done.usage.prompt_tokens > 0
    assert done.usage.completion_tokens > 0


async def test_of_a_request_that_was_never_answered_nothing_is_known() -> None:
    gate = asyncio.Event()
    bench = make_bench([{"text": "x", "wait": "go"}], gates={"go": gate})
    turn = asyncio.create_task(bench.turn())
    await until(lambda: bool(bench.provider.requests))
    turn.cancel()
    done = await turn
    assert (done.usage.prompt_tokens, done.usage.completion_tokens) == (0, 0)


class Counting:
    """Counts for an agent, and notes what for."""

    def __init__(self, bench: Bench, counted: int | Exception | None) -> None:
        self.counted, self.asked = counted, list[Request]()
        manner = bench.agent.manner
        bench.agent.manner = replace(manner, profile=replace(manner.profile, counts_tokens=True))
        bench.provider.count_tokens = self.count  # type: ignore[method-assign]

    async def count(self, request: Request) -> int | None:
        self.asked.append(request)
        if isinstance(self.counted, Exception):
            raise self.counted
        return self.counted


def echoes(count: int, size: int = 40) -> list[dict[str, Any]]:
    said = [
        {"calls": [{"name": "echo", "arguments": {"text": f"{number} " + "word " * size}}]} for number in range(count)
    ]
    return [*said, {"text": "Done."}]


async def test_the_first_request_is_counted_exactly_and_no_other_one_far_from_the_marks() -> None:
    bench = make_bench(echoes(4))
    counting = Counting(bench, 431)
    await bench.turn()
    assert counting.asked == [bench.provider.requests[0]]
    assert bench.agent.window.meter.estimate(bench.provider.requests[0]) == 431


async def test_a_request_near_the_mark_is_counted_before_the_window_is_compacted() -> None:
    estimated = make_bench(echoes(14, 150), limit_tokens=4_000)
    await estimated.turn()
    bench = make_bench(echoes(14, 150), limit_tokens=4_000)
    counting = Counting(bench, None)
    counting.counted = 1_500
    await bench.turn()
    assert any(isinstance(event, ev.ItemCompleted) and event.item.kind == "compaction" for event in estimated.events)
    assert not any(isinstance(event, ev.ItemCompleted) and event.item.kind == "compaction" for event in bench.events)
    assert len(counting.asked) > 1


@pytest.mark.parametrize("answer", [None, ServerFailed("out of order"), TimeoutError()])
async def test_a_count_that_cannot_be_had_does_not_matter(answer: Exception | None) -> None:
    bench = make_bench(echoes(2))
    counting = Counting(bench, answer)
    assert (await bench.turn()).stop_reason is ev.StopReason.END_TURN
    assert counting.asked


async def test_a_server_that_cannot_count_is_not_asked() -> None:
    bench = make_bench(echoes(2))
    counting = Counting(bench, 431)
    bench.agent.manner = replace(bench.agent.manner, profile=replace(bench.agent.manner.profile, counts_tokens=False))
    await bench.turn()
    assert counting.asked == []
