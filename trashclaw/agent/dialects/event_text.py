"""Events as text: one tagged line of JSON for everything that the model is told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from trashclaw.agent.messages import Message, Role
from trashclaw.protocol.tools import ToolCall

DONE = "done"
"""The name in the place of a tool's that ends the turn."""

_NOTE = re.compile(r"<note>(.*)</note>", re.DOTALL)
_END_TAG = re.compile(r"</(?=event)", re.IGNORECASE)


def told(message: Message) -> str:
    """Return what the model is told by a message of the user's, a note or a tool's result, as one event.

    Only the program writes the end of an event: inside of one it stands as `<\\/event>`, which is the same to JSON.
    """
    if message.role is Role.TOOL:
        return _event("result", message.at, {"tool": message.tool_name, "text": message.text})
    if note := _NOTE.fullmatch(message.text):
        return _event("note", message.at, {"text": note[1]})
    return _event("user", message.at, {"text": message.text})


def replied(message: Message) -> str:
    """Return an answer as the model wrote it, or would have: one object for each call, or one that is done.

    The arguments are byte for byte what came. With the spaces that models put between the rest, the server finds again
    what it has just written; where a model puts others, it reads its last answer once more, and no more than that.
    """
    if not message.calls:
        return f'{{"say": {_json(message.text)}, "tool": "{DONE}"}}'
    return "\n".join(_called(message.calls, message.text))


def _called(calls: tuple[ToolCall, ...], text: str) -> Iterator[str]:
    for place, call in enumerate(calls):
        say = "" if place else text
        yield f'{{"say": {_json(say)}, "tool": {_json(call.name)}, "arguments": {call.arguments or "{}"}}}'


def _event(kind: str, at: float, content: Mapping[str, str]) -> str:
    text = _END_TAG.sub(r"<\\/", _json(content))
    return f'<event type="{kind}"{_time(at)}>{text}</event>'


def _time(at: float) -> str:
    """Return the time of an event in UTC, to the second; nothing where it is not known."""
    try:
        return f' ts="{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}"' if at else ""
    except (OverflowError, ValueError, OSError):
        return ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
