"""Whatever a server sends, an answer comes of it or one of our own errors, and nothing else."""

from __future__ import annotations

import json
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from trashclaw.agent.messages import CallPart, EndPart, Part, TextPart, ThoughtPart
from trashclaw.protocol.errors import ProviderError
from trashclaw.providers.ollama_reply import OllamaReply
from trashclaw.providers.openai_reply import OpenAIReply
from trashclaw.providers.refusals import refusal

WORDS = [
    "choices",
    "delta",
    "message",
    "content",
    "thinking",
    "reasoning",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "id",
    "index",
    "finish_reason",
    "error",
    "usage",
    "prompt_tokens",
    "completion_tokens",
    "timings",
    "prompt_ms",
    "predicted_n",
    "prompt_progress",
    "processed",
    "total",
    "time_ms",
    "code",
    "done",
    "done_reason",
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "eval_duration",
    "n_ctx",
    "n_prompt_tokens",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["stop", "{"])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
)
EVENTS = st.lists(st.dictionaries(st.sampled_from(WORDS), VALUES, max_size=6), max_size=5)


def read(reply: OpenAIReply | OllamaReply, lines: list[bytes]) -> list[Part]:
    parts: list[Part] = []
    with suppress(ProviderError):
        for line in lines:
            parts += reply.feed(line)
        parts.append(reply.end())
    return parts


def check(parts: list[Part]) -> None:
    """Hold parts to their types, and figures to what can be stored."""
    for part in parts:
        match part:
            case TextPart() | ThoughtPart():
                assert isinstance(part.text, str)
            case CallPart():
                assert isinstance(part.name + part.provider_id + part.arguments, str)
            case EndPart():
                assert type(part.timings).model_validate_json(part.timings.model_dump_json()) == part.timings
                assert part.usage is None or part.usage.prompt_tokens >= 0


@given(EVENTS)
def test_no_event_of_an_openai_stream_is_a_reason_to_fall(events: list[dict[str, object]]) -> None:
    check(read(OpenAIReply(), [b"data: " + json.dumps(event).encode() for event in events] + [b"data: [DONE]"]))


@given(EVENTS)
def test_no_line_of_an_ollama_stream_is_a_reason_to_fall(events: list[dict[str, object]]) -> None:
    check(read(OllamaReply(), [json.dumps(event | {"done": False}).encode() for event in events] + [b'{"done": true}']))


@given(st.lists(st.binary(max_size=20), max_size=5))
def test_no_bytes_are_a_reason_to_fall(lines: list[bytes]) -> None:
    check(read(OpenAIReply(), [b"data: " + line for line in lines] + lines))
    check(read(OllamaReply(), lines))


@given(VALUES, st.none() | st.integers(300, 599))
def test_no_error_is_too_strange_to_be_told(body: object, status: int | None) -> None:
    assert isinstance(refusal(body, status=status), ProviderError)
    assert isinstance(refusal(json.dumps(body), status=status), ProviderError)
