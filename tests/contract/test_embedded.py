"""The embedded engine for real: a child process with llama.cpp's server, and the tiny model."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest

from tests.support.tinymodel.repertoire import load_tools
from tests.support.tinymodel.weights import TRAINED
from tests.support.waiting import until
from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    Message,
    Part,
    ProgressPart,
    Request,
    Role,
    TextPart,
)
from trashclaw.protocol.errors import ContextOverflow, ModelNotFound, ServerFailed, StreamBroken, UsageError
from trashclaw.protocol.events import Phase
from trashclaw.protocol.tools import ToolSpec
from trashclaw.providers.embedded import DEFAULT_N_CTX, EmbeddedProvider
from trashclaw.providers.engine import Engine, EngineSettings
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP

HELLO = "Hello, who are you?"
SING = "Sing until I stop you."
TOOLS = tuple(ToolSpec(**tool["function"]) for tool in load_tools())

PARENT = """
import asyncio, sys
from pathlib import Path
from trashclaw.providers.embedded import EmbeddedProvider

async def main():
    provider = EmbeddedProvider(Path(sys.argv[1]), threads=1)
    await provider.profile()
    print(provider.engine_pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def provider() -> AsyncIterator[EmbeddedProvider]:
    made = EmbeddedProvider(TRAINED, threads=1)
    yield made
    await made.aclose()


def asking(words: str, max_tokens: int | None = 200) -> Request:
    return Request((Message(Role.USER, words),), TOOLS, max_tokens=max_tokens, temperature=0.0)


async def all_parts(provider: EmbeddedProvider, request: Request) -> list[Part]:
    return [part async for part in provider.stream(request)]


def text_of(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def end_of(parts: list[Part]) -> EndPart:
    (end,) = (part for part in parts if isinstance(part, EndPart))
    return end


async def until_gone(pid: int) -> None:
    await until(lambda: not is_alive(pid), limit_s=20)


def is_alive(pid: int) -> bool:
    """Whether a process is there and no zombie (a container's first process may not reap)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_the_engine_starts_with_the_first_request_and_says_so(provider: EmbeddedProvider) -> None:
    assert provider.engine_pid is None
    parts = await all_parts(provider, asking(HELLO))
    assert isinstance(parts[0], ProgressPart) and parts[0].phase is Phase.LOADING
    assert text_of(parts).startswith("I am a very small test model.")
    assert end_of(parts).reason is EndReason.STOP


async def test_the_profile_tells_the_window_that_the_engine_really_uses(provider: EmbeddedProvider) -> None:
    profile = await provider.profile()
    assert (profile.provider, profile.model, profile.limit_tokens) == ("embedded", "tiny.gguf", DEFAULT_N_CTX)
    assert profile.counts_tokens and not profile.is_limit_assumed and not profile.is_remote


async def test_parallel_calls_are_parsed_by_the_engine(provider: EmbeddedProvider) -> None:
    parts = await all_parts(provider, asking("Look around and tell me what this project does."))
    calls = [part for part in parts if isinstance(part, CallPart)]
    assert [part.name for part in calls if part.name] == ["git_status", "list_files"]
    arguments = ["".join(part.arguments for part in calls if part.index == index) for index in (0, 1)]
    assert [text.replace(" ", "") for text in arguments] == ["{}", '{"path":"."}']
    assert end_of(parts).reason is EndReason.TOOL_CALLS


async def test_a_prompt_that_grows_is_read_from_where_it_grew(provider: EmbeddedProvider) -> None:
    first = await all_parts(provider, asking(HELLO))
    messages = (Message(Role.USER, HELLO), Message(Role.ASSISTANT, text_of(first)), Message(Role.USER, HELLO))
    longer = Request(messages, TOOLS, max_tokens=20, temperature=0.0)
    before, after = end_of(first).usage, end_of(await all_parts(provider, longer)).usage
    assert before is not None and after is not None
    assert after.cached_tokens is not None
    assert after.cached_tokens >= before.prompt_tokens + before.completion_tokens - 1


async def test_tokens_are_counted_as_the_engine_will_count_them(provider: EmbeddedProvider) -> None:
    request = asking(HELLO)
    counted = await provider.count_tokens(request)
    usage = end_of(await all_parts(provider, request)).usage
    assert usage is not None and counted == usage.prompt_tokens


async def test_closing_a_stream_frees_the_engine_for_the_next_request(provider: EmbeddedProvider) -> None:
    async with aclosing(provider.stream(asking(SING, max_tokens=None))) as parts:
        async for part in parts:
            if isinstance(part, TextPart):
                break
    async with asyncio.timeout(20):
        assert text_of(await all_parts(provider, asking(HELLO)))


async def test_a_request_over_the_window_is_told_with_its_sizes() -> None:
    provider = EmbeddedProvider(TRAINED, n_ctx=512, threads=1)
    try:
        with pytest.raises(ContextOverflow) as caught:
            await all_parts(provider, asking("word " * 2000))
    finally:
        await provider.aclose()
    assert caught.value.limit == 512
    assert caught.value.prompt_tokens is not None and caught.value.prompt_tokens > 1000


async def test_an_engine_killed_in_mid_stream_is_told_and_started_again(provider: EmbeddedProvider) -> None:
    await provider.profile()
    first_pid = provider.engine_pid
    assert first_pid is not None
    with pytest.raises(StreamBroken, match="SIGKILL"):
        async for part in provider.stream(asking(SING, max_tokens=None)):
            if isinstance(part, TextPart) and is_alive(first_pid):
                os.kill(first_pid, signal.SIGKILL)
    assert text_of(await all_parts(provider, asking(HELLO)))
    assert provider.engine_pid not in {None, first_pid}


async def test_an_engine_that_died_between_requests_is_started_again(provider: EmbeddedProvider) -> None:
    await provider.profile()
    pid = provider.engine_pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: provider.engine_pid is None)
    assert (await provider.profile()).model == "tiny.gguf"


async def test_the_engine_is_gone_after_close(provider: EmbeddedProvider) -> None:
    await provider.profile()
    pid = provider.engine_pid
    assert pid is not None
    await provider.aclose()
    assert not is_alive(pid)
    assert provider.engine_pid is None


async def test_nothing_of_the_engine_outlives_a_parent_that_was_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(tempfile.mkdtemp(prefix="tc-"))
    monkeypatch.setenv("TMPDIR", str(folder))
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(TRAINED)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        assert list(folder.iterdir())
        parent.kill()
        parent.wait(20)
    await until_gone(pid)
    folder.rmdir()


async def test_giving_up_while_the_model_loads_leaves_no_engine(provider: EmbeddedProvider) -> None:
    async with aclosing(provider.stream(asking(HELLO))) as parts:
        assert isinstance(await anext(parts), ProgressPart)
    assert provider.engine_pid is None or is_alive(provider.engine_pid)
    await provider.aclose()
    assert provider.engine_pid is None


@pytest.mark.parametrize("size", [6, 5000, 400_000])
async def test_a_model_file_that_was_cut_off_is_called_damaged(tmp_path: Path, size: int) -> None:
    path = tmp_path / "cut.gguf"
    path.write_bytes(TRAINED.read_bytes()[:size])
    provider = EmbeddedProvider(path, threads=1)
    with pytest.raises(ServerFailed, match="damaged or incomplete"):
        await provider.profile()
    await provider.aclose()


async def test_an_architecture_that_the_engine_does_not_know_is_named(tmp_path: Path) -> None:
    path = tmp_path / "future.gguf"
    path.write_bytes(TRAINED.read_bytes().replace(b"llama", b"zlama"))
    provider = EmbeddedProvider(path, threads=1)
    with pytest.raises(ServerFailed, match="zlama") as caught:
        await all_parts(provider, asking(HELLO))
    assert "xllamacpp" in caught.value.hint
    await provider.aclose()


async def test_a_missing_model_file_is_told_before_anything_starts(tmp_path: Path) -> None:
    provider = EmbeddedProvider(tmp_path / "absent.gguf")
    with pytest.raises(ModelNotFound, match=r"absent\.gguf"):
        await provider.profile()
    assert provider.engine_pid is None
    await provider.aclose()


def test_without_the_extra_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(UsageError) as caught:
        EmbeddedProvider(TRAINED)
    assert caught.value.hint == "Install it with: pip install 'trashclaw[embedded]'"


async def test_over_loopback_the_engine_answers_nobody_without_the_key() -> None:
    engine = Engine(EngineSettings(TRAINED, n_ctx=512, threads=1, is_on_loopback=True))
    try:
        address = await engine.start()
        assert address.socket_path is None and address.api_key
        with pytest.raises(ServerFailed) as caught:
            await OpenAICompatProvider(address.base_url, traits=LLAMACPP).profile()
        assert caught.value.status == 401
        known = OpenAICompatProvider(address.base_url, traits=LLAMACPP, api_key=address.api_key)
        assert (await known.profile()).limit_tokens == 512
        await known.aclose()
    finally:
        await engine.stop()


async def test_a_web_page_may_not_read_what_the_engine_answers() -> None:
    engine = Engine(EngineSettings(TRAINED, n_ctx=512, threads=1, is_on_loopback=True))
    try:
        address = await engine.start()
        question = urllib.request.Request(address.base_url + "/health", headers={"Origin": "http://evil.example"})
        with await asyncio.to_thread(urllib.request.urlopen, question, timeout=20) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == "http://localhost"
    finally:
        await engine.stop()


async def test_the_key_is_in_no_list_of_processes() -> None:
    engine = Engine(EngineSettings(TRAINED, n_ctx=512, threads=1, is_on_loopback=True))
    try:
        address = await engine.start()
        shown = await asyncio.to_thread(
            subprocess.run,
            ["ps", "-ww", "-o", "args=", "-p", str(engine.pid)],
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert "engine_process" in shown.stdout
        assert address.api_key is not None and address.api_key not in shown.stdout
    finally:
        await engine.stop()
