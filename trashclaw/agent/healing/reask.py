"""The fifth rung: the model is asked once more, with its answer held to the schema of the tool that it called."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from trashclaw.agent.healing.calls import DraftCall, HealedCall
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.messages import Message, Request, Role
from trashclaw.agent.ports import Tool
from trashclaw.protocol.errors import ProviderError, ToolError
from trashclaw.protocol.items import Mending
from trashclaw.protocol.manners import Rung

Ask = Callable[[Request], Awaitable[str]]
"""Sends a request beside the conversation and returns the text of the answer; raises a `ProviderError`."""

MAX_TOKENS = 4_096
"""Room for the arguments where the request has no limit of its own."""

QUOTED_CHARS = 24_000
"""A broken call that is longer is not quoted, and so not asked for again: it would cost more than a new try."""

_NOTE = (
    "<note>The call of {name} could not be run: {why}\n"
    "Its arguments follow this JSON Schema: {schema}\n"
    "Answer with the arguments of that call alone, as one JSON object, with the same values as you meant.</note>"
)
_WHY_CHARS = 1_000
_AGAIN = "You were asked once more for its arguments alone, and they were not right either."


async def reask(
    healed: HealedCall,
    request: Request,
    answer_text: str,
    ask: Ask,
    toolbox: Toolbox,
    *,
    can_constrain: bool = True,
) -> HealedCall:
    """Ask for the arguments of a call that could not be healed; return it as it is where that cannot help.

    `request` is the one that was answered with `answer_text` and the call; the side request is a suffix of it, so
    that the server reads little. The tool stays the one that was called. A server that fails, or an answer that is not
    right, leaves the call with its error: there is no second time.
    """
    if not (healed.can_reask and can_constrain and healed.tool is not None and healed.error is not None):
        return healed
    written = healed.call.raw_arguments or healed.call.arguments
    if len(written) > QUOTED_CHARS:
        return healed
    try:
        answer = await ask(side_request(healed, healed.tool, request, answer_text))
    except ProviderError:
        return replace(healed, is_asked_again=True)
    again = _healed(answer, healed, toolbox)
    if again.error is not None or again.tool is not healed.tool:
        error = ToolError(f"{healed.error.text}\n{_AGAIN}", healed.error.hint)
        return replace(healed, error=error, is_asked_again=True)
    call = healed.call.model_copy(update={"arguments": again.call.arguments, "raw_arguments": written})
    told = Mending(rung=Rung.REASKED, text=f"asked for the arguments of {call.name} again")
    return replace(again, call=call, mended=(*healed.mended, told, *again.mended), is_asked_again=True)


def side_request(healed: HealedCall, tool: Tool, request: Request, answer_text: str) -> Request:
    """Return the request that asks for the arguments again, held to the tool's schema, without thinking."""
    call, error = healed.call, healed.error
    quoted = f"[call of {call.asked_name or call.name}] {call.raw_arguments or call.arguments}"
    said = "\n\n".join(part for part in (answer_text.rstrip(), quoted) if part)
    schema = closed(tool.spec.parameters)
    note = _NOTE.format(
        name=call.name,
        why=(error.text if error else "")[:_WHY_CHARS],
        schema=json.dumps(schema, ensure_ascii=False, separators=(",", ":")),
    )
    limit = MAX_TOKENS if request.max_tokens is None else request.max_tokens
    return replace(
        request,
        messages=(*request.messages, Message(Role.ASSISTANT, said), Message(Role.USER, note)),
        max_tokens=limit,
        temperature=0.0,
        think=False,
        schema=schema,
        is_continued=False,
    )


def closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema whose objects, at every depth, hold nothing but what it names."""
    made: dict[str, Any] = {}
    for word, value in schema.items():
        if word == "properties" and isinstance(value, Mapping):
            made[word] = {name: closed(part) if isinstance(part, Mapping) else part for name, part in value.items()}
        elif isinstance(value, Mapping):
            made[word] = closed(value)
        else:
            made[word] = value
    return {**made, "additionalProperties": False} if made.get("type") == "object" else made


def _healed(answer: str, healed: HealedCall, toolbox: Toolbox) -> HealedCall:
    """Heal an answer as a call of the same tool; a server may have ignored the schema."""
    text = answer.strip()
    return toolbox.heal(DraftCall(healed.call.name, "", [text]), is_cut=not text)
