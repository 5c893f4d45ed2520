"""The windows of servers that choose them: told with their reason, asked for where possible, and looked at again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.fake_openai import FakeOpenAI, event
from tests.support.loopback import Handler, LoopbackServer, Received, Wire
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import write_random
from trashclaw.agent.messages import EndPart, Message, NoticePart, Part, ProgressPart, Request, Role
from trashclaw.protocol.errors import ContextOverflow, ServerFailed, ServerTooSlow, StreamBroken
from trashclaw.protocol.events import Phase
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.script import Fault, FaultKind, ScriptedStep
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO, OPENAI, VLLM

ASK = Request((Message(Role.USER, "Hello"),))
QWEN = "qwen/qwen3-8b"


@dataclass
class Clock:
    """A clock that stands still until it is set on."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


async def answer(provider: OpenAICompatProvider, request: Request = ASK) -> list[Part]:
    return [part async for part in provider.stream(request)]


def notices_of(parts: list[Part]) -> list[NoticePart]:
    return [part for part in parts if isinstance(part, NoticePart)]


def serving(answers: Mapping[str, object]) -> Handler:
    """Return a handler that knows only these paths."""

    async def handle(received: Received, wire: Wire) -> None:
        if received.path in answers:
            await wire.reply(200, answers[received.path])
        else:
            await wire.reply(404, {"error": {"message": "File Not Found", "code": 404}})

    return handle


@dataclass
class FakeLMStudio:
    """LM Studio as its documents have it: models by key, loaded instances with their windows."""

    loaded_tokens: int | None = None
    grants: int = 1 << 30
    """The largest window that it gives."""

    load_status: int = 200
    hangs: bool = False
    loads: list[dict[str, Any]] = field(default_factory=list)
    is_silent: bool = False
    """It answers a chat with nothing at all."""

    has_end: bool = False
    """That nothing has an end."""

    async def handle(self, received: Received, wire: Wire) -> None:
        match received.path:
            case "/api/v1/models":
                await wire.reply(200, {"models": [self._entry()]})
            case "/api/v1/models/load":
                await self._load(json.loads(received.body), wire)
            case "/v1/chat/completions":
                await wire.begin("text/event-stream")
                if not self.is_silent or self.has_end:
                    await wire.chunk(event({} if self.is_silent else {"content": "Hi"}, "stop"))
                    await wire.chunk(b"data: [DONE]\n\n")
                await wire.end()
            case _:
                raise AssertionError(f"LM Studio has no {received.path}")

    def _entry(self) -> dict[str, Any]:
        instances = []
        if self.loaded_tokens is not None:
            instances = [{"id": QWEN, "config": {"context_length": self.loaded_tokens, "parallel": 4}}]
        entry = {"type": "llm", "key": QWEN, "loaded_instances": instances, "max_context_length": 40960}
        return entry | {"size_bytes": 4_900_000_000}

    async def _load(self, body: dict[str, Any], wire: Wire) -> None:
        assert set(body) == {"model", "context_length", "echo_load_config"}, "nothing that it does not know"
        assert self.loaded_tokens is None, "what is loaded is not loaded anew unasked"
        self.loads.append(body)
        if self.hangs:
            await wire.hung_up.wait()
            return
        if self.load_status != 200:
            await wire.reply(self.load_status, {"error": {"message": "Insufficient system resources"}})
            return
        self.loaded_tokens = min(body["context_length"], self.grants)
        config = {"context_length": self.loaded_tokens}
        await wire.reply(200, {"type": "llm", "instance_id": QWEN, "status": "loaded", "load_config": config})


async def test_lm_studio_loads_a_model_with_the_window_that_was_asked_for() -> None:
    studio = FakeLMStudio()
    async with LoopbackServer(studio.handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=16384)
        profile = await provider.profile()
        assert (profile.limit_tokens, profile.is_limit_assumed, profile.limit_reason) == (16384, False, "asked for")
        first = await answer(provider)
        assert first[0] == ProgressPart(Phase.LOADING)
        assert (await answer(provider))[0] != ProgressPart(Phase.LOADING)
        assert studio.loads == [{"model": QWEN, "context_length": 16384, "echo_load_config": True}]
        after = await provider.profile()
        assert (after.limit_tokens, notices_of(first)) == (16384, [])
        await provider.aclose()


