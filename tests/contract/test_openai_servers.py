"""OpenAI-compatible servers at their worst, and what each kind tells of its window."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.fake_openai import FakeOpenAI, event
from tests.support.loopback import Handler, LoopbackServer, Received, Wire
from trashclaw.agent.messages import EndPart, Message, Part, ProgressPart, Request, Role, TextPart
from trashclaw.protocol.errors import (
    ContextOverflow,
    ModelNotFound,
    ServerFailed,
    ServerTooSlow,
    ServerUnreachable,
    StreamBroken,
    UsageError,
)
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.patience import Timeouts
from trashclaw.providers.script import ScriptedStep
from trashclaw.providers.server_address import root_url
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO, OPENAI, VLLM

CAPTURES = Path(__file__).with_name("captures")
ASK = Request((Message(Role.USER, "Hello"),))


async def answer(provider: OpenAICompatProvider) -> list[Part]:
    return [part async for part in provider.stream(ASK)]


def serving(answers: Mapping[str, object]) -> Handler:
    """Return a handler that knows only these paths."""

    async def handle(received: Received, wire: Wire) -> None:
        if received.path in answers:
            await wire.reply(200, answers[received.path])
        else:
            await wire.reply(404, {"error": {"message": "File Not Found", "code": 404}})

    return handle


async def test_a_server_that_hangs_up_without_a_byte_is_asked_once_more() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        if len(server.requests) == 1:
            wire.drop()
            return
        await wire.begin("text/event-stream")
        await wire.chunk(event({"content": "Hi"}, "stop"))
        await wire.end()

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny")
        assert TextPart("Hi") in await answer(provider)
        assert len(server.requests) == 2
        await provider.aclose()


async def test_a_server_that_always_hangs_up_is_unreachable() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        wire.drop()

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny")
        with pytest.raises(ServerUnreachable, match="hung up before it answered"):
            await answer(provider)
        assert len(server.requests) == 2
        await provider.aclose()


async def test_silence_is_patient_until_the_first_token_and_limited_after_it() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        await wire.begin("text/event-stream")
        await wire.chunk(b": ping\n\n")
        await ready.wait()
        await wire.chunk(event({"content": "Hi"}))
        await wire.hung_up.wait()

    ready = asyncio.Event()
    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", timeouts=Timeouts(idle_s=0.001))
        stream = provider.stream(ASK)
        assert isinstance(await anext(stream), ProgressPart)
        asyncio.get_running_loop().call_later(0.02, ready.set)
        assert await anext(stream) == TextPart("Hi")
        with pytest.raises(StreamBroken, match="fell silent"):
            await anext(stream)
        await server.idle()
        await provider.aclose()


async def test_a_whole_request_has_its_own_limit() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        await wire.hung_up.wait()

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", timeouts=Timeouts(request_s=0.01))
        with pytest.raises(ServerTooSlow, match=r"did not answer in time: the request has taken 0\.01 s") as caught:
            await answer(provider)
        assert "server.request_timeout_s" in caught.value.hint
        await server.idle()
        await provider.aclose()


async def test_nothing_in_answer_to_more_than_the_window_is_an_overflow() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        if received.path == "/props":
            await wire.reply(200, {"default_generation_settings": {"n_ctx": 16}})
            return
        await wire.begin("text/event-stream")
        await wire.end()

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP)
        await provider.profile()
        with pytest.raises(ContextOverflow) as caught:
            await answer(provider)
        assert caught.value.limit == 16
        await provider.aclose()


async def test_an_error_may_be_a_mere_string() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        text = "The number of tokens to keep from the initial prompt is greater than the context length"
        await wire.reply(400, {"error": f"{text} (n_keep: 13055>= n_ctx: 4096). Try a larger window."})

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LMSTUDIO)
        with pytest.raises(ContextOverflow) as caught:
            await answer(provider)
        assert (caught.value.prompt_tokens, caught.value.limit) == (13055, 4096)
        await provider.aclose()


async def test_the_key_is_sent_and_its_lack_is_explained() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        assert received.headers["authorization"] == "Bearer secret"
        await wire.reply(401, {"error": {"message": "Invalid API Key", "type": "authentication_error", "code": 401}})

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", api_key="secret")
        with pytest.raises(ServerFailed) as caught:
            await answer(provider)
        assert caught.value.status == 401
        assert "API key" in caught.value.hint
        await provider.aclose()


async def test_a_proxy_of_the_environment_never_sees_local_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    async with FakeOpenAI([ScriptedStep(text="Hi")]) as server:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
        provider = OpenAICompatProvider(server.url, "tiny")
        assert TextPart("Hi") in await answer(provider)
        await provider.aclose()


async def test_a_unix_socket_is_as_good_as_an_address(tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
        writer.write(event({"content": "Hi"}, "stop"))
        writer.close()
        await writer.wait_closed()

    path = str(tmp_path / "engine.sock")
    async with await asyncio.start_unix_server(serve, path):
        provider = OpenAICompatProvider("http://engine", "tiny", LLAMACPP, uds=path)
        assert TextPart("Hi") in await answer(provider)
        await provider.aclose()


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
async def test_the_address_may_end_in_v1_or_not(suffix: str) -> None:
    async with FakeOpenAI([ScriptedStep(text="Hi")]) as server:
        provider = OpenAICompatProvider(server.url + suffix, "", LLAMACPP)
        assert isinstance((await answer(provider))[-1], EndPart)
        assert server.chats[0].model == "tiny"
        await provider.aclose()


@pytest.mark.parametrize("address", ["", "http://", "http://127.0.0.1:99999", "http://[::1"])
def test_what_is_no_address_is_refused_at_once(address: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        root_url(address)


async def test_llamacpp_tells_the_window_of_a_slot() -> None:
    answers = {"/props": json.loads((CAPTURES / "random_props.json").read_bytes())}
    async with LoopbackServer(serving(answers)) as server:
        provider = OpenAICompatProvider(server.url, "", LLAMACPP)
        profile = await provider.profile()
        assert (profile.model, profile.limit_tokens, profile.counts_tokens) == ("./random.gguf", 4096, True)
        assert not profile.is_limit_assumed
        await provider.aclose()


async def test_a_router_tells_the_window_of_a_loaded_model_and_assumes_that_of_another() -> None:
    async def handle(received: Received, wire: Wire) -> None:
        if received.path == "/props" and received.query.get("model") == ["tiny"]:
            await wire.reply(200, {"default_generation_settings": {"n_ctx": 4096}})
        elif received.path == "/props":
            await wire.reply(200, (CAPTURES / "router_props_bare.json").read_bytes())
        else:
            assert received.path == "/models"
            await wire.reply(200, (CAPTURES / "router_models_loaded.json").read_bytes())

    async with LoopbackServer(handle) as server:
        loaded = OpenAICompatProvider(server.url, "tiny", LLAMACPP)
        other = OpenAICompatProvider(server.url, "hybrid", LLAMACPP)
        assert (await loaded.profile()).limit_tokens == 4096
        profile = await other.profile()
        assert (profile.limit_tokens, profile.is_limit_assumed) == (8192, True)
        with pytest.raises(ModelNotFound, match="does not have the model 'random2'"):
            await OpenAICompatProvider(server.url, "random2", LLAMACPP).profile()
        await loaded.aclose()
        await other.aclose()


LMSTUDIO_MODELS = {
    "models": [
        {"type": "embedding", "key": "nomic", "loaded_instances": []},
        {"type": "llm", "key": "qwen/qwen3-8b", "loaded_instances": [], "max_context_length": 40960},
        {
            "type": "llm",
            "key": "openai/gpt-oss-20b",
            "loaded_instances": [{"id": "openai/gpt-oss-20b", "config": {"context_length": 4096, "parallel": 4}}],
            "max_context_length": 131072,
            "capabilities": {"vision": False, "trained_for_tool_use": True, "reasoning": {"default": "on"}},
        },
    ]
}


async def test_lm_studio_tells_the_window_of_the_loaded_instance_and_never_the_maximum() -> None:
    async with LoopbackServer(serving({"/api/v1/models": LMSTUDIO_MODELS})) as server:
        profile = await OpenAICompatProvider(server.url, "", LMSTUDIO).profile()
        assert (profile.model, profile.limit_tokens, profile.has_thinking) == ("openai/gpt-oss-20b", 4096, True)
        unloaded = await OpenAICompatProvider(server.url, "qwen/qwen3-8b", LMSTUDIO).profile()
        assert (unloaded.limit_tokens, unloaded.is_limit_assumed) == (8192, True)
        with pytest.raises(ModelNotFound, match="does not have") as caught:
            await OpenAICompatProvider(server.url, "qwen3-8b", LMSTUDIO).profile()
        assert "qwen/qwen3-8b" in caught.value.hint


async def test_an_older_lm_studio_is_asked_in_its_own_words() -> None:
    entry = {"id": "qwen3-8b", "state": "loaded", "loaded_context_length": 8000, "max_context_length": 40960}
    answers = {"/api/v1/models": {"error": "Unexpected endpoint"}, "/api/v0/models": {"data": [entry]}}
    async with LoopbackServer(serving(answers)) as server:
        profile = await OpenAICompatProvider(server.url, "qwen3-8b", LMSTUDIO).profile()
        assert (profile.limit_tokens, profile.is_limit_assumed) == (8000, False)


async def test_vllm_tells_its_longest_request() -> None:
    entry = {"id": "Qwen/Qwen3-8B", "owned_by": "vllm", "max_model_len": 16384}
    async with LoopbackServer(serving({"/v1/models": {"data": [entry]}})) as server:
        profile = await OpenAICompatProvider(server.url, "", VLLM).profile()
        assert (profile.model, profile.limit_tokens) == ("Qwen/Qwen3-8B", 16384)


async def test_a_server_that_does_not_tell_gets_a_careful_guess() -> None:
    async with LoopbackServer(serving({})) as server:
        profile = await OpenAICompatProvider(server.url, "phi", OPENAI).profile()
        assert (profile.limit_tokens, profile.is_limit_assumed, profile.has_tools) == (8192, True, True)


async def test_tokens_are_counted_where_the_server_can_and_not_asked_for_again_where_it_cannot() -> None:
    async with LoopbackServer(serving({"/v1/chat/completions/input_tokens": {"input_tokens": 368}})) as server:
        assert await OpenAICompatProvider(server.url, "tiny", LLAMACPP).count_tokens(ASK) == 368
        assert await OpenAICompatProvider(server.url, "tiny", OPENAI).count_tokens(ASK) is None
    async with LoopbackServer(serving({})) as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP)
        assert await provider.count_tokens(ASK) is None
        assert await provider.count_tokens(ASK) is None
        assert len(server.requests) == 1
