"""What is sent ahead is read and not answered, and the request that comes next is the shorter for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest

from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import FakeOpenAI
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.hybrid import write_worded
from trashclaw.agent.messages import EndPart, Message, Part, ProgressPart, Request, Role
from trashclaw.protocol.tools import ToolSpec
from trashclaw.protocol.usage import Usage
from trashclaw.providers.ollama import OllamaProvider
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

# The tiny model's template ends each message with the lack of these two; with both, there is nothing it adds.
TOOLS = tuple(
    ToolSpec(name=name, description="Do it.", parameters={"type": "object", "properties": {}})
    for name in ("edit_file", "bash")
)
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
HISTORY = (
    Message(Role.SYSTEM, "Be brief. " * 40),
    Message(Role.USER, "Read it. " * 10),
    Message(Role.ASSISTANT, "It is read. " * 20),
)
AHEAD = Request((*HISTORY, Message(Role.USER, ".")), TOOLS, max_tokens=400, think=False, is_ahead=True)
NEXT = Request((*HISTORY, Message(Role.USER, "And what is in it?")), TOOLS, max_tokens=4, think=False)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "hybrid"])
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A model whose cache can be cut anywhere, and one with a state that cannot go back a few tokens."""
    model = write_worded(tmp_path_factory.mktemp("model") / "worded.gguf", is_hybrid=request.param)
    with Engine(model, n_ctx=16384) as running:
        yield running


@pytest.fixture
async def provider(engine: Engine) -> AsyncIterator[OpenAICompatProvider]:
    made = OpenAICompatProvider(engine.url, "", LLAMACPP, think_tokens=100)
    yield made
    await made.aclose()


def usage_of(parts: list[Part]) -> Usage:
    end = parts[-1]
    assert isinstance(end, EndPart)
    assert end.usage is not None
    return end.usage


async def test_the_server_reads_all_of_it_and_the_next_request_only_what_is_new(
    provider: OpenAICompatProvider,
) -> None:
    parts = [part async for part in provider.stream(AHEAD)]
    assert all(isinstance(part, ProgressPart) for part in parts[:-1])
    assert any(part.total for part in parts if isinstance(part, ProgressPart))
    read = usage_of(parts)
    assert read.completion_tokens <= 1
    after = usage_of([part async for part in provider.stream(NEXT)])
    assert after.cached_tokens is not None
    # All but the full stop that stood in for the next words, and the end of its message; the state that does not go
    # back was kept one token before that.
    assert read.prompt_tokens - after.cached_tokens in (3, 4)


async def test_what_is_given_up_lets_the_server_go(provider: OpenAICompatProvider, engine: Engine) -> None:
    long = replace(AHEAD, messages=(Message(Role.SYSTEM, "Other words. " * 600), *AHEAD.messages[1:]))
    stream = provider.stream(long)
    async for part in stream:
        if isinstance(part, ProgressPart) and part.total:
            break
    await stream.aclose()
    engine.await_idle()
    [slot] = engine.get("/slots")
    assert slot["n_prompt_tokens_processed"] < slot["n_prompt_tokens"]


async def test_a_server_that_only_speaks_ollamas_words_is_sent_ahead_too() -> None:
    async with FakeOllama() as ollama:
        provider = OllamaProvider("qwen3:8b", ollama.url)
        await provider.load()
        parts = [part async for part in provider.stream(replace(AHEAD, schema=SCHEMA))]
        await provider.aclose()
    assert all(isinstance(part, ProgressPart) for part in parts[:-1])
    assert usage_of(parts).prompt_tokens > 0
    [sent] = ollama.ahead
    assert sent.options.num_predict == 1
    assert sent.format is None
    assert len(ollama.loads) == 1


async def test_the_body_is_that_of_a_real_request_but_for_the_answer() -> None:
    async with FakeOpenAI() as server:
        provider = OpenAICompatProvider(server.url, "tiny", LLAMACPP, think_tokens=100)
        parts = [part async for part in provider.stream(replace(AHEAD, schema=SCHEMA))]
        # What the server writes all the same is nobody's answer.
        assert all(isinstance(part, ProgressPart) for part in parts[:-1])
        await provider.aclose()
    [sent] = server.ahead
    assert (sent.max_tokens, sent.add_generation_prompt) == (1, False)
    assert sent.thinking_budget_tokens is None
    assert sent.response_format is None
    assert sent.chat_template_kwargs == {"enable_thinking": False}
    assert [tool.function.name for tool in sent.tools] == ["edit_file", "bash"]