async def test_lm_studio_that_gives_less_says_so_in_its_echo() -> None:
    studio = FakeLMStudio(grants=4096)
    async with LoopbackServer(studio.handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=16384)
        await provider.profile()
        [notice] = notices_of(await answer(provider))
        assert (notice.code, notice.limit_tokens) == ("window_changed", 4096)
        assert "4,096 tokens, not the 16,384 asked for" in notice.text
        await provider.aclose()


async def test_more_than_the_model_was_made_for_is_not_asked_of_lm_studio() -> None:
    async with LoopbackServer(FakeLMStudio().handle) as server:
        profile = await OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=99999).profile()
        assert profile.limit_reason == "99,999 asked for, but the model was made for 40,960"


async def test_a_model_that_lm_studio_has_loaded_with_less_is_left_alone_and_how_to_change_it_is_said() -> None:
    studio = FakeLMStudio(loaded_tokens=4096)
    async with LoopbackServer(studio.handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=16384)
        profile = await provider.profile()
        assert profile.limit_tokens == 4096
        assert profile.limit_warning == f"{QWEN} has a window of 4,096 tokens at LM Studio, not the 16,384 asked for."
        assert profile.limit_hint.endswith(f"lms unload {QWEN}; lms load {QWEN} --context-length 16384")
        await answer(provider)
        assert studio.loads == []
        await provider.aclose()


async def test_a_model_that_lm_studio_cannot_load_is_told() -> None:
    async with LoopbackServer(FakeLMStudio(load_status=500).handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=16384)
        await provider.profile()
        with pytest.raises(ServerFailed, match="Insufficient system resources"):
            await answer(provider)
        await provider.aclose()


async def test_an_lm_studio_that_takes_no_window_loads_it_by_itself() -> None:
    async with LoopbackServer(FakeLMStudio(load_status=404).handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=16384)
        await provider.profile()
        assert isinstance((await answer(provider))[-1], EndPart)
        await provider.aclose()


async def test_loading_in_lm_studio_has_the_limit_of_loading() -> None:
    async with LoopbackServer(FakeLMStudio(hangs=True).handle) as server:
        limits = Timeouts(load_s=0.05)
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO, num_ctx=16384, timeouts=limits)
        await provider.profile()
        with pytest.raises(ServerTooSlow, match="LM Studio"):
            await answer(provider)
        await provider.aclose()


async def test_an_end_without_a_word_or_a_count_is_lm_studios_silence_too() -> None:
    studio = FakeLMStudio(loaded_tokens=4096, is_silent=True, has_end=True)
    async with LoopbackServer(studio.handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO)
        await provider.profile()
        with pytest.raises(ContextOverflow):
            await answer(provider, Request((Message(Role.USER, "x = 1; " * 1900),)))
        assert isinstance((await answer(provider))[-1], EndPart)
        await provider.aclose()


async def test_lm_studios_silence_on_a_prompt_that_may_be_too_large_is_an_overflow_and_on_a_small_one_is_not() -> None:
    studio = FakeLMStudio(loaded_tokens=4096, is_silent=True)
    async with LoopbackServer(studio.handle) as server:
        provider = OpenAICompatProvider(server.url, QWEN, LMSTUDIO)
        await provider.profile()
        with pytest.raises(ContextOverflow) as caught:
            await answer(provider, Request((Message(Role.USER, "x = 1; " * 1900),)))
        assert caught.value.limit == 4096
        with pytest.raises(StreamBroken):
            await answer(provider)
        await provider.aclose()


@pytest.mark.parametrize(
    ("asked", "tokens", "reason", "warning"),
    [
        (None, 16384, "what the server tells of the model", ""),
        (16384, 16384, "what the server tells of the model", ""),
        (8192, 8192, "asked for; the server would give 16,384", ""),
        (32768, 16384, "what the server tells of the model", "m has a window of 16,384 tokens at vLLM, not the 32,768"),
    ],
)
async def test_what_is_asked_for_is_a_bound_where_the_server_has_chosen(
    asked: int | None, tokens: int, reason: str, warning: str
) -> None:
    entry = {"id": "m", "owned_by": "vllm", "max_model_len": 16384}
    async with LoopbackServer(serving({"/v1/models": {"data": [entry]}})) as server:
        profile = await OpenAICompatProvider(server.url, "", VLLM, num_ctx=asked).profile()
        assert (profile.limit_tokens, profile.limit_reason) == (tokens, reason)
        assert profile.limit_warning.startswith(warning)
        assert bool(profile.limit_hint) is bool(warning)


