"""The strict fakes of llama.cpp and Ollama, which besides their steps play misbehaviour at the wire, move by move."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.support import fake_ollama, fake_openai
from tests.support.fake_ollama import FakeOllama
from tests.support.fake_openai import FakeOpenAI
from tests.support.loopback import Received, Wire
from trashclaw.providers.script import ScriptedStep

Move = Callable[[Wire], Awaitable[None]]

EVENTS, LINES = "text/event-stream", "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Play:
    """What the server does with one request, move by move."""

    moves: tuple[Move, ...]

    async def on(self, wire: Wire) -> None:
        """Do it."""
        for move in self.moves:
            await move(wire)


def play(*moves: Move) -> Play:
    """Return a play of these moves."""
    return Play(moves)


def reply(status: int, body: object = b"", **headers: str) -> Move:
    """Send a whole answer; `Retry_After` is a header."""
    return lambda wire: wire.reply(status, body, {name.replace("_", "-"): text for name, text in headers.items()})


def begin(content_type: str = EVENTS) -> Move:
    """Open a streamed answer."""
    return lambda wire: wire.begin(content_type)


def send(*pieces: bytes) -> Move:
    """Send pieces of a streamed answer."""

    async def move(wire: Wire) -> None:
        for piece in pieces:
            await wire.chunk(piece)

    return move


def flood(piece: bytes, times: int = 10_000_000) -> Move:
    """Send a piece again and again, until the other side hangs up."""

    async def move(wire: Wire) -> None:
        for _ in range(times):
            if wire.hung_up.is_set():
                return
            await wire.chunk(piece)

    return move


def drip(pieces: Sequence[bytes], pause_s: float) -> Move:
    """Send pieces with a pause behind each."""

    async def move(wire: Wire) -> None:
        for piece in pieces:
            await wire.chunk(piece)
            await asyncio.sleep(pause_s)

    return move


async def end(wire: Wire) -> None:
    """Close a streamed answer well."""
    await wire.end()


async def drop(wire: Wire) -> None:
    """End here: the connection is closed as it stands, and what was sent arrives, which a reset would throw away."""


async def silence(wire: Wire) -> None:
    """Say nothing until the other side hangs up."""
    await wire.hung_up.wait()


def said(text: str, **more: Any) -> bytes:
    """Return an event of llama.cpp's with words."""
    return fake_openai.event({"content": text, **more})


def thought(text: str, name: str = "reasoning_content") -> bytes:
    """Return an event of llama.cpp's with reasoning."""
    return fake_openai.event({name: text})


def called(*calls: Mapping[str, Any]) -> bytes:
    """Return an event of llama.cpp's with pieces of calls."""
    return fake_openai.event({"tool_calls": list(calls)})


def piece(index: int | None, name: str | None, arguments: str | None, call_id: str | None = None) -> dict[str, Any]:
    """Return a piece of a call; what is `None` is left out."""
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    given = {"index": index, "id": call_id, "type": "function", "function": function}
    return {key: value for key, value in given.items() if value is not None}


def finished(reason: str = "stop") -> bytes:
    """Return the events that end an answer well."""
    figures = fake_openai.figures(ScriptedStep(), 100)
    return fake_openai.event({}, reason) + figures + b"data: [DONE]\n\n"


def line(text: str = "", **more: Any) -> bytes:
    """Return a line of Ollama's."""
    return fake_ollama.line("qwen3:8b", {"content": text, **more})


def last_line(**more: Any) -> bytes:
    """Return Ollama's line with `done: true`."""
    return fake_ollama.line("qwen3:8b", {"content": ""}, {**fake_ollama.figures(ScriptedStep(), 100, False), **more})


def error_event(text: str, **more: Any) -> bytes:
    """Return an error in the middle of a stream, as llama.cpp sends it."""
    return b"data: " + json.dumps({"error": {"message": text, **more}}).encode() + b"\n\n"


@dataclass(slots=True)
class RoughOpenAI(FakeOpenAI):
    """llama.cpp; each chat takes the next of `plays`, each question before them the next of `facts`."""

    plays: Sequence[Play | ScriptedStep] = ()
    facts: Sequence[Play] = ()
    asked: int = field(default=0, init=False)

    async def _handle(self, received: Received, wire: Wire) -> None:
        if received.method == "GET" and self.asked < len(self.facts):
            self.asked += 1
            await self.facts[self.asked - 1].on(wire)
            return
        await FakeOpenAI._handle(self, received, wire)

    async def _chat(self, request: fake_openai.ChatRequest, wire: Wire) -> None:
        await _chat(self, request, wire, FakeOpenAI._chat)


@dataclass(slots=True)
class RoughOllama(FakeOllama):
    """Ollama; each chat takes the next of `plays`."""

    plays: Sequence[Play | ScriptedStep] = ()
    facts: Sequence[Play] = ()

    async def _chat(self, request: Any, wire: Wire) -> None:
        await _chat(self, request, wire, FakeOllama._chat)


async def _chat(server: Any, request: Any, wire: Wire, tame: Any) -> None:
    """Play what is due; a play that is no step is held to the same history."""
    assert server.position < len(server.plays), f"request {server.position + 1} is one more than was to come"
    server.steps = server.plays
    due = server.plays[server.position]
    if isinstance(due, ScriptedStep):
        await tame(server, request, wire)
        return
    if isinstance(server, RoughOpenAI):
        fake_openai.check_history(request.messages)
        fake_openai.check_continuation(request)
    else:
        fake_ollama.check_chat(request)
    server.chats.append(request)
    server.position += 1
    await due.on(wire)
