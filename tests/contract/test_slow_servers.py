"""Slow and broken servers: each phase has its limit, and nothing is sent again that may have been read."""

from __future__ import annotations

import json

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama, OllamaStep
from tests.support.fake_openai import FakeOpenAI, event
from tests.support.loopback import LoopbackServer, Received, Wire
from trashclaw.agent.messages import Message, Part, ProgressPart, Request, Role, TextPart
from trashclaw.agent.ports import Provider
from trashclaw.protocol.errors import (
    AnswerUnreadable,
    ProviderError,
    ServerFailed,
    ServerTooSlow,
    ServerUnreachable,
    StreamBroken,
    ToolsUnsupported,
)
from trashclaw.protocol.events import Phase
from trashclaw.providers import endpoint, patience
from trashclaw.providers.factory import ProviderOptions, make_provider
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.retry import RetryingProvider, RetryPolicy
from trashclaw.providers.script import Fault, FaultKind, ScriptedCall, ScriptedStep
from trashclaw.providers.server_traits import LLAMACPP

ASK = Request((Message(Role.USER, "Hello"),))
PROGRESS = {"choices": [], "prompt_progress": {"total": 9000, "cache": 0, "processed": 512, "time_ms": 900}}
WAITS: list[float] = []


async def no_sleep(seconds: float) -> None:
    WAITS.append(seconds)


def retrying(url: str, retries: int = 2, timeouts: Timeouts | None = None) -> RetryingProvider:
    WAITS.clear()
    provider = OpenAICompatProvider(url, "tiny", LLAMACPP, timeouts=timeouts, asks_again=retries > 0)
    return RetryingProvider(provider, RetryPolicy(max_retries=retries), sleep=no_sleep)


async def answer(provider: Provider, request: Request = ASK) -> list[Part]:
    return [part async for part in provider.stream(request)]


async def failure(provider: Provider, request: Request = ASK) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await answer(provider, request)
    await provider.aclose()
    return caught.value


async def reads_for_ever(received: Received, wire: Wire) -> None:
    await wire.begin("text/event-stream")
    await wire.chunk(b"data: " + json.dumps(PROGRESS).encode() + b"\n\n: ping\n\n")
    await wire.hung_up.wait()


async def says_nothing(received: Received, wire: Wire) -> None:
    await wire.hung_up.wait()


@pytest.mark.parametrize("handle", [reads_for_ever, says_nothing])
async def test_a_prompt_that_takes_too_long_is_told_cancelled_and_never_sent_again(handle: object) -> None:
    async with LoopbackServer(handle) as server:  # type: ignore[arg-type]
        error = await failure(retrying(server.url, timeouts=Timeouts(prompt_s=0.05)))
        assert isinstance(error, ServerTooSlow)
        assert "reading the prompt for 0.05 s" in error.text
        assert "server.prompt_timeout_s" in error.hint
        await server.idle()
        assert len(server.requests) == 1
        assert not WAITS


async def test_a_server_whose_pings_stop_while_it_reads_has_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trashclaw.providers.openai_compat._PING_S", 0.03)
    async with LoopbackServer(reads_for_ever) as server:
        error = await failure(retrying(server.url, timeouts=Timeouts(idle_s=0.02)))
        assert isinstance(error, ServerTooSlow)
        assert "fell silent while it was reading the prompt: no ping for 0.03 s" in error.text
        assert len(server.requests) == 1


async def test_silence_in_the_middle_can_be_gone_on_from_and_names_its_setting() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        await wire.begin("text/event-stream")
        await wire.chunk(event({"content": "Hi"}))
        await wire.hung_up.wait()

    async with LoopbackServer(handle) as server:
        error = await failure(retrying(server.url, timeouts=Timeouts(idle_s=0.02)))
        assert isinstance(error, StreamBroken)
        assert (error.is_resumable, error.is_retryable) == (True, False)
        assert "0.02 s" in error.text
        assert "server.idle_timeout_s" in error.hint
        assert len(server.requests) == 1


@pytest.mark.parametrize("ending", ["end", "drop"])
async def test_an_answer_without_its_end_can_be_gone_on_from(ending: str) -> None:
    async def handle(received: Received, wire: Wire) -> None:
        await wire.begin("text/event-stream")
        await wire.chunk(event({"content": "Hi"}))
        if ending == "drop":
            wire.drop()
        else:
            await wire.end()

    async with LoopbackServer(handle) as server:
        error = await failure(retrying(server.url))
        assert isinstance(error, StreamBroken)
        assert error.is_resumable
        assert len(server.requests) == 1


