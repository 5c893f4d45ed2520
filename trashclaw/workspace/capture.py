"""Keeps the head and the tail of a stream of bytes in bounded memory, and decodes it live."""

from __future__ import annotations

import codecs
from collections.abc import Callable


class Capture:
    """The first and the last part of what was fed, at most `limit_bytes` together."""

    def __init__(self, limit_bytes: int) -> None:
        self.total_bytes = 0
        self._head_limit = limit_bytes // 2
        self._tail_limit = limit_bytes - self._head_limit
        self._head = bytearray()
        self._tail = bytearray()

    @property
    def is_truncated(self) -> bool:
        """Whether something in the middle was let go."""
        return self.total_bytes > self._head_limit + self._tail_limit

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        self.total_bytes += len(data)
        room = self._head_limit - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 2 * self._tail_limit:
            del self._tail[: -self._tail_limit]

    def text(self) -> str:
        """Return what was kept, with a line in the place of what was not."""
        tail = bytes(self._tail[-self._tail_limit :])
        if not self.is_truncated:
            return (bytes(self._head) + tail).decode("utf-8", "replace")
        cut = self.total_bytes - len(self._head) - len(tail)
        head = bytes(self._head).decode("utf-8", "ignore")
        return f"{head}\n[{cut:,} bytes of output not kept]\n{tail.decode('utf-8', 'ignore')}"


class LiveText:
    """Passes bytes on as text while they come, never half a character, and stops at a limit."""

    def __init__(self, on_text: Callable[[str], None], limit_bytes: int) -> None:
        self._on_text = on_text
        self._left = limit_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def feed(self, data: bytes) -> None:
        """Take the next bytes."""
        if self._left <= 0:
            return
        text = self._decoder.decode(data[: self._left])
        self._left -= len(data)
        if text:
            self._on_text(text)
        if self._left <= 0:
            self._on_text("\n[more output is not shown live]\n")
