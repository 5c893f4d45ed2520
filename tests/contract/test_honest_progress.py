"""How far a prompt is read: what the server says, or an estimate that moves, is marked and promises nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeOllama, OllamaStep
from tests.support.fake_openai import FakeOpenAI
from tests.support.loopback import LoopbackServer, Received, Wire
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import write_random
from trashclaw.agent.messages import EndPart, Message, Part, ProgressPart, Request, Role, TextPart
from trashclaw.agent.ports import Provider
from trashclaw.protocol.errors import ServerTooSlow
from trashclaw.protocol.events import Phase
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.pace_memory import Pace, PaceMemory
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.prompt_pace import PromptPace
from trashclaw.providers.server_traits import LLAMACPP, OPENAI, VLLM

ASK = Request((Message(Role.SYSTEM, "s" * 1200),))
"""300 tokens: three seconds of reading."""


class Held:
    """Time that only goes by while somebody waits for a silent server."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at

    async def pause(self, task: asyncio.Task[object], seconds: float) -> None:
        self.at += seconds
        await asyncio.sleep(0)


@pytest.fixture
def pace(tmp_path: Path) -> PromptPace:
    """Return a pace that an earlier session has measured: 100 tokens a second."""
    for name in ("ollama qwen3:8b", "openai tiny", "vllm tiny"):
        PaceMemory(tmp_path / "pace.json").write(name, Pace(100.0, 0.25))
    held = Held()
    return PromptPace(tmp_path / "pace.json", monotonic=held, pause=held.pause)


async def reading(stream: AsyncGenerator[Part, None], ticks: int) -> list[ProgressPart]:
    """Return the first figures of how far the prompt is read."""
    parts: list[ProgressPart] = []
    while len(parts) < ticks:
        part = await anext(stream)
        assert isinstance(part, ProgressPart)
        if part.phase is Phase.PREFILL:
            parts.append(part)
    return parts


async def hold_a_silent_prompt(provider: Provider, gate: asyncio.Event) -> None:
    """Check what is told during fifteen half seconds of silence, and that the answer comes after them."""
    async with aclosing(provider.stream(ASK)) as stream:
        parts = await reading(stream, 15)
        assert [part.done for part in parts] == [0, 50, 100, 150, 200, 250] + [294] * 9
        assert [part.eta_s for part in parts] == [3.0, 2.5, 2.0, 1.5, 1.0, 0.5] + [None] * 9
        assert [part.text for part in parts] == [""] * 14 + ["longer than usual"]
        assert {(part.total, part.is_estimate) for part in parts} == {(300, True)}
        gate.set()
        rest = [part async for part in stream]
    begun = rest.index(TextPart("Hi"))
    assert not any(isinstance(part, ProgressPart) for part in rest[begun:])
    await provider.aclose()


async def test_ollama_says_nothing_and_the_estimate_moves(pace: PromptPace) -> None:
    gates = {"read": asyncio.Event()}
    async with FakeOllama([OllamaStep(text="Hi", wait="read")], gates=gates) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url, pace=pace)
        await provider.load()
        await hold_a_silent_prompt(provider, gates["read"])


@pytest.mark.parametrize("traits", [OPENAI, VLLM])
async def test_a_server_without_progress_of_its_own_is_estimated_too(pace: PromptPace, traits: object) -> None:
    gates = {"read": asyncio.Event()}
    async with FakeOpenAI([OllamaStep(text="Hi", wait="read")], gates=gates) as server:
        provider = OpenAICompatProvider(server.url, "tiny", traits, pace=pace)  # type: ignore[arg-type]
        await hold_a_silent_prompt(provider, gates["read"])


async def test_a_model_that_is_not_known_is_given_no_figures() -> None:
    async with FakeOpenAI([OllamaStep(text="Hi")]) as server:
        provider = OpenAICompatProvider(server.url, "tiny", OPENAI)
        parts = [part async for part in provider.stream(ASK)]
        await provider.aclose()
    assert [part for part in parts if isinstance(part, ProgressPart)] == [ProgressPart(Phase.PREFILL)]


async def says_nothing(received: Received, wire: Wire) -> None:
    await wire.hung_up.wait()


async def test_a_tick_is_no_sign_of_life_from_the_server(pace: PromptPace) -> None:
    async with LoopbackServer(says_nothing) as server:
        limits = Timeouts(prompt_s=0.05)
        provider = OpenAICompatProvider(server.url, "tiny", OPENAI, timeouts=limits, asks_again=False, pace=pace)
        ticks = 0
        with pytest.raises(ServerTooSlow, match=r"reading the prompt for 0\.05 s"):
            async for part in provider.stream(ASK):
                ticks += isinstance(part, ProgressPart) and part.is_estimate
        assert ticks > 1
        await provider.aclose()


@pytest.mark.parametrize("is_closed", [True, False])
async def test_giving_up_while_it_ticks_frees_the_server_and_leaves_no_task(pace: PromptPace, is_closed: bool) -> None:
    arrived = asyncio.Event()

    async def handle(received: Received, wire: Wire) -> None:
        arrived.set()
        await wire.hung_up.wait()

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", OPENAI, asks_again=False, pace=pace)
        before = asyncio.all_tasks()
        if is_closed:
            stream = provider.stream(ASK)
            while not arrived.is_set():
                await reading(stream, 3)
            await stream.aclose()
        else:
            task = asyncio.create_task(drain(provider))
            await arrived.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        await server.idle()
        assert not [task for task in asyncio.all_tasks() - before if task.get_name() == "wait for a part"]
        await provider.aclose()


async def drain(provider: Provider) -> None:
    async for _ in provider.stream(ASK):
        pass


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    model = write_random(tmp_path_factory.mktemp("model") / "random.gguf")
    with Engine(model, n_ctx=16384, n_batch=256, n_ubatch=256) as running:
        yield running


async def test_llamacpp_says_itself_how_far_it_is_and_what_it_knew_is_counted(engine: Engine) -> None:
    provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
    first = Request((Message(Role.SYSTEM, "Be brief. " * 150), Message(Role.USER, "a")), max_tokens=1)
    longer = Request((*first.messages[:1], Message(Role.USER, "Read it. " * 100)), max_tokens=1)
    for request in (first, longer):
        parts = [part async for part in provider.stream(request)]
        end = parts[-1]
        assert isinstance(end, EndPart)
        assert end.usage is not None
        figures = [part for part in parts if isinstance(part, ProgressPart) and part.done is not None and part.total]
        told = [part.done or 0 for part in figures if not part.is_estimate]
        assert len(told) >= 3
        assert told == sorted(told)
        assert told[-1] == end.usage.prompt_tokens
        servers = [part for part in figures if part.total == end.usage.prompt_tokens]
        assert servers[0].done == end.usage.cached_tokens
        assert all(part.eta_s is not None for part in servers[1:])
    assert (end.usage.cached_tokens or 0) > 1000
    await provider.aclose()
