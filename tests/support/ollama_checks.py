"""What a request to Ollama is held to, beyond its shape: what would go wrong there without a word."""

from __future__ import annotations

import re

from tests.support.ollama_shapes import ChatMessage, ChatRequest, KeepAlive


def check_keep_alive(keep_alive: KeepAlive | None) -> None:
    """A string is a Go duration; a bare number in quotes is an error."""
    if isinstance(keep_alive, str):
        assert re.fullmatch(r"-?(\d+(\.\d+)?(ms|s|m|h))+", keep_alive), f"{keep_alive!r} is no duration"


def check_chat(request: ChatRequest) -> None:
    """Hold a request to what would go wrong without a word."""
    assert request.stream, "answers are streamed"
    assert request.options.num_ctx, "without num_ctx the window is 4096 on most machines"
    assert request.truncate is False, "with truncate, messages are dropped from the front"
    assert request.shift is False, "with shift, the head of the prompt is dropped"
    check_keep_alive(request.keep_alive)
    open_calls: dict[str, str] = {}
    for message in request.messages:
        check_message(message, open_calls)


def check_message(message: ChatMessage, open_calls: dict[str, str]) -> None:
    """Hold results to the calls they answer."""
    for call in message.tool_calls:
        assert message.role == "assistant", "only an assistant calls"
        assert call.id, "a call in the history has its id"
        open_calls[call.id] = call.function.name
    if message.role == "tool":
        assert message.tool_call_id in open_calls, f"no call has the id {message.tool_call_id!r}"
        assert message.tool_name == open_calls[message.tool_call_id], "a result names the tool of its call"
    else:
        assert not message.tool_name, "only a result names a tool"
        assert not message.tool_call_id, "only a result names a call"
