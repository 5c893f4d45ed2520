"""A model that says what it is told to, on the real engine, without a change to its prompt.

The proxy adds to a request a grammar of the very tokens that the answer consists of, a plain way of sampling (it is
the quickest), and `tool_choice: "none"`, without which the server takes no grammar beside tools; the tools stay in the
prompt. So what the server says of its cache is what it would say of a model that gave these answers by itself. Calls
are written out in the text, as models do whose server does not parse them.
"""

from __future__ import annotations

import http.client
import json
import threading
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.relay import Proxy, Relay

Json = dict[str, Any]


class Kind(StrEnum):
    """What a request is for."""

    MAIN = "main"
    """A step of the conversation."""

    ASIDE = "aside"
    """Something that is asked beside it, such as a summary."""

    AHEAD = "ahead"
    """The prompt is read, and no answer wanted."""


@dataclass
class Exchange:
    """A request as it came, and what the server itself said of it."""

    body: Json
    kind: Kind
    said: str = ""
    """What the model was made to say."""

    status: int = 0
    is_whole: bool = False
    began_at: float = 0.0
    first_at: float | None = None
    """When the first piece of text came, in seconds of the monotonic clock."""

    raw: bytearray = field(default_factory=bytearray)

    @property
    def timings(self) -> Mapping[str, float]:
        """The server's own figures: `cache_n`, `prompt_n`, `predicted_n` and times; empty if it gave none."""
        for line in reversed(bytes(self.raw).split(b"\n")):
            data = line.removeprefix(b"data: ")
            if b'"timings"' in data:
                found = json.loads(data).get("timings")
                if found:
                    return dict(found)
        return {}

    @property
    def evaluated(self) -> int:
        """Tokens of the prompt that the server evaluated."""
        return int(self.timings.get("prompt_n", 0))

    @property
    def cached(self) -> int:
        """Tokens of the prompt that the server had."""
        return int(self.timings.get("cache_n", 0))


class Voice(Protocol):
    """Decides what the model says."""

    def hear(self, body: Json) -> tuple[Kind, str]:
        """Return what a request is for, and the answer to it."""
        ...

    def was_heard(self, exchange: Exchange) -> None:
        """Hear that an answer came through to its end."""
        ...


class Speaker(Proxy):
    """The proxy; a context manager that stops it. `exchanges` holds what went through it, in order."""

    def __init__(self, engine: Engine, voice: Voice) -> None:
        self.exchanges: list[Exchange] = []
        self._engine = engine
        self._voice = voice
        self._lock = threading.Lock()
        speaker = self

        class Handler(Relay):
            exchange: Exchange | None = None

            def rewritten(self, body: bytes) -> bytes:
                if not self.path.endswith("/chat/completions"):
                    return body
                self.exchange, sent = speaker.direct(json.loads(body))
                return json.dumps(sent).encode()

            def upstream(self) -> http.client.HTTPConnection:
                return http.client.HTTPConnection(urllib.parse.urlsplit(engine.url).netloc, timeout=600)

            def began(self, status: int) -> None:
                if self.exchange is not None:
                    self.exchange.status = status

            def passed(self, piece: bytes) -> None:
                if self.exchange is not None:
                    self.exchange.raw += piece
                    if self.exchange.first_at is None and b'"content":"' in piece:
                        self.exchange.first_at = time.monotonic()

            def ended(self, *, is_whole: bool) -> None:
                if self.exchange is not None:
                    speaker.end(self.exchange, is_whole=is_whole)

        self.listen(Handler, "speaker")

    def direct(self, body: Json) -> tuple[Exchange, Json]:
        """Enter a request, and return it such that its answer can only be what the voice says."""
        with self._lock:
            kind, text = self._voice.hear(body)
            exchange = Exchange(body, kind, text, began_at=time.monotonic())
            self.exchanges.append(exchange)
        if kind is Kind.AHEAD:
            return exchange, body
        return exchange, body | grammar_of(self._engine, body, text)

    def end(self, exchange: Exchange, *, is_whole: bool) -> None:
        """Note how an answer ended."""
        with self._lock:
            exchange.is_whole = is_whole and exchange.status == 200 and bool(exchange.timings)
            if exchange.is_whole:
                self._voice.was_heard(exchange)


def grammar_of(engine: Engine, body: Json, text: str) -> Json:
    """Return what is added to a request so that its answer can only be this text; the prompt stays as it is."""
    choice = {"tool_choice": "none"} if body.get("tools") else {}
    grammar = " ".join(_elements(engine, text))
    return {**choice, "samplers": ["temperature"], "temperature": 0, "grammar": f"root ::= {grammar}"}


def _elements(engine: Engine, text: str) -> Iterator[str]:
    """Yield a grammar's tokens; a character of several tokens comes as itself, since the server dies of its parts."""
    asked = {"content": text, "parse_special": True, "with_pieces": True}
    parts = b""
    for token in engine.post("/tokenize", asked)["tokens"]:
        if isinstance(token["piece"], str) and not parts:
            yield f"<[{token['id']}]>"
            continue
        piece = token["piece"]
        parts += piece.encode() if isinstance(piece, str) else bytes(piece)
        try:
            yield f'"{parts.decode()}"'
            parts = b""
        except UnicodeDecodeError:
            continue


def call_text(words: str, name: str, arguments: Mapping[str, object]) -> str:
    """Return a call as such a model writes it, and as our template writes it back."""
    call = json.dumps({"name": name, "arguments": arguments}, ensure_ascii=False)
    return f"{words}\n<tool_call>\n{call}\n</tool_call>" if words else f"<tool_call>\n{call}\n</tool_call>"
