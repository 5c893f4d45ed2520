"""Streams that real servers sent, byte for byte, read through the whole way from the socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.loopback import LoopbackServer, Received, Wire
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
    ThoughtPart,
)
from trashclaw.protocol.errors import AnswerUnreadable, ProviderError
from trashclaw.providers.openai_compat import OpenAICompatProvider

CAPTURES = Path(__file__).with_name("captures")
ASK = Request((Message(Role.USER, "Hello"),))


async def replay(content: bytes, piece_bytes: int = 4096) -> AsyncIterator[Part]:
    """Yield what a provider makes of a captured stream that arrives in pieces of `piece_bytes`."""

    async def handle(received: Received, wire: Wire) -> None:
        await wire.begin("text/event-stream")
        for start in range(0, len(content), piece_bytes):
            await wire.chunk(content[start : start + piece_bytes])
        await wire.end()

    async with LoopbackServer(handle) as server:
        provider = OpenAICompatProvider(server.url, "tiny")
        async for part in provider.stream(ASK):
            yield part
        await provider.aclose()


async def parts_of(name: str, piece_bytes: int = 4096) -> list[Part]:
    return [part async for part in replay((CAPTURES / name).read_bytes(), piece_bytes)]


def text_of(parts: list[Part]) -> str:
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def calls_of(parts: list[Part]) -> dict[int, tuple[str, str]]:
    calls: dict[int, tuple[str, str]] = {}
    for part in parts:
        if isinstance(part, CallPart):
            name, arguments = calls.get(part.index, ("", ""))
            calls[part.index] = (name + part.name, arguments + part.arguments)
    return calls


def end_of(parts: list[Part]) -> EndPart:
    assert isinstance(parts[-1], EndPart)
    return parts[-1]


@pytest.mark.parametrize("piece_bytes", [1, 7, 4096])
async def test_line_separators_of_unicode_are_text_and_no_line_ends(piece_bytes: int) -> None:
    parts = await parts_of("unicode_line_separators.sse", piece_bytes)
    assert text_of(parts) == "one\u2028two\x85three\u2029four\x0bfive"


@pytest.mark.parametrize("piece_bytes", [1, 5, 4096])
async def test_characters_cut_by_the_network_are_put_together(piece_bytes: int) -> None:
    assert text_of(await parts_of("multibyte.sse", piece_bytes)) == "naïve 你好 🎉👩\u200d👩\u200d👧 end"


async def test_text_and_two_calls_of_one_answer() -> None:
    parts = await parts_of("trained_parallel_calls_stream.sse")
    assert text_of(parts) == "I will read two files at once.\n"
    assert calls_of(parts) == {
        0: ("read_file", '{"path": "README.md"}'),
        1: ("search", '{"pattern": "^def ", "glob": "*.py"}'),
    }
    end = end_of(parts)
    assert end.reason is EndReason.TOOL_CALLS
    assert end.usage is not None
    assert (end.usage.prompt_tokens, end.usage.cached_tokens, end.usage.completion_tokens) == (594, 0, 59)
    assert end.timings.prefill_s == pytest.approx(0.0558, abs=1e-4)


async def test_thoughts_are_kept_apart_with_the_field_they_came_in() -> None:
    parts = await parts_of("reasoning_stream.sse")
    thoughts = [part for part in parts if isinstance(part, ThoughtPart)]
    assert "".join(part.text for part in thoughts) == "Let me see.\n"
    assert {part.field for part in thoughts} == {"reasoning_content"}
    assert text_of(parts) == "It is four."


async def test_progress_tells_how_much_of_the_prompt_is_read() -> None:
    parts = await parts_of("progress_and_timings.sse")
    progress = [(part.done, part.total) for part in parts if isinstance(part, ProgressPart) and part.total]
    assert progress == [(12, 13), (13, 13)]
    usage = end_of(parts).usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens) == (13, 12, 6)


async def test_calls_cut_at_the_limit_come_with_the_reason() -> None:
    parts = await parts_of("tool_stream_length.sse")
    *whole, last = calls_of(parts).values()
    assert all(isinstance(json.loads(arguments, strict=False), dict) for _, arguments in whole)
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(last[1], strict=False)
    assert end_of(parts).reason is EndReason.LENGTH


async def test_an_error_in_the_middle_of_a_stream_breaks_it_after_the_calls() -> None:
    seen: list[Part] = []
    with pytest.raises(AnswerUnreadable, match="does not match the expected peg-native format"):
        async for part in replay((CAPTURES / "tool_stream_error.sse").read_bytes()):
            seen += [part]
    assert calls_of(seen)[0][0] == "read_file"
    assert not any(isinstance(part, EndPart) for part in seen)


async def test_a_name_repeated_in_every_piece_is_set_once() -> None:
    parts = await parts_of("python_repeated_names.sse")
    [(name, arguments)] = calls_of(parts).values()
    assert name == "edit"
    assert "\x1b" in arguments
    assert sorted(json.loads(arguments, strict=False)) == ["new", "old", "path"]
    assert end_of(parts).usage is None


def events(*events: object, done: bytes = b"data: [DONE]\n\n") -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + done


def delta(finish: str | None = None, **fields: object) -> dict[str, object]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": finish}]}


async def test_lm_studio_sends_nothing_but_arguments_after_the_first_piece() -> None:
    function = {"name": "get_weather", "arguments": ""}
    later = [
        {"index": 0, "id": None, "function": {"name": None, "arguments": piece}} for piece in ('{"city":', '"Rom"}')
    ]
    content = events(
        delta(tool_calls=[{"index": 0, "id": "814890118", "type": "function", "function": function}]),
        *(delta(tool_calls=[piece]) for piece in later),
        delta("tool_calls"),
    )
    parts = [part async for part in replay(content)]
    assert calls_of(parts) == {0: ("get_weather", '{"city":"Rom"}')}


async def test_a_stream_without_its_last_line_is_whole_once_it_has_a_reason() -> None:
    content = events(delta(content="Hi"), delta("stop"), done=b"")
    assert end_of([part async for part in replay(content)]).reason is EndReason.STOP


async def test_comments_and_other_fields_of_the_stream_are_passed_over() -> None:
    content = b": ping\n\nevent: message\nid: 4\r\n" + events(delta(content="Hi"), delta("stop")).replace(
        b"\n", b"\r\n"
    )
    assert text_of([part async for part in replay(content)]) == "Hi"


async def test_a_server_that_does_not_stream_is_understood() -> None:
    content = json.dumps({"choices": [{"message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}]})
    assert text_of([part async for part in replay(content.encode())]) == "Hi"


@pytest.mark.parametrize(
    "content",
    [
        b"data: {broken\n\n",
        b"data: [1, 2]\n\n",
        b"<html>It works!</html>",
        events(delta(content="Hi"), done=b""),
        events(delta(content="Hi"), delta("abort")),
    ],
)
async def test_what_is_no_whole_answer_is_broken(content: bytes) -> None:
    with pytest.raises(ProviderError):
        assert [part async for part in replay(content)]


async def test_the_same_thought_under_two_names_counts_once() -> None:
    content = events(delta(reasoning="Hm", reasoning_content="Hm"), delta(content="Hi"), delta("stop"))
    parts = [part async for part in replay(content)]
    assert [part.text for part in parts if isinstance(part, ThoughtPart)] == ["Hm"]
