"""Hosts on the loopback that keep what they receive and give a fixed answer."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Listener:
    """What came to a host."""

    def __init__(self, answer: bytes, *, holds: bool) -> None:
        self.port = 0
        self.received: list[bytes] = []
        self.connected = asyncio.Event()
        self._answer = answer
        self._holds = holds
        self._tasks: set[asyncio.Task[None]] = set()

    def accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        """Take a connection."""
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)

    async def end(self) -> None:
        """End every connection."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        self.connected.set()
        place = len(self.received)
        self.received.append(b"")
        try:
            if self._answer.startswith(b"HTTP/"):
                await self._take_request(reader, place)
            else:
                while data := await reader.read(65_536):
                    self.received[place] += data
            writer.write(self._answer)
            await writer.drain()
            if self._holds:
                await asyncio.Event().wait()
        except OSError:
            pass
        finally:
            writer.close()

    async def _take_request(self, reader: StreamReader, place: int) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        self.received[place] += head
        if b"chunked" in head:
            self.received[place] += await reader.readuntil(b"0\r\n\r\n")
        elif b"content-length: " in head.lower():
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
            self.received[place] += await reader.readexactly(length)


@asynccontextmanager
async def listening(answer: bytes, *, holds: bool = False) -> AsyncIterator[Listener]:
    """Run a host: it takes a request (or, for an answer that is no HTTP, everything until the end) and answers."""
    host = Listener(answer, holds=holds)
    server = await asyncio.start_server(host.accept, "127.0.0.1", 0)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()
        await host.end()
