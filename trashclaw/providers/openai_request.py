"""A request in the form of `/v1/chat/completions`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, assert_never

from trashclaw.agent.messages import Message, Request, Role
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.providers.server_traits import ServerTraits
from trashclaw.providers.turn_order import join_users

REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""Names under which servers of this kind send thoughts."""

_REMEMBERED = 512
"""Calls whose arguments are not read anew for each request that they stand in."""


def chat_body(request: Request, model: str, traits: ServerTraits) -> dict[str, Any]:
    """Return the body of a request, without what only a stream needs; equal requests give equal bytes.

    Tools stay beside a schema, which has precedence: they are in the prompt, and its head is what the server has read.
    An answer that is gone on with is not held to the schema: the server would hold its rest to a whole one.
    What is read ahead differs in nothing that is in the prompt's head; servers write one token at least.
    """
    messages = [_message(message, traits) for message in join_users(request.messages)]
    body: dict[str, Any] = {"model": model, "messages": messages}
    if request.tools:
        body["tools"] = [tool_json(tool) for tool in request.tools]
    max_tokens = 1 if request.is_ahead else request.max_tokens
    if max_tokens is not None:
        body["max_tokens"] = max_tokens
    if request.temperature is not None:
        body["temperature"] = request.temperature
    if request.think is not None and traits.takes_template_kwargs:
        level = {"reasoning_effort": request.think} if isinstance(request.think, str) else {}
        body["chat_template_kwargs"] = {"enable_thinking": bool(request.think), **level}
    if request.is_ahead and traits.can_leave_answer_unopened:
        # The beginning of an answer would come between what is read now and what comes next.
        body["add_generation_prompt"] = False
    if request.schema is not None and not request.is_continued and not request.is_ahead:
        named = {"name": "answer", "strict": True, "schema": request.schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
        if request.think is False and traits.takes_think_budget:
            # Else a thought, which no schema holds, may come first all the same.
            body["reasoning_format"] = "none"
    if request.is_continued and traits.asks_to_continue:
        body |= {"continue_final_message": True, "add_generation_prompt": False}
    return body


def stream_body(request: Request, model: str, traits: ServerTraits, think_tokens: int | None = None) -> dict[str, Any]:
    """Return the body of a request for a streamed answer, with at most `think_tokens` of thinking where that is kept.

    Templates without a switch think all the same when they are asked not to; a budget of nothing stops them.
    """
    body = chat_body(request, model, traits)
    body["stream"] = True
    body["stream_options"] = {"include_usage": True}
    if traits.reports_progress:
        body["return_progress"] = True
    budget = 0 if request.think is False else think_tokens
    if budget is not None and not request.is_ahead and traits.takes_think_budget:
        body["thinking_budget_tokens"] = budget
    return body


def tool_json(tool: ToolSpec) -> dict[str, Any]:
    """Return a tool as every server of this kind, and Ollama, takes it."""
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


@lru_cache(_REMEMBERED)
def sound_arguments(arguments: str) -> str:
    """Return arguments that every server can parse: byte for byte wherever that is possible.

    One broken text in a history makes every later request fail, so what is no JSON object becomes an empty one, and
    what only a lenient reader understands (raw control characters) is written anew.
    """
    try:
        if isinstance(json.loads(arguments, parse_constant=_refuse), dict):
            return arguments
    except (ValueError, RecursionError):
        pass
    return json.dumps(arguments_object(arguments), ensure_ascii=False)


@lru_cache(_REMEMBERED)
def arguments_object(arguments: str) -> Mapping[str, Any]:
    """Return the object that an arguments text holds; an empty one if it holds none. It is not to be changed."""
    try:
        value = json.loads(arguments, strict=False, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _message(message: Message, traits: ServerTraits) -> dict[str, Any]:
    match message.role:
        case Role.SYSTEM | Role.USER:
            return {"role": message.role.value, "content": message.text}
        case Role.ASSISTANT:
            return _assistant(message, traits)
        case Role.TOOL:
            result = {"role": "tool", "tool_call_id": message.call_id, "content": message.text}
            return result | ({"name": message.tool_name} if traits.names_results and message.tool_name else {})
        case _:
            assert_never(message.role)


def _assistant(message: Message, traits: ServerTraits) -> dict[str, Any]:
    # Templates put a line end of their own between text and calls; with the one received, the cached prefix ends here.
    text = message.text.removesuffix("\n") if message.calls else message.text
    sent: dict[str, Any] = {"role": "assistant", "content": text}
    field = message.thought_field if message.thought_field in REASONING_FIELDS[:2] else traits.reasoning_field
    if message.thought and field:
        sent[field] = message.thought
    if message.calls:
        sent["tool_calls"] = [_call(call) for call in message.calls]
    return sent


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": sound_arguments(call.arguments)}
    return {"id": call.provider_id or call.call_id, "type": "function", "function": function}
