"""Carries bytes between a program and a host that it was let through to, and counts those that go out."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress

from trashclaw.sandbox.host_http import CHUNK_BYTES, BadRequest, ProxyRequest, is_interim, read_answer_head, read_body

Side = tuple[StreamReader, StreamWriter]
Count = Callable[[int], None]
Waits = tuple[float, float]
"""How long nothing may come, in seconds: from the start, and once one side has ended."""

INTERIM_HEADS = 20


async def relay_tunnel(program: Side, host: Side, count: Count, waits: Waits) -> None:
    """Carry both ways until both have ended; one that ends first does not end the other."""
    line = _Line(program, host, waits)
    async with asyncio.TaskGroup() as group:
        group.create_task(line.carry(program[0], host[1], count), name="host gate out")
        group.create_task(line.carry(host[0], program[1], lambda _: None), name="host gate in")


async def relay_answer(request: ProxyRequest, program: Side, host: Side, count: Count, waits: Waits) -> None:
    """Send one request, and carry back what comes; what the program sends behind it goes nowhere."""
    line = _Line(program, host, waits)
    sending = asyncio.create_task(line.send(request, count), name="host gate request")
    try:
        if await line.answer_heads():
            await line.carry(host[0], program[1], lambda _: None)
        elif sending.done() and (reason := await sending):
            raise BadRequest(reason)
        else:
            program[1].write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    except (OSError, TimeoutError):
        line.abort()
    finally:
        sending.cancel()
        await asyncio.wait([sending])


async def close_line(writer: StreamWriter, limit_s: float) -> None:
    """Close a side, and wait until what was written has left."""
    with suppress(OSError):
        async with asyncio.timeout(limit_s):
            writer.close()
            await writer.wait_closed()


class _Line:
    """Both connections, and how long they may be silent."""

    def __init__(self, program: Side, host: Side, waits: Waits) -> None:
        self._program = program
        self._host = host
        self._idle_s, self._half_closed_s = waits

    def abort(self) -> None:
        """End both at once."""
        self._program[1].transport.abort()
        self._host[1].transport.abort()

    async def carry(self, source: StreamReader, target: StreamWriter, count: Count) -> None:
        """Carry one way until its end, and pass the end on."""
        try:
            while True:
                async with asyncio.timeout(self._idle_s):
                    data = await source.read(CHUNK_BYTES)
                    if not data:
                        break
                    target.write(data)
                    count(len(data))
                    await target.drain()
            self._idle_s = min(self._idle_s, self._half_closed_s)
            if target.can_write_eof():
                target.write_eof()
        except (OSError, TimeoutError):
            self.abort()

    async def send(self, request: ProxyRequest, count: Count) -> str:
        """Send the request and its body; return what is wrong with it, or nothing."""
        writer = self._host[1]
        try:
            head = request.head_for_host()
            writer.write(head)
            count(len(head))
            body = read_body(self._program[0], request.length)
            while True:
                async with asyncio.timeout(self._idle_s):
                    piece = await anext(body, None)
                    if piece is None:
                        break
                    writer.write(piece)
                    count(len(piece))
                    await writer.drain()
        except BadRequest as error:
            writer.transport.abort()
            return str(error)
        except (OSError, TimeoutError):
            writer.transport.abort()
        return ""

    async def answer_heads(self) -> bool:
        """Carry the heads of the answer, interim ones too; tell whether it has one that counts."""
        for _ in range(INTERIM_HEADS):
            async with asyncio.timeout(self._idle_s):
                head = await read_answer_head(self._host[0])
            if head is None:
                return False
            self._program[1].write(head)
            if not is_interim(head):
                return True
        return False
