"""The chunks of a streamed answer, gathered: many small ones that have come together become one.

Model servers send each token in a chunk of its own. Everything above, from the HTTP parser on, costs as much for a
chunk of a few bytes as for one of thousands; so what the system has received is taken at once, and put together here.
"""

from __future__ import annotations

import asyncio
import re
import time

_HEAD_END = re.compile(rb"\r?\n\r?\n")
_IS_CHUNKED = re.compile(rb"\n *transfer-encoding *:[^\n]*\bchunked\b", re.IGNORECASE)
_IS_INTERIM = re.compile(rb"\s*HTTP/\S+ 1(?!01)\d\d\b")
_SIZE = re.compile(rb"([0-9a-fA-F]{1,15})[ \t]*(?:;[^\r\n]*)?\r\n")
_LONGEST_SIZE = 4_096
_LONGEST_HEAD = 262_144
_FAULT = b"\r\n"
"""Stands where the size of a chunk should, so that the parser above sees that something was wrong before it."""


_PAUSE_S = 1 / 15
"""Longest time that a stream of tokens is left alone between two looks at it: a picture of the screen. With a shorter
one some pictures cost two looks."""

_PAUSE_STEP_S = 0.002
"""How much longer each pause is than the one before: the first words, and short answers, come at once."""

_MUCH = 8_192
"""Bytes in one look; when as much comes, more is there already."""


class Gathered:
    """The bytes of one HTTP/1.1 response, with the chunks of its body put together; anything odd is left as it is."""

    def __init__(self) -> None:
        self._take = self._take_head
        self._head = b""
        self._rest = b""
        self._left = 0
        """Bytes that are still to come of the chunk that was cut, with the line end behind it."""

        self.is_body = False
        """Whether pieces of a body in chunks are coming."""

    def feed(self, data: bytes) -> bytes:
        """Take what was received, and return what to hand on; nothing, when that is not certain yet."""
        return self._take(data)

    def flush(self) -> bytes:
        """Return what is held back, at the end of the connection."""
        rest, self._rest = self._rest, b""
        return rest

    def _pass(self, data: bytes) -> bytes:
        return data

    def _take_head(self, data: bytes) -> bytes:
        """Hand the head on as it comes, and see how the body will come."""
        known, self._head = len(self._head), self._head + data
        end = _HEAD_END.search(self._head, max(0, known - 3))
        if end is None:
            if len(self._head) > _LONGEST_HEAD:
                self._take = self._pass
            return data
        head, rest = self._head[: end.end()], self._head[end.end() :]
        self._head = b""
        handed = data[: len(data) - len(rest)]
        if _IS_INTERIM.match(head):
            return handed + (self._take_head(rest) if rest else b"")
        if not _IS_CHUNKED.search(head):
            self._take = self._pass
            return data
        self._take, self.is_body = self._take_chunks, True
        return handed + (self._take_chunks(rest) if rest else b"")

    def _take_chunks(self, data: bytes) -> bytes:
        """Return the bodies of all chunks as one; from the last chunk, or a faulty one, on everything goes as it is."""
        if self._rest:
            data, self._rest = self._rest + data, b""
        bodies: list[bytes] = []
        place, fault = 0, b""
        while place < len(data):
            if self._left > 2:
                body = data[place : place + self._left - 2]
                bodies.append(body)
                place += len(body)
                self._left -= len(body)
            elif self._left:
                if not data.startswith(b"\r\n", place):
                    if data[place:] != b"\r":
                        self.is_body, fault = False, _FAULT
                    break
                place += 2
                self._left = 0
            elif (size := _SIZE.match(data, place)) is not None and (length := int(size[1], 16)):
                place = size.end()
                self._left = length + 2
            else:
                self.is_body = size is None and data.find(b"\n", place) < 0 and len(data) - place < _LONGEST_SIZE
                break
        self._rest = data[place:]
        body = b"".join(bodies)
        framed = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
        if self.is_body:
            return framed
        self._take = self._pass
        return framed + fault + self.flush()


class Pace:
    """Says how long to leave a stream alone, so that what comes together is looked at together."""

    def __init__(self) -> None:
        self._pause_s = 0.0
        self._looked_at = 0.0

    async def wait(self) -> None:
        """Wait until it is time to look again."""
        rest_s = self._looked_at + self._pause_s - time.monotonic()
        if rest_s > 0:
            await asyncio.sleep(rest_s)

    def note(self, size: int) -> None:
        """Remember that so many bytes have come now."""
        self._looked_at = time.monotonic()
        self._pause_s = 0.0 if size >= _MUCH else min(_PAUSE_S, self._pause_s + _PAUSE_STEP_S)
