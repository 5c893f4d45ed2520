"""The real llama.cpp server, on random weights: what it sends is nobody's guess."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import write_random
from trashclaw.agent.messages import EndPart, Message, Part, ProgressPart, Request, Role, TextPart
from trashclaw.protocol.errors import ContextOverflow, ServerUnreachable
from trashclaw.protocol.tools import ToolSpec
from trashclaw.providers.catalog import Place, discover
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

N_CTX = 2048
READ = ToolSpec(
    name="read_file",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(write_random(tmp_path_factory.mktemp("model") / "random.gguf"), n_ctx=N_CTX) as running:
        yield running


@pytest.fixture
async def provider(engine: Engine) -> AsyncIterator[OpenAICompatProvider]:
    made = OpenAICompatProvider(engine.url, "", LLAMACPP)
    yield made
    await made.aclose()


def ask(text: str = "Hello", max_tokens: int | None = 8, *, tools: tuple[ToolSpec, ...] = ()) -> Request:
    return Request((Message(Role.SYSTEM, "Be brief."), Message(Role.USER, text)), tools, max_tokens=max_tokens)


async def test_an_answer_comes_with_progress_and_the_servers_own_figures(provider: OpenAICompatProvider) -> None:
    parts = [part async for part in provider.stream(ask())]
    end = parts[-1]
    assert isinstance(end, EndPart)
    assert end.usage is not None
    assert 1 <= end.usage.completion_tokens <= 8
    assert not end.usage.is_estimate
    assert end.timings.prefill_s is not None
    progress = [part for part in parts if isinstance(part, ProgressPart) and part.total]
    assert progress[-1].done == progress[-1].total == end.usage.prompt_tokens


async def test_tokens_are_counted_to_the_last_one_with_tools_and_template(provider: OpenAICompatProvider) -> None:
    request = ask(tools=(READ,))
    end = [part async for part in provider.stream(request)][-1]
    assert isinstance(end, EndPart)
    assert end.usage is not None
    assert await provider.count_tokens(request) == end.usage.prompt_tokens


async def test_a_longer_conversation_reads_only_what_is_new(provider: OpenAICompatProvider) -> None:
    first = ask("word " * 100)
    [*_, end] = [part async for part in provider.stream(first)]
    assert isinstance(end, EndPart)
    assert end.usage is not None
    longer = Request((*first.messages, Message(Role.ASSISTANT, "Yes."), Message(Role.USER, "More.")), max_tokens=8)
    [*_, second] = [part async for part in provider.stream(longer)]
    assert isinstance(second, EndPart)
    assert second.usage is not None
    assert second.usage.cached_tokens is not None
    assert second.usage.cached_tokens >= end.usage.prompt_tokens - 16


async def test_a_request_over_the_window_tells_both_sizes(provider: OpenAICompatProvider) -> None:
    with pytest.raises(ContextOverflow) as caught:
        assert [part async for part in provider.stream(ask("word " * N_CTX))]
    assert caught.value.limit == N_CTX
    assert caught.value.prompt_tokens is not None
    assert caught.value.prompt_tokens > N_CTX


async def test_leaving_an_answer_frees_the_server(engine: Engine, provider: OpenAICompatProvider) -> None:
    stream = provider.stream(ask(max_tokens=None))
    async for part in stream:
        if isinstance(part, TextPart):
            break
    await stream.aclose()
    await asyncio.to_thread(engine.await_idle)


async def test_twenty_answers_in_a_row_never_meet_a_closed_connection(provider: OpenAICompatProvider) -> None:
    for _ in range(20):
        parts: list[Part] = [part async for part in provider.stream(ask(max_tokens=1))]
        assert isinstance(parts[-1], EndPart)


async def test_the_profile_is_what_the_server_really_has(provider: OpenAICompatProvider) -> None:
    profile = await provider.profile()
    assert (profile.limit_tokens, profile.is_limit_assumed) == (N_CTX, False)
    assert (profile.counts_tokens, profile.has_tools, profile.is_remote) == (True, True, False)


async def test_the_server_is_found_and_named(engine: Engine) -> None:
    search = await discover([Place("vllm", engine.url)], limit_s=10.0)
    assert [found.provider for found in search.found] == ["llamacpp"]
    assert len(search.found[0].models) == 1


async def test_a_server_that_went_away_is_unreachable(tmp_path: Path) -> None:
    with Engine(write_random(tmp_path / "random.gguf"), n_ctx=N_CTX) as engine:
        provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
        assert [part async for part in provider.stream(ask())]
    with pytest.raises(ServerUnreachable, match="cannot be reached"):
        assert [part async for part in provider.stream(ask())]
    await provider.aclose()
