"""Answers held to a schema, and answers gone on with: what each kind of server is asked, and what the real one does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama, OllamaStep
from tests.support.fake_openai import FakeOpenAI
from tests.support.loopback import LoopbackServer, Received, Wire
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import write_random
from trashclaw.agent.messages import EndPart, Message, ModelProfile, Part, Request, Role, TextPart
from trashclaw.agent.ports import Provider
from trashclaw.protocol.tools import ToolSpec
from trashclaw.protocol.usage import Usage
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.script import ScriptedStep
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO, OPENAI, VLLM, ServerTraits

READ = ToolSpec(
    name="read_file",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)
SCHEMA = {
    "anyOf": [
        {
            "type": "object",
            "properties": {"tool": {"const": name}, "arguments": {"type": "integer", "minimum": 0, "maximum": 9}},
            "required": ["tool", "arguments"],
            "additionalProperties": False,
        }
        for name in ("read_file", "done")
    ]
}
ASK = Request((Message(Role.SYSTEM, "Be brief. " * 20), Message(Role.USER, "Fix the bug.")), (READ,), max_tokens=600)
HELD = replace(ASK, schema=SCHEMA, think=False)
BEGUN = replace(ASK, messages=(*ASK.messages, Message(Role.ASSISTANT, "The bug is")), is_continued=True)


async def answer(provider: Provider, request: Request) -> list[Part]:
    return [part async for part in provider.stream(request)]


def text_of(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def usage_of(parts: list[Part]) -> Usage:
    end = parts[-1]
    assert isinstance(end, EndPart)
    assert end.usage is not None
    return end.usage


@pytest.mark.parametrize("traits", [LLAMACPP, LMSTUDIO, VLLM, OPENAI])
async def test_a_schema_goes_beside_the_tools(traits: ServerTraits) -> None:
    async with FakeOpenAI([ScriptedStep(text="{}")]) as server:
        provider = OpenAICompatProvider(server.url, "tiny", traits)
        await answer(provider, HELD)
        await provider.aclose()
    [chat] = server.chats
    assert chat.response_format is not None
    assert chat.response_format.json_schema.schema_ == SCHEMA
    assert [tool.function.name for tool in chat.tools] == ["read_file"]
    is_llamacpp = traits is LLAMACPP
    assert (chat.thinking_budget_tokens, chat.reasoning_format) == ((0, "none") if is_llamacpp else (None, None))


async def test_ollama_takes_a_schema_as_the_format() -> None:
    async with FakeOllama([OllamaStep(text="{}"), OllamaStep(text="fixed.")]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        await answer(provider, HELD)
        await answer(provider, replace(BEGUN, schema=SCHEMA))
        await provider.aclose()
    assert [chat.format for chat in ollama.chats] == [SCHEMA, None]
    assert [message.role for message in ollama.chats[1].messages][-1] == "assistant"


@pytest.mark.parametrize("traits", [LLAMACPP, VLLM])
async def test_going_on_is_asked_for_in_the_servers_own_words_and_without_a_schema(traits: ServerTraits) -> None:
    async with FakeOpenAI([ScriptedStep(text=" fixed.")]) as server:
        provider = OpenAICompatProvider(server.url, "tiny", traits)
        await answer(provider, replace(BEGUN, schema=SCHEMA))
        await provider.aclose()
    [chat] = server.chats
    assert chat.response_format is None
    assert (chat.continue_final_message, chat.add_generation_prompt) == (
        (True, False) if traits is VLLM else (False, True)
    )


async def test_a_longest_thought_is_told_to_the_server_that_keeps_to_it() -> None:
    for traits, told in ((LLAMACPP, 512), (VLLM, None)):
        async with FakeOpenAI([ScriptedStep(text="Hi")]) as server:
            provider = OpenAICompatProvider(server.url, "tiny", traits, think_tokens=512)
            await answer(provider, ASK)
            await provider.aclose()
        assert server.chats[0].thinking_budget_tokens == told


OPEN = '{{ if and (eq .Role "assistant") (not $last) }}<|im_end|>{{ end }}'
CLOSED = "{{ .System }} {{ .Prompt }} {{ .Response }}<|end|>"


@pytest.mark.parametrize(("template", "can_continue"), [(OPEN, True), (CLOSED, False)])
async def test_ollama_goes_on_where_the_template_leaves_the_last_message_open(
    template: str, can_continue: bool
) -> None:
    async with FakeOllama(models=[FakeModel(template=template, digest="ab" * 32)]) as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        profile = await provider.profile()
        await provider.aclose()
    assert (profile.can_constrain, profile.can_continue, profile.digest) == (True, can_continue, "ab" * 32)


@pytest.mark.parametrize(
    ("traits", "can_constrain", "can_continue"),
    [(LLAMACPP, True, True), (LMSTUDIO, True, False), (VLLM, True, True), (OPENAI, False, False)],
)
async def test_what_a_server_can_hold_to_is_in_the_profile(
    traits: ServerTraits, can_constrain: bool, can_continue: bool
) -> None:
    entry = {"id": "tiny", "meta": {"n_params": 459392, "size": 920064, "ftype": "F16"}}
    native = {"type": "llm", "key": "tiny", "size_bytes": 920064, "quantization": {"name": "F16"}}

    async def handle(received: Received, wire: Wire) -> None:
        match received.path:
            case "/v1/models":
                await wire.reply(200, {"data": [entry]})
            case "/api/v1/models":
                await wire.reply(200, {"models": [native]})
            case "/props":
                await wire.reply(200, {"default_generation_settings": {"n_ctx": 4096}})
            case _:
                await wire.reply(404)

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny", traits)
        profile = await provider.profile()
        await provider.aclose()
    assert (profile.can_constrain, profile.can_continue) == (can_constrain, can_continue)
    assert profile.digest == ("920064-F16" if traits is LMSTUDIO else "459392-920064-F16")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(write_random(tmp_path_factory.mktemp("model") / "random.gguf"), n_ctx=4096) as running:
        yield running


async def test_llamacpp_holds_an_answer_to_the_schema_and_keeps_what_it_has_read(engine: Engine) -> None:
    provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
    plain = usage_of(await answer(provider, replace(ASK, max_tokens=1, think=False)))
    held = await answer(provider, HELD)
    said = json.loads(text_of(held))
    assert set(said) == {"tool", "arguments"}
    assert said["tool"] in {"read_file", "done"}
    assert 0 <= said["arguments"] <= 9
    assert usage_of(held).prompt_tokens == plain.prompt_tokens
    assert usage_of(held).cached_tokens == plain.prompt_tokens - 1
    assert await provider.count_tokens(HELD) == plain.prompt_tokens
    await provider.aclose()


async def test_llamacpp_goes_on_with_a_begun_answer_and_does_not_repeat_it(engine: Engine) -> None:
    provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
    await answer(provider, replace(ASK, max_tokens=1))
    parts = await answer(provider, replace(BEGUN, max_tokens=8))
    assert "The bug is" not in text_of(parts)
    begun, asked = usage_of(parts).prompt_tokens, await provider.count_tokens(ASK)
    assert asked is not None
    assert asked < begun
    await provider.aclose()


async def test_llamacpp_says_what_weights_it_has(engine: Engine) -> None:
    provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
    profile: ModelProfile = await provider.profile()
    assert profile.digest.endswith("-F16")
    assert (profile.can_constrain, profile.can_continue) == (True, True)
    await provider.aclose()
