"""What came of a command: how it ended, and the head and tail of what it wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from trashclaw.workspace.capture import Capture, LiveText

OUTPUT_LIMIT_BYTES = 256_000


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended, and the head and tail of what it wrote."""

    output: str
    """Both streams together, in the order in which they came."""

    stdout: str
    stderr: str
    exit_code: int | None
    """Negative: the number of the signal that ended it. `None`: it was ended by the time limit."""

    is_timed_out: bool
    stdout_bytes: int
    """All that was written, kept or not."""

    stderr_bytes: int
    is_truncated: bool
    has_left_processes: bool
    """Something still ran in the background when the command ended; it was stopped."""

    duration_s: float


class CommandOutput:
    """Takes both streams of a command as they come; keeps the head and the tail of each, and of both together."""

    def __init__(self, limit_bytes: int = OUTPUT_LIMIT_BYTES, on_output: Callable[[str], None] | None = None) -> None:
        self._both = Capture(limit_bytes)
        self._streams = {1: Capture(limit_bytes), 2: Capture(limit_bytes)}
        self._live = {fd: LiveText(on_output, limit_bytes) for fd in self._streams} if on_output else {}

    def feed(self, fd: int, data: bytes) -> None:
        """Take the next bytes of standard output (1) or standard error (2)."""
        self._streams[fd].feed(data)
        self._both.feed(data)
        if fd in self._live:
            self._live[fd].feed(data)

    def result(
        self, exit_code: int | None, *, is_timed_out: bool, has_left_processes: bool, duration_s: float
    ) -> CommandResult:
        """Return all of it together with how the command ended."""
        stdout, stderr = self._streams[1], self._streams[2]
        return CommandResult(
            output=self._both.text(),
            stdout=stdout.text(),
            stderr=stderr.text(),
            exit_code=exit_code,
            is_timed_out=is_timed_out,
            stdout_bytes=stdout.total_bytes,
            stderr_bytes=stderr.total_bytes,
            is_truncated=self._both.is_truncated,
            has_left_processes=has_left_processes,
            duration_s=duration_s,
        )


class OutputPipe(asyncio.Protocol):
    """Feeds one stream into the output; bytes, as they come."""

    def __init__(self, number: int, output: CommandOutput) -> None:
        self.ended = asyncio.Event()
        self._number = number
        self._output = output

    def data_received(self, data: bytes) -> None:
        """Take the next bytes."""
        self._output.feed(self._number, data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Note the end of the stream."""
        self.ended.set()