async def test_an_ollama_that_stops_in_the_middle_can_be_gone_on_from() -> None:
    for step, can in ((OllamaStep(text="and and", has_done=False), True), (OllamaStep(has_done=False), False)):
        async with FakeOllama([step]) as ollama:
            error = await failure(OllamaProvider("qwen3:8b", ollama.url))
            assert isinstance(error, StreamBroken)
            assert (error.is_resumable, error.is_retryable) == (can, not can)


@pytest.mark.parametrize(("status", "requests"), [(500, 3), (502, 3), (503, 3), (429, 3), (400, 1), (501, 1)])
async def test_a_refusal_at_once_is_tried_again_if_it_may_pass(status: int, requests: int) -> None:
    steps = [ScriptedStep(error=Fault(kind=FaultKind.HTTP, status=status))] * requests
    async with FakeOpenAI(steps) as server:
        assert isinstance(await failure(retrying(server.url)), ServerFailed)
        assert len(server.chats) == requests


@pytest.mark.parametrize(("status", "requests"), [(500, 1), (502, 1), (503, 1), (504, 1), (429, 3)])
async def test_a_refusal_that_took_its_time_is_not(status: int, requests: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AT_ONCE_S", 0.0)
    steps = [ScriptedStep(error=Fault(kind=FaultKind.HTTP, status=status))] * requests
    async with FakeOpenAI(steps) as server:
        assert isinstance(await failure(retrying(server.url)), ServerFailed)
        assert len(server.chats) == requests


@pytest.mark.parametrize(("asked", "waits", "requests"), [("7", [7.0, 7.0], 3), ("0", [0.0, 0.0], 3), ("3600", [], 1)])
async def test_a_server_says_when_to_come_back(asked: str, waits: list[float], requests: int) -> None:
    async def handle(received: Received, wire: Wire) -> None:
        await wire.reply(429, {"error": {"message": "slow down"}}, {"Retry-After": asked})

    async with LoopbackServer(handle) as server:
        assert isinstance(await failure(retrying(server.url)), ServerFailed)
        assert waits == WAITS
        assert len(server.requests) == requests


@pytest.mark.parametrize(("retries", "requests"), [(2, 2), (0, 1)])
async def test_a_hang_up_at_once_is_asked_again_once_and_never_if_nothing_may_be(retries: int, requests: int) -> None:
    async def handle(received: Received, wire: Wire) -> None:
        wire.drop()

    async with LoopbackServer(handle) as server:
        error = await failure(retrying(server.url, retries))
        assert isinstance(error, ServerUnreachable)
        assert not error.is_retryable
        assert len(server.requests) == requests
    async with LoopbackServer(handle) as server:
        options = ProviderOptions(max_retries=retries)
        error = await failure(make_provider("llamacpp", "tiny", server.url, options))
        assert len(server.requests) == requests


async def test_a_hang_up_after_a_while_is_a_crash_and_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def handle(received: Received, wire: Wire) -> None:
        wire.drop()

    monkeypatch.setattr(endpoint, "_RACE_S", 0.0)
    async with LoopbackServer(handle) as server:
        await failure(retrying(server.url))
        assert len(server.requests) == 1


@pytest.mark.parametrize(("at_once_s", "requests"), [(5.0, 3), (0.0, 1)])
async def test_nothing_at_all_is_asked_for_again_only_if_it_came_at_once(
    at_once_s: float, requests: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "AT_ONCE_S", at_once_s)
    monkeypatch.setattr("trashclaw.providers.openai_reply.AT_ONCE_S", at_once_s)
    async with FakeOpenAI([ScriptedStep(error=Fault(kind=FaultKind.EMPTY))] * requests) as server:
        await failure(retrying(server.url))
        assert len(server.chats) == requests


async def test_nobody_there_is_tried_again_and_said() -> None:
    async with LoopbackServer(says_nothing) as server:
        pass
    error = await failure(retrying(server.url))
    assert isinstance(error, ServerUnreachable)
    assert WAITS == [0.5, 1.0]


async def test_a_call_that_the_server_cannot_read_is_told_apart() -> None:
    fault = Fault(kind=FaultKind.UNREADABLE)
    call = ScriptedCall(name="read_file", arguments={"path": "a.py"})
    async with FakeOpenAI([ScriptedStep(text="Hm", calls=(call,), error=fault)]) as server:
        assert isinstance(await failure(retrying(server.url)), AnswerUnreadable)
        assert len(server.chats) == 1
    async with FakeOllama([OllamaStep(text="Hm", error=fault)]) as ollama:
        assert isinstance(await failure(OllamaProvider("qwen3:8b", ollama.url)), AnswerUnreadable)


async def test_a_model_without_tools_is_told_apart() -> None:
    async with FakeOpenAI([ScriptedStep(error=Fault(kind=FaultKind.TOOLS_UNSUPPORTED))]) as server:
        assert isinstance(await failure(retrying(server.url)), ToolsUnsupported)
        assert len(server.chats) == 1


async def test_a_model_that_turns_out_not_to_think_is_asked_without_and_remembered() -> None:
    class Forgetful(FakeModel):
        def show(self, *, verbose: bool = False) -> dict[str, object]:
            return super().show(verbose=verbose) | {"capabilities": ["completion", "tools", "thinking"]}

    model = Forgetful(capabilities=("completion", "tools"))
    async with FakeOllama([OllamaStep(text="a"), OllamaStep(text="b")], models=[model]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url, think=True)
        assert TextPart("a") in await answer(provider)
        assert TextPart("b") in await answer(provider)
        sent = [json.loads(one.body).get("think") for one in ollama.server.requests if one.path == "/api/chat"]
        assert sent == [True, None, None]
        await provider.aclose()


@pytest.mark.parametrize(
    ("family", "think", "sent"),
    [
        ("gptoss", True, "medium"),
        ("gptoss", False, "low"),
        ("gptoss", "high", "high"),
        ("qwen3", "high", True),
        ("qwen3", False, False),
    ],
)
async def test_thinking_is_a_level_where_the_model_wants_one(family: str, think: bool | str, sent: bool | str) -> None:
    async with FakeOllama([OllamaStep(text="a")], models=[FakeModel(family=family)]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        assert TextPart("a") in await answer(provider, Request(ASK.messages, think=think))
        assert ollama.chats[0].think == sent
        await provider.aclose()


async def test_loading_has_its_own_limit_and_is_over_before_the_prompt_is_sent() -> None:
    async with FakeOllama([OllamaStep(text="a")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url, timeouts=Timeouts(load_s=30.0, prompt_s=30.0))
        await provider.profile()
        phases = [part.phase for part in await answer(provider) if isinstance(part, ProgressPart)]
        paths = [one.path for one in ollama.server.requests if one.method == "POST"]
        assert phases == [Phase.LOADING, Phase.PREFILL]
        assert paths == ["/api/show", "/api/generate", "/api/chat"]
        assert ollama.loads == [("qwen3:8b", 32768)]
        await provider.aclose()


async def test_a_model_that_takes_too_long_to_load_is_told() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        match received.path:
            case "/api/show":
                await wire.reply(200, {"capabilities": ["completion"]})
            case "/api/generate":
                await wire.hung_up.wait()
            case _:
                await wire.reply(200, {"models": []})

    async with LoopbackServer(handle) as server:
        provider = OllamaProvider("m", server.url, timeouts=Timeouts(load_s=0.05))
        await provider.profile()
        error = await failure(RetryingProvider(provider, sleep=no_sleep))
        assert isinstance(error, ServerTooSlow)
        assert "loading its model for 0.05 s" in error.text
        assert "server.load_timeout_s" in error.hint
        await server.idle()
        assert [one.path for one in server.requests].count("/api/generate") == 1


async def test_why_a_model_is_not_loaded_the_request_tells() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        match received.path:
            case "/api/show":
                await wire.reply(200, {"capabilities": ["completion"]})
            case "/api/generate" | "/api/chat":
                await wire.reply(400, {"error": "model requires more system memory"})
            case _:
                await wire.reply(200, {"models": []})

    async with LoopbackServer(handle) as server:
        provider = OllamaProvider("m", server.url, timeouts=Timeouts(load_s=30.0))
        await provider.profile()
        error = await failure(provider)
        assert "more system memory" in error.text
