"""A small HTTP server on loopback for tests: every byte of an answer, and every fault, is under control."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 500: "Internal Server Error", 503: "Service Unavailable"}


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """Return the decoded body."""
        return json.loads(self.body)


class Wire:
    """The way back to the client of one request."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self.hung_up = asyncio.Event()
        """The client closed the connection."""

    async def reply(self, status: int, body: object = b"", headers: Mapping[str, str] | None = None) -> None:
        """Send a whole answer; anything but bytes goes as JSON."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        head = {"Content-Type": "application/json", "Content-Length": str(len(content)), **(headers or {})}
        await self._send(self._head(status, head) + content)

    async def begin(self, content_type: str) -> None:
        """Open a streamed answer."""
        await self._send(self._head(200, {"Content-Type": content_type, "Transfer-Encoding": "chunked"}))

    async def chunk(self, data: bytes) -> None:
        """Send a piece of a streamed answer."""
        await self._send(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def end(self) -> None:
        """Close a streamed answer well."""
        await self._send(b"0\r\n\r\n")

    def drop(self) -> None:
        """Cut the connection where it stands."""
        self._writer.transport.abort()

    async def _send(self, data: bytes) -> None:
        if not self.hung_up.is_set():
            self._writer.write(data)
            await self._writer.drain()

    def _head(self, status: int, headers: Mapping[str, str]) -> bytes:
        lines = [f"HTTP/1.1 {status} {_REASONS.get(status, 'Status')}", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "Connection: close", "", ""]).encode()


Handler = Callable[[Received, Wire], Awaitable[None]]


@dataclass(slots=True)
class LoopbackServer:
    """A server that gives every request to `handler`; what goes wrong in it fails the test when the server closes."""

    handler: Handler
    requests: list[Received] = field(default_factory=list)
    problems: list[BaseException] = field(default_factory=list)
    port: int = 0
    _server: asyncio.Server | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @property
    def url(self) -> str:
        """Its address, which stays known after it has closed."""
        return f"http://127.0.0.1:{self.port}"

    async def idle(self) -> None:
        """Wait until no request is open any more."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=10)
        assert not self._tasks, "a request is still open"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        # A transport that was aborted is closed one turn of the loop later.
        await asyncio.sleep(0)
        # A problem here is the cause of whatever went wrong in the client.
        if self.problems:
            raise self.problems[0]

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            await _close(writer)
            self._tasks.discard(task)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received = await _receive(reader)
        self.requests.append(received)
        wire = Wire(writer)
        watch = asyncio.ensure_future(_watch(reader, wire))
        try:
            await self.handler(received, wire)
        except (AssertionError, LookupError, TypeError, ValueError) as error:
            self.problems.append(error)
            await wire.reply(599, {"error": f"the fake server refuses: {error}"})
        finally:
            watch.cancel()


@contextmanager
def in_thread(server: AbstractAsyncContextManager[object]) -> Iterator[asyncio.AbstractEventLoop]:
    """Run a server for a test that is not asynchronous; its problems are raised on leaving."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="loopback server", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result(10)
        yield loop
        asyncio.run_coroutine_threadsafe(_leave(server), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


async def _leave(server: AbstractAsyncContextManager[object]) -> None:
    await server.__aexit__(None, None, None)


async def _receive(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Received(method, parts.path, parse_qs(parts.query), headers, body)


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    try:
        await writer.wait_closed()
    except (ConnectionError, asyncio.CancelledError):
        writer.transport.abort()


async def _watch(reader: asyncio.StreamReader, wire: Wire) -> None:
    """Notice that the client has gone."""
    try:
        await reader.read(1)
    except ConnectionError:
        pass
    wire.hung_up.set()
