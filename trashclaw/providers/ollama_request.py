"""A request in the form of Ollama's `/api/chat`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.tools import ToolCall
from trashclaw.providers.openai_request import arguments_object, tool_json
from trashclaw.providers.turn_order import join_users


@dataclass(frozen=True, slots=True)
class OllamaSettings:
    """What is the same in every request of a session: another `num_ctx` would load the model anew."""

    model: str
    num_ctx: int
    keep_alive: str | float = "30m"
    can_think: bool = True
    """Whether the model takes `think`; one that does not refuses it."""

    takes_levels: bool = False
    """Whether `think` is a level, as for gpt-oss, and not a switch."""

    think: bool | None = None


def keep_alive_value(keep_alive: str | float) -> str | float:
    """Return a duration as Ollama takes it: a bare number of seconds must not be a string."""
    if not isinstance(keep_alive, str):
        return keep_alive
    text = keep_alive.strip()
    return int(text) if text.removeprefix("-").isdecimal() else text


def ollama_body(request: Request, settings: OllamaSettings) -> dict[str, Any]:
    """Return the body of a request; equal requests give equal bytes.

    `truncate` and `shift` are off, so that a request over the window is an error, not a conversation without its head.
    """
    options: dict[str, Any] = {"num_ctx": settings.num_ctx}
    # One token is the least: nothing at all means no limit in some versions.
    num_predict = 1 if request.is_ahead else request.max_tokens
    if num_predict is not None:
        options["num_predict"] = num_predict
    if request.temperature is not None:
        options["temperature"] = request.temperature
    body: dict[str, Any] = {
        "model": settings.model,
        "messages": [_message(message) for message in join_users(request.messages)],
        "stream": True,
        "options": options,
        "keep_alive": keep_alive_value(settings.keep_alive),
        "truncate": False,
        "shift": False,
    }
    if request.schema is not None and not request.is_continued and not request.is_ahead:
        body["format"] = request.schema
    if request.tools:
        body["tools"] = [tool_json(tool) for tool in request.tools]
    think = settings.think if request.think is None else request.think
    if think is not None and settings.can_think:
        body["think"] = _think(think, takes_levels=settings.takes_levels)
    return body


def _think(think: bool | str, *, takes_levels: bool) -> bool | str:
    if takes_levels:
        return think if isinstance(think, str) else "medium" if think else "low"
    return bool(think)


def _message(message: Message) -> dict[str, Any]:
    match message.role:
        case Role.SYSTEM | Role.USER:
            return {"role": message.role.value, "content": message.text}
        case Role.ASSISTANT:
            return _assistant(message)
        case Role.TOOL:
            result = {"role": "tool", "content": message.text, "tool_name": message.tool_name}
            return result | ({"tool_call_id": message.call_id} if message.call_id else {})
        case _:
            assert_never(message.role)


def _assistant(message: Message) -> dict[str, Any]:
    # Templates put a line end of their own between text and calls; with the one received, the cached prefix ends here.
    text = message.text.removesuffix("\n") if message.calls else message.text
    sent: dict[str, Any] = {"role": "assistant", "content": text}
    if message.thought:
        sent["thinking"] = message.thought
    if message.calls:
        sent["tool_calls"] = [_call(call) for call in message.calls]
    return sent


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": arguments_object(call.arguments)}
    return {"id": call.provider_id or call.call_id, "function": function}
