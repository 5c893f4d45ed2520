"""The one way from a confined command to other hosts: a proxy that knows who asks, and what was granted.

It sees names and counts bytes, and looks into no tunnel. A name is looked up only if a rule allows it; the connection
goes to the very address that was judged, so that neither a look-up nor its change (rebinding) carries anything out.
"""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.host_http import CHUNK_BYTES, HEAD_LIMIT_BYTES, BadRequest, ProxyRequest, read_request
from trashclaw.sandbox.host_line import Side, close_line, relay_answer, relay_tunnel
from trashclaw.sandbox.host_pass import Pass
from trashclaw.sandbox.host_rules import HostRules, Target

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Turns a name and a port into addresses. Raises `OSError` where there are none."""

OnEgress = Callable[[str, int], None]
"""Told at the end of every connection: the host, and the bytes that went to it."""

CONNECTIONS = 256
_CHALLENGE = 'Proxy-Authenticate: Basic realm="trashclaw"'
_LAST_WORDS_S = 2.0


@dataclass(frozen=True, slots=True)
class GateLimits:
    """How long the gate waits, in seconds."""

    head_s: float = 10.0
    """For a whole head: one that drips is cut off."""

    connect_s: float = 20.0
    idle_s: float = 600.0
    half_closed_s: float = 120.0
    """For more, once one side has ended."""


class _NotPublic(Exception):
    """A name leads to an address of this machine or its networks; the text says to which."""


class HostGate:
    """The proxy. It listens where it is told to; without a pass it lets nobody through."""

    def __init__(
        self, *, resolve: Resolve | None = None, on_egress: OnEgress | None = None, limits: GateLimits | None = None
    ) -> None:
        self._resolve = resolve or _resolve
        self._on_egress = on_egress
        self._limits = limits or GateLimits()
        self._passes: dict[str, Pass] = {}
        self._servers: list[asyncio.Server] = []
        self._connections: dict[asyncio.Task[None], list[Pass]] = {}
        self._loopback_port: int | None = None
        self._opening = asyncio.Lock()

    async def admit(self, hosts: Sequence[str]) -> Pass:
        """Return a pass for these hosts; with none, what is asked for is still known by name.

        Raises:
            UsageError: one of them is no rule.
        """
        granted = Pass(HostRules.parse(hosts), self._revoke)
        self._passes[granted.token] = granted
        return granted

    async def listen_at(self, path: Path) -> asyncio.Server:
        """Listen on a Unix socket that only this user may open.

        Raises:
            WorkspaceError: that is not possible there.
        """
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            _bind(listener, path)
        except OSError as error:
            listener.close()
            hint = "Set TRASHCLAW_HOME to a folder with a shorter path." if len(os.fsencode(path)) > 100 else ""
            raise WorkspaceError(f"The host gate cannot listen at {path}: {error.strerror or error}.", hint) from error
        return await self.listen_on(listener)

    async def listen_on_loopback(self) -> int:
        """Listen on 127.0.0.1, once however often it is asked for, and return the port.

        Raises:
            WorkspaceError: there is none to be had.
        """
        async with self._opening:
            if self._loopback_port is None:
                listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
                try:
                    listener.bind(("127.0.0.1", 0))
                except OSError as error:
                    listener.close()
                    raise WorkspaceError(f"The host gate cannot listen on 127.0.0.1: {error.strerror}.") from error
                port: int = listener.getsockname()[1]
                await self.listen_on(listener)
                self._loopback_port = port
            return self._loopback_port

    async def listen_on(self, listener: socket.socket) -> asyncio.Server:
        """Listen on a bound socket, also one of another network namespace; close the server to listen there no more."""
        listener.setblocking(False)
        make = asyncio.start_unix_server if listener.family == socket.AF_UNIX else asyncio.start_server
        server = await make(self._accept, sock=listener, limit=HEAD_LIMIT_BYTES)
        self._servers = [*(known for known in self._servers if known.is_serving()), server]
        return server

    async def aclose(self) -> None:
        """Listen no more, and end every connection."""
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._passes.clear()
        self._loopback_port = None
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)

    def _revoke(self, granted: Pass) -> None:
        self._passes.pop(granted.token, None)
        for task, owners in self._connections.items():
            if granted in owners:
                task.cancel()

    def _accept(self, reader: StreamReader, writer: StreamWriter) -> None:
        if len(self._connections) >= CONNECTIONS:
            writer.transport.abort()
            return
        owners: list[Pass] = []
        task = asyncio.create_task(self._serve((reader, writer), owners), name="host gate")
        self._connections[task] = owners
        task.add_done_callback(lambda done: self._connections.pop(done, None))

    async def _serve(self, program: Side, owners: list[Pass]) -> None:
        """Serve one connection: one request."""
        try:
            async with asyncio.timeout(self._limits.head_s):
                request = await read_request(program[0])
            if request is not None:
                await self._judge(request, program, owners)
            await close_line(program[1], self._limits.idle_s)
        except BadRequest as error:
            text = f"trashclaw's sandbox does not understand this request: {error}."
            await _answer(program, "400 Bad Request", text)
        except OSError:
            pass
        finally:
            program[1].transport.abort()

    async def _judge(self, request: ProxyRequest, program: Side, owners: list[Pass]) -> None:
        granted = self._passes.get(request.token)
        if granted is None:
            text = "trashclaw's sandbox lets only its own commands through, by the proxy of their environment."
            await _answer(program, "407 Proxy Authentication Required", text, _CHALLENGE)
            return
        owners.append(granted)
        target = request.target
        if not granted.rules.allow(target):
            await _refuse(granted, target, program)
            return
        try:
            host = await self._connect(granted.rules, target)
        except _NotPublic as error:
            await _refuse(granted, target, program, str(error))
        except OSError as error:
            reason = error.strerror or "no answer in time"
            await _answer(program, "502 Bad Gateway", f"{target} could not be reached: {reason}.")
        else:
            await self._relay(request, granted, program, host)

    async def _connect(self, rules: HostRules, target: Target) -> Side:
        """Look a name up once, and connect to an address that was judged.

        Raises:
            _NotPublic: it leads to addresses that no rule names.
            OSError: it cannot be reached.
        """
        async with asyncio.timeout(self._limits.connect_s):
            texts = [target.host] if target.address else await self._resolve(target.host, target.port)
            found = [ip_address(text) for text in texts]
            allowed = [one for one in found if rules.lets_connect(one, target.port)]
            if found and not allowed:
                raise _NotPublic(f"it leads to {found[0]}, which is not public and which no rule names")
            failure = OSError(None, "no address is known for it")
            for one in allowed:
                try:
                    return await asyncio.open_connection(str(one), target.port, limit=CHUNK_BYTES)
                except OSError as error:
                    failure = error
            raise failure

    async def _relay(self, request: ProxyRequest, granted: Pass, program: Side, host: Side) -> None:
        sent_bytes = 0

        def count(size: int) -> None:
            nonlocal sent_bytes
            sent_bytes += size
            granted.count(request.target.host, size)

        count(0)
        waits = (self._limits.idle_s, self._limits.half_closed_s)
        try:
            if request.is_tunnel:
                program[1].write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await relay_tunnel(program, host, count, waits)
            else:
                await relay_answer(request, program, host, count, waits)
            await close_line(host[1], self._limits.half_closed_s)
        finally:
            host[1].transport.abort()
            if self._on_egress is not None:
                self._on_egress(request.target.host, sent_bytes)


def _bind(listener: socket.socket, path: Path) -> None:
    path.unlink(missing_ok=True)
    listener.bind(str(path))
    path.chmod(0o600)


async def _resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


async def _refuse(granted: Pass, target: Target, program: Side, reason: str = "") -> None:
    granted.deny(target)
    because = f" ({reason})" if reason else ""
    wish = f'ask for it with hosts: ["{target}"]'
    text = f"trashclaw's sandbox does not let this command reach {target}{because}; {wish}"
    await _answer(program, "403 Forbidden", text)


async def _answer(program: Side, status: str, text: str, header: str = "") -> None:
    """Answer in the place of the host, and hear the program out, or the answer would not arrive."""
    reader, writer = program
    body = text.encode("utf-8") + b"\n"
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/plain; charset=utf-8", f"Content-Length: {len(body)}", header]
    head = "".join(f"{line}\r\n" for line in [*lines, "Connection: close"] if line)
    with suppress(OSError):
        async with asyncio.timeout(_LAST_WORDS_S):
            writer.write(head.encode("ascii") + b"\r\n" + body)
            await writer.drain()
            writer.write_eof()
            while await reader.read(CHUNK_BYTES):
                pass
