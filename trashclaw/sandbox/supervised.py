"""Watches over a command that another program keeps confined: its output, its limits, its end."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from trashclaw.sandbox.ports import Branch, LimitHit, SandboxRun
from trashclaw.workspace.command_output import CommandOutput, OutputPipe
from trashclaw.workspace.waiting import wait_out

_DRAIN_S = 2.0
_LOOK_EVERY_S = 0.25


class Held(Protocol):
    """A command at work, as its backend sees it."""

    async def ended(self) -> int:
        """Wait until nothing of it runs any more; return the exit code, negative for a signal."""
        ...

    def kill(self) -> None:
        """Let all of it end now; `ended` tells when it has."""
        ...

    def exceeded(self) -> LimitHit | None:
        """Measure what it uses; return the limit that it is over. Blocks on the disk."""
        ...

    def branches(self) -> tuple[Branch, ...]:
        """Return what it did, once it has ended. Blocks on the disk."""
        ...

    def discard(self) -> None:
        """Let go of all that it did. Blocks on the disk."""
        ...


class Streams:
    """Both streams of a command, read as they come."""

    def __init__(self, on_output: Callable[[str], None] | None) -> None:
        self._output = CommandOutput(on_output=on_output)
        self._ends: list[asyncio.Event] = []
        self._transports: list[asyncio.BaseTransport] = []
        self._began = time.monotonic()

    async def open(self) -> tuple[int, int]:
        """Return two descriptors to write to; whoever gets them closes them."""
        writers = []
        for number in (1, 2):
            reader, writer = os.pipe()
            writers.append(writer)
            await self.read(number, reader)
        return writers[0], writers[1]

    async def read(self, number: int, descriptor: int) -> None:
        """Read a pipe as standard output (1) or standard error (2), and own it."""
        pipe = OutputPipe(number, self._output)
        stream = os.fdopen(descriptor, "rb", 0)
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: pipe, stream)
        self._ends.append(pipe.ended)
        self._transports.append(transport)

    async def drain(self) -> None:
        """Wait for what is still on its way, then read no more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_DRAIN_S):
                for end in self._ends:
                    await end.wait()
        self.close()

    def close(self) -> None:
        """Read no more."""
        for transport in self._transports:
            transport.close()

    def run(self, exit_code: int, limit: LimitHit | None, branches: tuple[Branch, ...]) -> SandboxRun:
        """Put together how it ended."""
        is_timed_out = limit is LimitHit.TIME
        result = self._output.result(
            None if is_timed_out else exit_code,
            is_timed_out=is_timed_out,
            has_left_processes=False,
            duration_s=time.monotonic() - self._began,
        )
        return SandboxRun(result, branches, limit=limit)

    def text(self) -> str:
        """Return what was written so far."""
        return self._output.result(0, is_timed_out=False, has_left_processes=False, duration_s=0.0).output


class SupervisedCommand:
    """A running command of any backend that offers `Held`."""

    def __init__(self, held: Held, streams: Streams, time_s: float) -> None:
        self._held = held
        self._streams = streams
        self._time_s = time_s
        self._stopping = asyncio.Event()
        self._ending = asyncio.create_task(self._until_end(), name="sandboxed command")

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return not self._ending.done()

    async def wait(self) -> SandboxRun:
        """Wait for its end or for one of its limits. Cancelling this stops the command and discards what it did."""
        try:
            return await asyncio.shield(self._ending)
        except asyncio.CancelledError:
            self._stopping.set()
            await wait_out(self._ending)
            await wait_out(asyncio.ensure_future(asyncio.to_thread(self._held.discard)))
            raise

    async def stop(self) -> SandboxRun:
        """End it now, and return what there is."""
        self._stopping.set()
        return await self.wait()

    async def abandon(self) -> None:
        """End it and discard what it did."""
        self._stopping.set()
        await asyncio.wait([self._ending])
        await asyncio.to_thread(self._held.discard)

    async def _until_end(self) -> SandboxRun:
        ended = asyncio.create_task(self._held.ended(), name="end of a command")
        watching = asyncio.create_task(self._watch(), name="limits of a command")
        stopping = asyncio.create_task(self._stopping.wait(), name="stop of a command")
        waited = (ended, watching, stopping)
        await asyncio.wait(waited, timeout=self._time_s, return_when=asyncio.FIRST_COMPLETED)
        limit = watching.result() if watching.done() else None
        if not ended.done():
            limit = limit if watching.done() or stopping.done() else LimitHit.TIME
            self._held.kill()
        exit_code = await ended
        for task in (watching, stopping):
            task.cancel()
        await asyncio.wait((watching, stopping))
        await self._streams.drain()
        branches = await asyncio.to_thread(self._held.branches)
        return self._streams.run(exit_code, limit, branches)

    async def _watch(self) -> LimitHit:
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            exceeded = await asyncio.to_thread(self._held.exceeded)
            if exceeded is not None:
                return exceeded
