"""Lines that a person types, or a pipe brings, read beside the event loop."""

from __future__ import annotations

import asyncio
import os
import select
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import TextIO

_READ_BYTES = 65_536
_PASTE_S = 0.03
"""Lines that come closer to each other were pasted: they are one message."""

GOES_ON = "\\"
"""Ends a line that is not the last one of its message."""


class Keyboard:
    """Reads messages: lines, joined where one ends with a backslash, or where a terminal brings several at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._messages: asyncio.Queue[str | None] = asyncio.Queue()

    @property
    def is_terminal(self) -> bool:
        """Whether a person types."""
        return self._stream.isatty()

    def start(self) -> None:
        """Begin to read. The thread holds no lock while it waits, so the program can end without it."""
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop,), name="keyboard", daemon=True).start()

    async def message(self) -> str | None:
        """Return the next message, or `None` when nothing will come any more."""
        return await self._messages.get()

    def end(self) -> None:
        """Have nothing come any more."""
        self._messages.put_nowait(None)

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody listens any more
            for message in joined(self._lines()):
                loop.call_soon_threadsafe(self._messages.put_nowait, message)
            loop.call_soon_threadsafe(self._messages.put_nowait, None)

    def _lines(self) -> Iterator[str]:
        """Yield whole lines; of a paste in a terminal, all but the last one with `GOES_ON` behind it."""
        number, rest = self._stream.fileno(), b""
        while piece := _read_some(number):
            rest += piece
            *lines, rest = rest.split(b"\n")
            is_more = self.is_terminal and _is_ready(number)
            for place, line in enumerate(lines):
                goes_on = self.is_terminal and (is_more or place < len(lines) - 1)
                yield line.decode("utf-8", "replace").rstrip("\r") + (GOES_ON if goes_on else "")
        if rest:
            yield rest.decode("utf-8", "replace")


def joined(lines: Iterator[str]) -> Iterator[str]:
    """Yield messages: lines of which each but the last ends with `GOES_ON`."""
    parts: list[str] = []
    for line in lines:
        parts.append(line.removesuffix(GOES_ON))
        if not line.endswith(GOES_ON):
            yield "\n".join(parts)
            parts.clear()
    if parts:
        yield "\n".join(parts)


def _read_some(number: int) -> bytes:
    try:
        return os.read(number, _READ_BYTES)
    except OSError:
        return b""


def _is_ready(number: int) -> bool:
    if sys.platform == "win32":
        return False
    return bool(select.select([number], [], [], _PASTE_S)[0])
