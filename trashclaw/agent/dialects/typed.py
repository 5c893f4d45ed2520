"""The typed dialect: events as tagged JSON, and a reply that a schema holds to one of the tools or `done`.

For models whose template knows no tools: it needs nothing but a server that constrains what it decodes.

Events are messages of the user's and replies are the assistant's own, so that the growing text alternates as chat
templates want it: the model sees its replies in its own voice, and a server that has just written one finds it again.
A reply says first what it does and then does it. One shape for all keeps the choice open until `tool` is written: a
model is not bound to call something, or to be done, by how it begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from trashclaw.agent.dialects.event_text import DONE, replied, told
from trashclaw.agent.dialects.leading_thought import AfterThought
from trashclaw.agent.dialects.object_scanner import ObjectScanner, Piece
from trashclaw.agent.dialects.port import Reading
from trashclaw.agent.dialects.reply_schema import described, reply_schema
from trashclaw.agent.dialects.thinking import with_thought
from trashclaw.agent.dialects.written import Written, introduced
from trashclaw.agent.messages import CallPart, EndPart, EndReason, Message, Part, Request, Role, TextPart
from trashclaw.protocol.manners import DialectName
from trashclaw.protocol.tools import ToolSpec

_SAY, _TOOL, _ARGUMENTS = "say", "tool", "arguments"
_STRINGS = frozenset({_SAY, _TOOL})
_OPENING = re.compile(r"[\s,]*(?:```(?:json)?\s*)?(?=\{)")
_BEGINNINGS = ("```json",)
"""What may stand before a reply: a fence."""

_HELD_CHARS = 100


class Typed:
    """Sends events and a schema, and reads replies."""

    name = DialectName.TYPED

    def __init__(self) -> None:
        self._tools: tuple[ToolSpec, ...] = ()
        self._schema: dict[str, Any] | None = None
        self._words = ""
        self._written = Written(_rendered)

    def render(self, request: Request) -> Request:
        """Return the request with every message as text, the tools in words and as a schema.

        Without tools there is nothing to choose from: the answer is words. A schema that is there already stays.
        """
        if request.tools != self._tools:
            self._tools, self._schema = request.tools, reply_schema(request.tools)
            self._words = described(request.tools)
        messages = self._written.of(request.messages)
        if request.tools:
            messages = introduced(messages, self._words)
        schema = request.schema if request.schema is not None or not request.tools else self._schema
        return replace(request, messages=messages, tools=(), schema=schema)

    def read(self, request: Request) -> Reading:
        """Return the reading of a reply; without tools, or with a schema of the asker's own, of plain words."""
        return AfterThought(_ReplyReading() if request.tools and request.schema is None else _Words())


def _rendered(message: Message) -> Message:
    match message.role:
        case Role.SYSTEM:
            return message
        case Role.ASSISTANT:
            return with_thought(replace(message, text=replied(message), calls=()))
        case _:
            return Message(Role.USER, told(message), at=message.at)


class _Words:
    def feed(self, part: Part) -> Iterable[Part]:
        return (part,)

    def finish(self, end: EndPart) -> Iterable[Part]:
        return (end,)


class _ReplyReading:
    """Words are given as they come, and so are the pieces of a call; what is no reply at all is given as text."""

    def __init__(self) -> None:
        self._scanner: ObjectScanner | None = None
        self._held = ""
        """What may be the beginning of an object, and is short."""

        self._unread: list[str] = []
        """An object of which nothing is understood yet."""

        self._is_understood = False
        self._is_text = False
        self._tool: list[str] = []
        self._name: str | None = None
        self._arguments: list[str] = []
        """Those that came before the name."""

        self._calls = 0
        self._has_said = False

    def feed(self, part: Part) -> Iterable[Part]:
        """Take a part and return what is certain by now; a call that the server read itself stays as it is."""
        if not isinstance(part, TextPart):
            return (part,)
        return tuple(self._text(part.text))

    def finish(self, end: EndPart) -> Iterable[Part]:
        """Return what was held back, and the end."""
        rest = [*self._closed()] if self._scanner is not None and end.reason is not EndReason.LENGTH else []
        if self._unread and not self._is_understood:
            rest.append(TextPart("".join(self._unread)))
        elif self._held.strip("`, \n") or (self._held and not (self._calls or self._has_said)):
            rest.append(TextPart(self._held))
        if end.reason is EndReason.STOP and self._calls:
            end = replace(end, reason=EndReason.TOOL_CALLS)
        return (*rest, end)

    def _text(self, text: str) -> Iterator[Part]:
        while text:
            if self._is_text:
                yield TextPart(text)
                return
            if self._scanner is None:
                text = self._opened(text)
                continue
            if not self._is_understood:
                self._unread.append(text)
            for piece in self._scanner.feed(text):
                yield from self._piece(piece)
            if not self._scanner.is_closed:
                return
            rest = self._scanner.rest(text)
            if self._unread:
                self._unread[-1] = text.removesuffix(rest)
            text = rest
            yield from self._closed()

    def _opened(self, text: str) -> str:
        """Return what is still to be read once it is clear whether an object begins here; nothing until it is."""
        held, self._held = (self._held + text).lstrip(), ""
        if match := _OPENING.match(held):
            self._scanner = ObjectScanner(_STRINGS)
            self._name, self._is_understood = None, False
            for pieces in (self._tool, self._arguments, self._unread):
                pieces.clear()
            return held[match.end() :]
        if len(held) <= _HELD_CHARS:
            bare = "".join(held.split()).lstrip(",")
            if any(beginning.startswith(bare) for beginning in _BEGINNINGS):
                self._held = held
                return ""
        self._is_text = True
        return f"\n\n{held}" if self._has_said else held

    def _piece(self, piece: Piece) -> Iterator[Part]:
        if piece.key not in {_SAY, _TOOL, _ARGUMENTS} or (piece.key in _STRINGS and not piece.is_string):
            return
        self._is_understood = True
        self._unread.clear()
        if piece.key == _SAY:
            if piece.text:
                self._has_said = True
                yield TextPart(piece.text)
        elif piece.key == _TOOL:
            self._tool.append(piece.text)
            if piece.is_last and self._name is None:
                yield from self._named("".join(self._tool))
        elif self._name is None:
            self._arguments.append(piece.text)
        elif self._name != DONE:
            yield CallPart(self._calls - 1, arguments=piece.text)

    def _named(self, name: str) -> Iterator[Part]:
        self._name = name
        if name != DONE:
            self._calls += 1
            yield CallPart(self._calls - 1, name=name, arguments="".join(self._arguments))

    def _closed(self) -> Iterator[Part]:
        """Give what an object was if that is clear only now; a server that holds to no schema may send another one."""
        self._scanner = None
        if self._arguments and self._name is None:
            yield from self._named("")
        if self._unread and not self._is_understood:
            unread = "".join(self._unread)
            self._unread.clear()
            yield TextPart(unread)
