"""Ollama's own API: what only it asks for, and the ways in which only it fails."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama, OllamaStep
from tests.support.loopback import LoopbackServer, Received, Wire
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Message, Part, ProgressPart, Request, Role, TextPart
from trashclaw.protocol.errors import ContextOverflow, ModelNotFound, StreamBroken, ToolsUnsupported
from trashclaw.protocol.events import Phase
from trashclaw.protocol.tools import ToolSpec
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.retry import RetryingProvider
from trashclaw.providers.script import Fault, FaultKind, ScriptedCall

READ = ToolSpec(
    name="read_file",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)
ASK = Request((Message(Role.SYSTEM, "Be brief."), Message(Role.USER, "Fix the bug.")), (READ,))
CALL = ScriptedCall(name="read_file", arguments={"path": "a.py"})


async def answer(provider: OllamaProvider | RetryingProvider, request: Request = ASK) -> list[Part]:
    return [part async for part in provider.stream(request)]


def names_of(parts: Sequence[Part]) -> list[str]:
    return [part.name for part in parts if isinstance(part, CallPart)]


async def test_every_request_has_the_same_window_and_the_model_is_loaded_once() -> None:
    async with FakeOllama([OllamaStep(text="a"), OllamaStep(text="b"), OllamaStep(text="c")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        await provider.load()
        await answer(provider)
        await answer(provider, Request(ASK.messages, (), max_tokens=100, temperature=0.2, think=False))
        await answer(provider, Request(ASK.messages))
        await provider.aclose()
        assert ollama.loads == [("qwen3:8b", 32768)]
        assert {chat.options.num_ctx for chat in ollama.chats} == {32768}
        assert {chat.keep_alive for chat in ollama.chats} == {"30m"}
        assert (ollama.chats[1].options.num_predict, ollama.chats[1].think) == (100, False)
        assert ollama.chats[0].think is None
        assert not ollama.dropped_words


@pytest.mark.parametrize(
    ("explicit", "model", "expected"),
    [
        (16384, FakeModel(), 16384),
        (99999, FakeModel(context_length=8192), 8192),
        (None, FakeModel(parameters="temperature 0.6\nnum_ctx    65536", context_length=131072), 65536),
        (None, FakeModel(context_length=131072), 32768),
        (None, FakeModel(context_length=4096), 4096),
        (None, FakeModel(context_length=None), 8192),
    ],
)
async def test_the_window_is_chosen_by_the_user_then_the_model(
    explicit: int | None, model: FakeModel, expected: int
) -> None:
    async with FakeOllama([OllamaStep(text="a")], models=[model]) as ollama:
        provider = OllamaProvider("", ollama.url, num_ctx=explicit)
        profile = await provider.profile()
        assert profile.limit_tokens == expected
        assert profile.is_limit_assumed is (explicit is None and model.context_length is None)
        await answer(provider)
        assert ollama.chats[0].options.num_ctx == expected
        await provider.aclose()


async def test_a_window_that_was_cut_when_loading_shows_after_the_first_reply() -> None:
    async with FakeOllama([OllamaStep(text="a"), OllamaStep(text="b")], memory_tokens=4096) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        assert (await provider.profile()).limit_tokens == 32768
        await answer(provider)
        assert (await provider.profile()).limit_tokens == 4096
        await answer(provider)
        assert len(ollama.loads) == 1
        await provider.aclose()


async def test_loading_is_told_from_reading() -> None:
    async with FakeOllama([OllamaStep(text="a"), OllamaStep(text="b")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        await provider.profile()
        loading, reading = (await answer(provider))[0], (await answer(provider))[0]
        assert loading == ProgressPart(Phase.LOADING)
        assert isinstance(reading, ProgressPart)
        assert (reading.phase, reading.is_estimate) == (Phase.PREFILL, True)
        await provider.aclose()


async def test_a_model_that_is_in_memory_is_not_called_loading_and_can_be_unloaded() -> None:
    async with FakeOllama([OllamaStep(text="a")]) as ollama:
        ollama.loaded["qwen3:8b"] = 32768
        provider = OllamaProvider("qwen3:8b", ollama.url)
        await provider.profile()
        assert (await answer(provider))[0] == ProgressPart(Phase.PREFILL)
        await provider.unload()
        assert not ollama.loaded
        await provider.aclose()


@pytest.mark.parametrize("calls_in_last", [False, True])
async def test_calls_come_in_any_message(calls_in_last: bool) -> None:
    step = OllamaStep(text="Reading.", calls=(CALL, CALL), calls_in_last=calls_in_last)
    async with FakeOllama([step]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        parts = await answer(provider)
        pieces = [part for part in parts if isinstance(part, CallPart)]
        assert [(part.index, json.loads(part.arguments)) for part in pieces] == [
            (0, {"path": "a.py"}),
            (1, {"path": "a.py"}),
        ]
        assert len({part.provider_id for part in pieces}) == 2
        assert isinstance(parts[-1], EndPart)
        assert parts[-1].reason is EndReason.TOOL_CALLS
        await provider.aclose()


async def test_an_end_without_done_is_no_end() -> None:
    async with FakeOllama([OllamaStep(text="and and and", calls=(CALL,), has_done=False)]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        seen: list[Part] = []
        with pytest.raises(StreamBroken, match="before it was whole"):
            async for part in provider.stream(ASK):
                seen += [part]
        assert names_of(seen) == ["read_file"]
        await provider.aclose()


async def test_an_error_in_the_middle_of_a_stream_is_told() -> None:
    async with FakeOllama([OllamaStep(text="Half", error_line="an error was encountered while running")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        with pytest.raises(StreamBroken, match="an error was encountered while running"):
            await answer(provider)
        await provider.aclose()


async def test_an_overflow_is_read_out_of_json_within_json() -> None:
    async with FakeOllama([OllamaStep(text="never")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url, num_ctx=64)
        with pytest.raises(ContextOverflow) as caught:
            await answer(provider)
        assert caught.value.limit == 64
        assert caught.value.prompt_tokens is not None
        assert caught.value.prompt_tokens > 64
        await provider.aclose()


async def test_a_missing_model_says_how_to_get_it() -> None:
    async with FakeOllama() as ollama:
        provider = OllamaProvider("qwen9", ollama.url)
        with pytest.raises(ModelNotFound) as caught:
            await provider.profile()
        assert caught.value.hint == "Get it with: ollama pull qwen9"
        await provider.aclose()


async def test_an_ollama_without_models_says_how_to_get_one() -> None:
    async with FakeOllama(models=[]) as ollama:
        provider = OllamaProvider("", ollama.url)
        with pytest.raises(ModelNotFound, match="no models"):
            await provider.profile()
        await provider.aclose()


async def test_what_a_model_cannot_do_is_known_and_not_asked_for() -> None:
    plain = FakeModel("gemma:2b", capabilities=("completion",))
    async with FakeOllama([OllamaStep(text="a")], models=[plain]) as ollama:
        provider = OllamaProvider("gemma:2b", ollama.url, think=True)
        profile = await provider.profile()
        assert (profile.has_tools, profile.has_thinking) == (False, False)
        assert TextPart("a") in await answer(provider, Request(ASK.messages))
        with pytest.raises(ToolsUnsupported, match="does not support tools") as caught:
            await answer(provider)
        assert caught.value.hint == "Choose a model that can call tools."
        await provider.aclose()


@pytest.mark.parametrize(
    "cloud",
    [
        FakeModel("gpt-oss:120b-cloud", remote_host="https://ollama.com:443"),
        FakeModel("kimi:cloud"),
        FakeModel("mine:latest", remote_host="https://ollama.com:443"),
    ],
)
async def test_a_model_that_runs_elsewhere_is_marked_and_never_chosen_first(cloud: FakeModel) -> None:
    async with FakeOllama(models=[cloud, FakeModel()]) as ollama:
        remote, first = OllamaProvider(cloud.name, ollama.url), OllamaProvider("", ollama.url)
        assert (await remote.profile()).is_remote
        profile = await first.profile()
        assert (profile.model, profile.is_remote) == ("qwen3:8b", False)
        await remote.aclose()
        await first.aclose()


async def test_a_duration_in_bare_seconds_is_sent_as_a_number() -> None:
    async with FakeOllama([OllamaStep(text="a")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url, keep_alive="300")
        await answer(provider)
        assert ollama.chats[0].keep_alive == 300
        await provider.aclose()


async def test_a_full_queue_is_waited_for() -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    busy = OllamaStep(error=Fault(kind=FaultKind.HTTP, status=503))
    async with FakeOllama([busy, busy, OllamaStep(text="a")]) as ollama:
        provider = RetryingProvider(OllamaProvider("qwen3:8b", ollama.url), sleep=sleep)
        parts = await answer(provider)
        waiting = [part.text for part in parts if isinstance(part, ProgressPart) and part.phase is Phase.WAITING]
        assert [text.partition(":")[0] for text in waiting] == ["try 2 of 3 in 0.5 s", "try 3 of 3 in 1 s"]
        assert TextPart("a") in parts
        assert waits == [0.5, 1.0]
        await provider.aclose()


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b'{"message": {"content": "Hi"}, "do', "no JSON"),
        (b"[]\n", "no object"),
        (b'{"message": null}\n', "before it was whole"),
        (b'{"message": {"tool_calls": [{"function": null}]}, "done": "yes"}\n', "before it was whole"),
    ],
)
async def test_nonsense_is_told_and_no_reason_to_fall(content: bytes, match: str) -> None:
    async def handle(received: Received, wire: Wire) -> None:
        if received.path == "/api/show":
            await wire.reply(200, {"capabilities": "all", "model_info": [], "parameters": 3, "details": None})
            return
        await wire.begin("application/x-ndjson")
        await wire.chunk(content)
        await wire.end()

    async with LoopbackServer(handle) as server:
        provider = OllamaProvider("m", server.url)
        with pytest.raises(StreamBroken, match=match):
            await answer(provider)
        await provider.aclose()