async def test_what_is_asked_for_is_believed_where_the_server_does_not_tell() -> None:
    async with LoopbackServer(serving({})) as server:
        profile = await OpenAICompatProvider(server.url, "phi", OPENAI, num_ctx=20000).profile()
        assert (profile.limit_tokens, profile.is_limit_assumed) == (20000, False)
        assert profile.limit_reason == "asked for; the server does not tell what it has"
        unknown = await OpenAICompatProvider(server.url, "phi", OPENAI).profile()
        assert (unknown.limit_tokens, unknown.limit_reason) == (8192, "assumed: the server does not tell")


async def test_a_server_with_another_window_after_a_long_silence_is_noticed_before_the_request() -> None:
    clock = Clock()
    async with FakeOpenAI([ScriptedStep(text="a")] * 4, n_ctx=8192) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP, clock=clock)
        await provider.profile()
        await answer(provider)
        server.n_ctx = 4096
        clock.now += 60
        assert notices_of(await answer(provider)) == []
        clock.now += 301
        [notice] = notices_of(await answer(provider))
        assert (notice.code, notice.limit_tokens) == ("window_changed", 4096)
        assert "a window of 4,096 tokens now; it was 8,192" in notice.text
        assert notice.hint.startswith("Start it with: llama-server -c 8192")
        assert notices_of(await answer(provider)) == []
        await provider.aclose()


async def test_a_larger_window_is_told_and_not_taken_in_mid_session() -> None:
    clock = Clock()
    async with FakeOpenAI([ScriptedStep(text="a")] * 2, n_ctx=8192) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP, clock=clock)
        await provider.profile()
        await answer(provider)
        server.n_ctx = 16384
        clock.now += 301
        [notice] = notices_of(await answer(provider))
        assert (notice.code, notice.limit_tokens) == ("window_changed", None)
        await provider.aclose()


async def test_a_server_that_lost_a_connection_is_asked_again() -> None:
    dropped = ScriptedStep(text="Half", error=Fault(kind=FaultKind.DROPPED))
    async with FakeOpenAI([dropped, ScriptedStep(text="a")], n_ctx=8192) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP)
        await provider.profile()
        with pytest.raises(StreamBroken):
            await answer(provider)
        server.n_ctx = 4096
        [notice] = notices_of(await answer(provider))
        assert notice.limit_tokens == 4096
        await provider.aclose()


async def test_what_no_longer_fits_is_refused_before_it_is_sent() -> None:
    clock = Clock()
    async with FakeOpenAI([ScriptedStep(text="a")], n_ctx=8192) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP, clock=clock)
        await provider.profile()
        await answer(provider)
        server.n_ctx, clock.now = 512, clock.now + 301
        with pytest.raises(ContextOverflow) as caught:
            await answer(provider, Request((Message(Role.USER, "word " * 1000),)))
        assert (caught.value.limit, len(server.chats)) == (512, 1)
        await provider.aclose()


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random(tmp_path_factory.mktemp("model") / "random.gguf")


@pytest.fixture(params=[False, True])
def slots(weights: Path, request: pytest.FixtureRequest) -> Iterator[tuple[Engine, int]]:
    """Run the real server with four slots that share 8,192 tokens, or each have a fourth of them."""
    with Engine(weights, n_ctx=8192, n_parallel=4, kv_unified=request.param) as running:
        yield running, 8192 if request.param else 2048


async def test_the_real_server_tells_the_window_of_one_of_its_slots(slots: tuple[Engine, int]) -> None:
    engine, expected = slots
    provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
    profile = await provider.profile()
    assert (profile.limit_tokens, profile.is_limit_assumed) == (expected, False)
    assert profile.limit_reason == "what the server was started with, for each of its 4 slots"
    with pytest.raises(ContextOverflow) as caught:
        await answer(provider, Request((Message(Role.USER, "word " * 9000),), max_tokens=4))
    assert caught.value.limit == expected
    await provider.aclose()


async def test_the_real_server_started_anew_with_less_is_noticed(weights: Path) -> None:
    clock = Clock()
    with Engine(weights, n_ctx=4096) as first:
        port = int(first.url.rpartition(":")[2])
        provider = OpenAICompatProvider(first.url, "", LLAMACPP, clock=clock)
        assert (await provider.profile()).limit_tokens == 4096
        await answer(provider, Request(ASK.messages, max_tokens=4))
    clock.now += 301
    with await asyncio.to_thread(Engine, weights, 2048, port=port):
        parts = await answer(provider, Request(ASK.messages, max_tokens=4))
        [notice] = notices_of(parts)
        assert notice.limit_tokens == 2048
        assert isinstance(parts[-1], EndPart)
    await provider.aclose()
