"""Asks an examined model one question at a time; whatever the server does, the answer is a value."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any

from trashclaw.agent.dialects.native import Native
from trashclaw.agent.messages import (
    CallPart,
    EndPart,
    EndReason,
    Message,
    NoticePart,
    Part,
    ProgressPart,
    Request,
    Role,
    TextPart,
    ThoughtPart,
)
from trashclaw.agent.ports import Provider
from trashclaw.protocol.errors import (
    AnswerUnreadable,
    ContextOverflow,
    ServerTooSlow,
    ServerUnreachable,
    ToolsUnsupported,
    TrashclawError,
)
from trashclaw.protocol.tools import ToolSpec
from trashclaw.protocol.usage import Timings, Usage

ANSWER_CHARS = 100_000
"""An answer longer than this is given up: every question asks for a few hundred."""

Progress = Callable[[str], None]
"""Takes a few words on what is going on; may be called often."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A tool call of an answer, as the model wrote it."""

    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """All of one answer, or as much of it as came."""

    text: str = ""
    thought: str = ""
    thought_field: str = ""
    calls: tuple[Asked, ...] = ()
    calls_in_text: tuple[Asked, ...] = ()
    """Calls that only the reading of the text has found."""

    is_cut: bool = False
    """It reached its limit of tokens."""

    usage: Usage | None = None
    timings: Timings = field(default_factory=Timings)
    first_s: float | None = None
    """Seconds until the first piece, by our own clock."""

    total_s: float = 0.0
    error: str = ""
    """Why there is no whole answer."""

    refusal: str = ""
    """Why the server took no tools, or could not read what the model wrote: a bad answer, but an answer."""

    overflow: ContextOverflow | None = None
    """The error, if it was that the prompt is too long."""


class Examiner:
    """Puts questions to one model, each within the time that is left for its part."""

    def __init__(
        self,
        provider: Provider,
        *,
        temperature: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._provider = provider
        self._temperature = temperature
        self._monotonic = monotonic
        self._deadline = 0.0
        self._limit_s = 0.0
        self._tell: Progress = lambda words: None
        self.think: bool | str | None = None
        """What the following questions say about thinking."""

        self.thought_tokens = 0
        """Room for thoughts, added to what an answer may be long."""

        self.silences = 0
        """How many questions, the last one included, got not even the beginning of an answer."""

    @property
    def provider(self) -> Provider:
        """The model's provider."""
        return self._provider

    def begin(self, limit_s: float, tell: Progress) -> None:
        """Begin a part, which has `limit_s` seconds."""
        self._limit_s, self._deadline, self._tell = limit_s, self._monotonic() + limit_s, tell

    @property
    def left_s(self) -> float:
        """Seconds that are left for this part."""
        return max(0.0, self._deadline - self._monotonic())

    async def ask(
        self,
        text: str,
        *,
        max_tokens: int,
        tools: tuple[ToolSpec, ...] = (),
        schema: Mapping[str, Any] | None = None,
    ) -> Answer:
        """Ask one question in a conversation of its own; an error of the server's, or of time, is in the answer."""
        request = self._request(text, max_tokens, tools, schema)
        heard = _Heard(self._monotonic, self._tell)
        error, refusal, overflow, is_silent = "", "", None, False
        try:
            async with asyncio.timeout(self.left_s), aclosing(self._provider.stream(request)) as parts:
                async for part in parts:
                    heard.take(part)
                    if heard.chars > ANSWER_CHARS:
                        error = "The answer did not end."
                        break
        except TimeoutError:
            error = f"There was no whole answer within {self._limit_s:.0f} s."
            is_silent = not heard.has_begun
        except ContextOverflow as too_long:
            error, overflow = str(too_long), too_long
        except (AnswerUnreadable, ToolsUnsupported) as failure:
            refusal = str(failure)[:200]
        except (ServerUnreachable, ServerTooSlow) as failure:
            error, is_silent = str(failure), not heard.has_begun
        except TrashclawError as failure:
            error = str(failure)
        if not error and not refusal and heard.end is None:
            error = "The answer ended before it was whole."
        self.silences = self.silences + 1 if is_silent else 0
        answer = heard.answer(request, error or refusal)
        return replace(answer, error=error[:400], refusal=refusal, overflow=overflow)

    def _request(
        self, text: str, max_tokens: int, tools: tuple[ToolSpec, ...], schema: Mapping[str, Any] | None
    ) -> Request:
        return Request(
            messages=(Message(Role.USER, text),),
            tools=tools,
            max_tokens=max_tokens + self.thought_tokens,
            temperature=self._temperature,
            think=self.think,
            schema=schema,
        )


class _Heard:
    """An answer while it comes in."""

    def __init__(self, monotonic: Callable[[], float], tell: Progress) -> None:
        self._monotonic = monotonic
        self._tell = tell
        self._began = monotonic()
        self._first_s: float | None = None
        self._parts: list[Part] = []
        self.chars = 0
        self.end: EndPart | None = None

    @property
    def has_begun(self) -> bool:
        return bool(self._parts)

    def take(self, part: Part) -> None:
        match part:
            case EndPart():
                self.end = part
                return
            case ProgressPart():
                self._tell(_told(part))
                return
            case NoticePart():
                self._tell(part.text)
                return
            case TextPart() | ThoughtPart():
                self.chars += len(part.text)
            case CallPart():
                self.chars += len(part.name) + len(part.arguments)
        if self._first_s is None:
            self._first_s = self._monotonic() - self._began
        self._parts.append(part)
        self._tell(f"{len(self._parts)} pieces of the answer")

    def answer(self, request: Request, error: str) -> Answer:
        total_s = self._monotonic() - self._began
        thoughts = [part for part in self._parts if isinstance(part, ThoughtPart)]
        calls = collect(self._parts)
        return Answer(
            text="".join(part.text for part in self._parts if isinstance(part, TextPart)),
            thought="".join(part.text for part in thoughts),
            thought_field=thoughts[0].field if thoughts else "",
            calls=calls,
            calls_in_text=() if calls or error or self.end is None else _found_in_text(request, self._parts, self.end),
            is_cut=self.end is not None and self.end.reason is EndReason.LENGTH,
            usage=None if self.end is None else self.end.usage,
            timings=Timings() if self.end is None else self.end.timings,
            first_s=self._first_s,
            total_s=total_s,
        )


def collect(parts: list[Part]) -> tuple[Asked, ...]:
    """Return the calls among the parts of an answer, in their order."""
    names: dict[int, str] = {}
    arguments: dict[int, list[str]] = {}
    for part in parts:
        if isinstance(part, CallPart):
            names[part.index] = names.get(part.index) or part.name
            arguments.setdefault(part.index, []).append(part.arguments)
    return tuple(Asked(names[index], "".join(arguments[index])) for index in names)


def _found_in_text(request: Request, parts: list[Part], end: EndPart) -> tuple[Asked, ...]:
    reading = Native().read(request)
    read: list[Part] = []
    for part in parts:
        read += reading.feed(part)
    read += reading.finish(end)
    return collect(read)


def _told(part: ProgressPart) -> str:
    if part.done is not None and part.total:
        return f"{part.phase.value}, {min(100, 100 * part.done // part.total)} %"
    return part.phase.value
