"""What a server says of windows and sizes may be anything: it is no crash, and never a window that nothing backs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.loopback import Handler, LoopbackServer, Received, Wire
from trashclaw.cli.findings import memory_finding, model_finding
from trashclaw.providers.chosen_window import ASSUMED_LIMIT_TOKENS
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.ollama_window import MAX_DEFAULT_NUM_CTX
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP, LMSTUDIO, VLLM, ServerTraits

NONSENSE = [0, -1, 10**12, 10**400, 1e300, "4096", None, True, [4096], {"n": 4096}]
GOOD = 4096
LAYERS = {"block_count": 36, "embedding_length": 4096, "attention.head_count": 32, "attention.head_count_kv": 8}


def serving(answers: Mapping[str, object]) -> Handler:
    """Return a handler that knows only these paths."""

    async def handle(received: Received, wire: Wire) -> None:
        path = received.path.partition("?")[0]
        await wire.reply(200 if path in answers else 404, answers.get(path, {"error": "not found"}))

    return handle


async def looked_at(provider: OpenAICompatProvider | OllamaProvider) -> int:
    """Return the window of a session, having told of it as the doctor does."""
    try:
        profile = await provider.profile()
        assert model_finding(profile).text
        assert memory_finding(await provider.memory_fit()).text
        return profile.limit_tokens
    finally:
        await provider.aclose()


def answers_of(traits: ServerTraits, value: object) -> Mapping[str, object]:
    """Return what a server answers that says this of each window and size."""
    if traits is LLAMACPP:
        models = {"data": [{"id": "m", "meta": {"n_params": value, "size": value, "ftype": value}}]}
        return {
            "/props": {"default_generation_settings": {"n_ctx": value}, "total_slots": value, "chat_template": value},
            "/v1/models": models,
        }
    if traits is LMSTUDIO:
        instance = {"id": "m", "config": {"context_length": value}}
        entry = {"key": "m", "type": "llm", "max_context_length": value, "size_bytes": value, "quantization": value}
        return {"/api/v1/models": {"models": [entry | {"loaded_instances": [instance, value]}]}}
    return {"/v1/models": {"data": [{"id": "m", "max_model_len": value, "meta": value}]}}


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
@pytest.mark.parametrize("traits", [LLAMACPP, LMSTUDIO, VLLM], ids=lambda traits: traits.name)
async def test_a_window_that_can_be_none_is_not_told(traits: ServerTraits, value: object) -> None:
    async with LoopbackServer(serving(answers_of(traits, value))) as server:
        assert await looked_at(OpenAICompatProvider(server.url, "m", traits)) == ASSUMED_LIMIT_TOKENS


async def test_the_first_window_that_can_be_one_counts() -> None:
    entry = {"id": "m", "max_model_len": "all of it", "meta": {"n_ctx": -1}, "context_length": GOOD}
    async with LoopbackServer(serving({"/v1/models": {"data": [entry]}})) as server:
        assert await looked_at(OpenAICompatProvider(server.url, "m", VLLM)) == GOOD


def ollama(info: Mapping[str, Any], loaded: object = (), parameters: object = "") -> Handler:
    """Return an Ollama with one model."""
    show = {"model_info": info, "parameters": parameters, "template": "{{ not $last }}" * 700_000, "capabilities": None}
    tags = {"models": [{"name": "m", "size": info.get("size", 5_000_000), "digest": 3}, None, "m"]}
    return serving({"/api/show": show, "/api/tags": tags, "/api/ps": {"models": loaded}})


def described(value: object) -> dict[str, object]:
    facts = {f"qwen3.{name}": value for name in LAYERS}
    return {"general.architecture": "qwen3", "size": value, "qwen3.context_length": value, **facts}


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
async def test_what_ollama_says_of_a_model_may_be_anything(value: object) -> None:
    loaded = [value, None, {"name": "m", "context_length": value, "size": value, "size_vram": value}]
    async with LoopbackServer(ollama(described(value), loaded)) as server:
        provider = OllamaProvider("m", server.url, free_bytes=lambda: 8 * 10**9)
        assert await looked_at(provider) == ASSUMED_LIMIT_TOKENS


@pytest.mark.parametrize(("there", "expected"), [(10**8, 32768), (10**12, 32768), (40960, 40960), (-5, 32768)])
async def test_a_loaded_window_is_taken_only_as_far_as_the_model_was_made_for(there: int, expected: int) -> None:
    info = {"general.architecture": "qwen3", "qwen3.context_length": 40960}
    loaded = [{"name": "m:latest", "context_length": there}]
    async with LoopbackServer(ollama(info, loaded)) as server:
        assert await looked_at(OllamaProvider("m", server.url, free_bytes=lambda: None)) == expected
    assert expected >= MAX_DEFAULT_NUM_CTX


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("temperature 1\r\nnum_ctx  2048 \r\n", 2048),
        ("num_ctx 0", ASSUMED_LIMIT_TOKENS),
        ("num_ctx " + "9" * 5_000, ASSUMED_LIMIT_TOKENS),
        ("num_ctx 999999999", ASSUMED_LIMIT_TOKENS),
        ("num_ctx\n4096", ASSUMED_LIMIT_TOKENS),
        ("\n" * 300_000, ASSUMED_LIMIT_TOKENS),
        (["num_ctx 4096"], ASSUMED_LIMIT_TOKENS),
    ],
    ids=lambda value: str(value)[:20],
)
async def test_a_modelfiles_window_is_a_number_on_a_line_of_its_own(parameters: object, expected: int) -> None:
    async with LoopbackServer(ollama({}, parameters=parameters)) as server:
        assert await looked_at(OllamaProvider("m", server.url, free_bytes=lambda: None)) == expected
