"""The fifth rung: the model is asked once more, with its answer held to the schema of the tool that it called."""

from __future__ import annotations

import json
import re
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
_WORDS = 300
_LAST = frozenset("}])`'\"")
_NUMBER = 10**9
_ITEMS = 100
_SHORTEST_CHARS = 64
_COUNTED_CHARS = 1_500
"""Servers count characters by grammar rules, which longer texts make too many."""

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
    allowed = answer_schema(healed.tool, written).get("properties")
    is_wider = isinstance(allowed, Mapping) and not again.arguments.keys() <= allowed.keys()
    if again.error is not None or again.tool is not healed.tool or is_wider:
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
    schema = answer_schema(tool, call.raw_arguments or call.arguments)
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


def answer_schema(tool: Tool, written: str) -> dict[str, Any]:
    """Return the tool's schema as an answer is held to it: closed, and no wider than the call that was written.

    An argument that the tool does not require and the call does not mention is left out; where the text ended early, a
    list alone is.
    Texts and lists are no longer than that of the call could make them: a model that cannot stop has to.
    """
    parameters = tool.spec.parameters
    properties, required = parameters.get("properties"), parameters.get("required")
    if not isinstance(properties, Mapping):
        return bounded(parameters, written)
    needed = {*required} if isinstance(required, list) else set()
    is_whole = written.rstrip()[-1:] in _LAST
    kept = {*needed, *_mentioned(tool, written)}
    named = {name: part for name, part in properties.items() if name in kept or not (is_whole or _is_list(part))}
    return bounded({**parameters, "properties": named}, written)


def _is_list(part: object) -> bool:
    return isinstance(part, Mapping) and part.get("type") in {"array", "object"}


def _mentioned(tool: Tool, written: str) -> set[str]:
    """Return the arguments that a text has words for."""
    words = dict.fromkeys(re.findall(r"[\w-]{1,64}", written[:QUOTED_CHARS]))
    return {name for word in list(words)[:_WORDS] for name in tool.mend({word: "x"})[0]}


def bounded(schema: Mapping[str, Any], written: str) -> dict[str, Any]:
    """Return a schema whose objects, at every depth, hold nothing but what it names, and whose values have an end."""
    made: dict[str, Any] = {}
    for word, value in schema.items():
        if word == "properties" and isinstance(value, Mapping):
            made[word] = {
                name: bounded(part, written) if isinstance(part, Mapping) else part for name, part in value.items()
            }
        else:
            made[word] = bounded(value, written) if isinstance(value, Mapping) else value
    longest = max(_SHORTEST_CHARS, len(written))
    match made.get("type"):
        case "object":
            made["additionalProperties"] = False
        case "integer":
            made |= {"minimum": -_NUMBER, "maximum": _NUMBER}
        case "array":
            made["maxItems"] = min(_ITEMS, written.count(",") + 1)
        case "string" if "enum" not in made and longest <= _COUNTED_CHARS:
            made["maxLength"] = longest
        case _:
            pass
    return made


def _healed(answer: str, healed: HealedCall, toolbox: Toolbox) -> HealedCall:
    """Heal an answer as a call of the same tool; a server may have ignored the schema."""
    text = answer.strip()
    return toolbox.heal(DraftCall(healed.call.name, "", [text]), is_cut=not text)
