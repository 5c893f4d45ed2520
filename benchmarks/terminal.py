"""A terminal to start programs in: a pty, somebody who types into it at once, and a screen to look at afterwards."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte

COLUMNS, ROWS = 120, 40
MARKER = "§"
"""A key that no screen of ours shows and nothing is bound to."""

ALTERNATE_SCREEN = b"\x1b[?1049h"
TYPING_EVERY_S = 0.1
START_LIMIT_S = 20.0
SETTLE_LIMIT_S = 2.0
END_LIMIT_S = 5.0


@dataclass(frozen=True, slots=True)
class Start:
    """How a program came up."""

    ready_s: float
    """From just before it was started until the first typed key stood on its screen."""

    processor_s: float
    """Processor time until then, of all its threads; 0 where the system does not tell."""

    screen: tuple[str, ...]
    """The lines of the screen, once everything typed has come."""

    typed: int
    echoed: int
    """How many of the keys typed stand on the screen: those missing came too early for the program."""


class TypedStart:
    """Starts one program in a pty and types `MARKER` every 100 ms from the first moment on.

    The terminal does not echo, so a marker in the output has been drawn by the program. The clock stops when the bytes
    come; the screen is put together later, so that reading it costs the program nothing.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command = command
        self._folder = folder
        self._output = bytearray()
        self._typed = 0

    def run(self, is_settled: Callable[[tuple[str, ...]], bool] = lambda _: True) -> Start:
        """Start, type until the first key is seen, wait for the rest of them and for `is_settled`, and end it.

        Raises:
            TimeoutError: nothing typed was ever seen; the text shows the screen.
        """
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        _stop_echo(slave)
        began = time.perf_counter()
        process = self._spawn(slave)
        os.close(slave)
        try:
            ready_s = self._type_until_seen(master, began) - began
            processor_s = _processor_s(process.pid)
            self._settle(master, is_settled)
        finally:
            _end(process, master)
        screen = draw(bytes(self._output))
        return Start(ready_s, processor_s, screen, self._typed, "".join(screen).count(MARKER))

    def _spawn(self, slave: int) -> subprocess.Popen[bytes]:
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
        return subprocess.Popen(
            self._command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=self._folder,
            env=environment,
            start_new_session=True,
        )

    def _type_until_seen(self, master: int, began: float) -> float:
        wanted = MARKER.encode()
        next_at = began
        while (now := time.perf_counter()) - began < START_LIMIT_S:
            if now >= next_at:
                os.write(master, wanted)
                self._typed += 1
                next_at = now + TYPING_EVERY_S
            if self._read(master, max(0.0, next_at - time.perf_counter())) and wanted in self._output:
                return time.perf_counter()
        raise TimeoutError("\n".join(["Nothing typed was seen on:", *draw(bytes(self._output))]))

    def _settle(self, master: int, is_settled: Callable[[tuple[str, ...]], bool]) -> None:
        deadline = time.perf_counter() + SETTLE_LIMIT_S
        while time.perf_counter() < deadline:
            self._read(master, 0.05)
            screen = draw(bytes(self._output))
            if "".join(screen).count(MARKER) >= self._typed and is_settled(screen):
                return

    def _read(self, master: int, wait_s: float) -> bool:
        """Take what the program has written within some time; tell whether there was anything."""
        readable, _, _ = select.select([master], [], [], wait_s)
        if not readable:
            return False
        try:
            self._output += os.read(master, 65_536)
        except OSError as error:
            raise TimeoutError(f"It ended: {bytes(self._output[-2_000:])!r}") from error
        return True


def draw(output: bytes) -> tuple[str, ...]:
    """Return the lines of the screen after this output; what came before the full-screen mode is left out."""
    _, found, shown = output.partition(ALTERNATE_SCREEN)
    screen = pyte.Screen(COLUMNS, ROWS)
    pyte.ByteStream(screen).feed(shown if found else output)
    return tuple(screen.display)


def _processor_s(pid: int) -> float:
    """Return the processor time that a process has taken, as Linux counts it."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def _stop_echo(slave: int) -> None:
    mode = termios.tcgetattr(slave)
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, mode)


def _end(process: subprocess.Popen[bytes], master: int) -> None:
    """End the program as a closed terminal does, and make sure of it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait(END_LIMIT_S)
    os.close(master)
