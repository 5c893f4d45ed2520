"""What a typed reply may be: a closed union of the tools and `done`, as a schema and in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from trashclaw.agent.dialects.event_text import DONE
from trashclaw.protocol.tools import ToolSpec

_HOW = """\
What happens is told to you as events: <event type="user"> is what the user says, "result" is what a tool gave, and \
"note" comes from the program. You answer each time with one JSON object and nothing else:
{"say": "what you do next, in a few words", "tool": "NAME", "arguments": {...}}
`say` is shown to the user. The tool runs, and its result is your next event. When the task is done, or you need \
something from the user, answer:
{"say": "your whole answer to the user", "tool": "done"}

Tools, with their arguments; those with ? may be left out:"""


def reply_schema(tools: Iterable[ToolSpec]) -> dict[str, Any]:
    """Return the schema of a reply: `say` first, for a model that has said what it does does it better.

    Every object is closed and has its required properties first, which is the order that grammars write them in.
    """
    called = [_reply(tool.name, _closed(tool.parameters)) for tool in tools if tool.name != DONE]
    return {"anyOf": [*called, _reply(DONE, None)]}


def described(tools: Iterable[ToolSpec]) -> str:
    """Return how to reply and what the tools are, for the system message."""
    return "\n".join((_HOW, *(_tool(tool) for tool in tools)))


def _reply(name: str, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
    properties: dict[str, Any] = {"say": {"type": "string"}, "tool": {"type": "string", "enum": [name]}}
    if arguments is not None:
        properties["arguments"] = arguments
    return {"type": "object", "properties": properties, "required": [*properties], "additionalProperties": False}


def _closed(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schema without words, in which no object takes what it does not name."""
    closed = {key: value for key, value in schema.items() if key != "description"}
    if isinstance(items := closed.get("items"), Mapping):
        closed["items"] = _closed(items)
    properties = closed.get("properties")
    if isinstance(properties, Mapping):
        closed["properties"] = {
            name: _closed(one) if isinstance(one, Mapping) else one for name, one in properties.items()
        }
        closed.setdefault("required", [])
        closed["additionalProperties"] = False
    return closed


def _tool(tool: ToolSpec) -> str:
    required = tool.parameters.get("required")
    needed = required if isinstance(required, list) else []
    lines = [f"- {tool.name}: {tool.description}", *_properties(tool.parameters, needed)]
    return "\n".join(lines)


def _properties(schema: Mapping[str, Any], needed: list[Any]) -> Iterator[str]:
    properties = schema.get("properties")
    for name, one in properties.items() if isinstance(properties, Mapping) else ():
        words = f": {one['description']}" if isinstance(one, Mapping) and one.get("description") else ""
        yield f"  {name}{'' if name in needed else '?'} ({_type(one)}){words}"


def _type(schema: object) -> str:
    """Return a type in a word or a few: `string`, `"a" or "b"`, `list of {path: string}`."""
    if not isinstance(schema, Mapping):
        return "any"
    if isinstance(choices := schema.get("enum"), list):
        return " or ".join(json.dumps(choice, ensure_ascii=False) for choice in choices)
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items'))}"
    if schema.get("type") == "object" and isinstance(properties := schema.get("properties"), Mapping):
        return "{" + ", ".join(f"{name}: {_type(one)}" for name, one in properties.items()) + "}"
    kind = schema.get("type")
    return " or ".join(map(str, kind)) if isinstance(kind, list) else str(kind or "any")
