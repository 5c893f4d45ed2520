"""A terminal to start programs in: a pty of a given size, somebody who types, and the screen that comes of it."""

from __future__ import annotations

import copy
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

import pyte

LIMIT_S = 40.0
"""How long anything may take that a test waits for: generous, and no measure."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "backspace": "\x7f",
    "space": " ",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "alt+up": "\x1b[1;3A",
    "alt+enter": "\x1b\r",
    "f1": "\x1bOP",
    "f6": "\x1b[17~",
}

# A session leader whose controlling terminal this is gets SIGWINCH and SIGHUP from it, as under a real one.
_TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
_UNKNOWN_TO_PYTE = re.compile(rb"\x1b\[[<=>][0-9;:]*[@-~]")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*)?\Z")
_QUERIES = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y", b"\x1b[c": b"\x1b[?62;22c"}
"""What a program asks of the terminal, and what this one answers: it knows synchronized output."""

_ALTERNATE_SCREEN, _SYNCHRONIZED = 1049 << 5, 2026 << 5
_READ_BYTES = 65_536
_AGAIN_S = 0.7


class Size(NamedTuple):
    """A terminal's size in cells."""

    columns: int
    lines: int


USUAL_SIZE = Size(120, 40)


class _Screen(pyte.Screen):
    """A screen that has an alternate one beside it; pyte keeps only the flags of private modes."""

    _main: tuple[Any, Any] | None = None

    def set_mode(self, *modes: int, **how: Any) -> None:
        super().set_mode(*modes, **how)
        if how.get("private") and 1049 in modes and self._main is None:
            self._main = copy.deepcopy(self.buffer), copy.copy(self.cursor)
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **how: Any) -> None:
        super().reset_mode(*modes, **how)
        if how.get("private") and 1049 in modes and self._main is not None:
            (self.buffer, self.cursor), self._main = self._main, None


class Terminal:
    """Starts one program in a pty. Nothing is read but while somebody waits for something, so call `wait_for` often."""

    def __init__(
        self,
        command: Sequence[str],
        folder: Path,
        environment: Mapping[str, str],
        size: Size = USUAL_SIZE,
        *,
        is_measured: bool = False,
    ) -> None:
        """Start the program.

        With `is_measured` its own start is the first thing that happens, so that it can be timed from `started_at` on,
        and the terminal does not echo: it is not the program's controlling one, and sends it no signals.
        """
        self.size = size
        self.output = bytearray()
        """Every byte that the program has written."""

        self._screen = _Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0
        self._answered = 0
        self._master, slave = pty.openpty()
        try:
            self._set_size(size)
            if is_measured:
                _stop_echo(slave)
            launcher = [] if is_measured else [sys.executable, "-I", "-S", "-c", _TAKE_TERMINAL]
            self.started_at = time.perf_counter()
            self._process = subprocess.Popen(
                [*launcher, *command],
                stdin=slave,
                stdout=slave,
                stderr=slave,
                cwd=folder,
                env=dict(environment),
                start_new_session=True,
            )
        finally:
            os.close(slave)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._process.pid

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows of the screen as text; a wide character stands for two cells."""
        self._draw()
        return tuple(self._screen.display)

    @property
    def is_alternate(self) -> bool:
        """Whether the alternate screen is shown."""
        self._draw()
        return _ALTERNATE_SCREEN in self._screen.mode

    @property
    def has_cursor(self) -> bool:
        """Whether the cursor is shown."""
        self._draw()
        return not self._screen.cursor.hidden

    @property
    def modes(self) -> frozenset[int]:
        """The private modes that are set, such as 1000 (mouse) and 2004 (bracketed paste)."""
        self._draw()
        return frozenset(mode >> 5 for mode in self._screen.mode if mode >= 1 << 5)

    def screen_text(self) -> str:
        """Return the screen as one text, a line each row."""
        return "\n".join(self.rows)

    def column(self, column: int) -> str:
        """Return the characters in one column of cells, from top to bottom; the second half of a wide one is empty."""
        self._draw()
        return "".join(self._screen.buffer[line][column].data or "\0" for line in range(self.size.lines))

    def colours(self) -> frozenset[str]:
        """Return the foreground and background colours that are on the screen."""
        self._draw()
        cells = (
            self._screen.buffer[line][column] for line in range(self.size.lines) for column in range(self.size.columns)
        )
        return frozenset(colour for cell in cells for colour in (cell.fg, cell.bg))

    def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        os.write(self._master, data)

    def type(self, text: str) -> None:
        """Type a text."""
        self.write(text.encode())

    def press(self, *keys: str) -> None:
        """Press keys by name: those of `KEYS`, `ctrl+` and a letter, or a single character."""
        for key in keys:
            is_control = key.startswith("ctrl+") and len(key) == 6
            self.type(chr(ord(key[-1].upper()) & 0x1F) if is_control else KEYS.get(key, key))

    def resize(self, columns: int, lines: int) -> None:
        """Change the size; the program gets SIGWINCH."""
        self._draw()
        self.size = Size(columns, lines)
        self._screen.resize(lines, columns)
        self._set_size(self.size)

    def read(self, limit_s: float) -> bool:
        """Take what the program writes within some time; tell whether there was anything.

        Raises:
            EOFError: the program has closed the terminal.
        """
        readable, _, _ = select.select([self._master], [], [], max(0.0, limit_s))
        if not readable:
            return False
        try:
            data = os.read(self._master, _READ_BYTES)
        except OSError as error:
            raise EOFError("The program has closed its terminal.") from error
        if not data:
            raise EOFError("The program has closed its terminal.")
        self.output += data
        self._answer()
        return True

    def wait_for(self, wanted: str | Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        """Return as soon as a text is on the screen, or a condition holds; looked at after each piece of output.

        Raises:
            TimeoutError: it never was; the text shows the screen.
            EOFError: the program ended first.
        """
        deadline = time.monotonic() + limit_s
        try:
            while self._is_drawing() or not (wanted in self.screen_text() if isinstance(wanted, str) else wanted()):
                if not self.read(deadline - time.monotonic()) and time.monotonic() >= deadline:
                    raise TimeoutError(self._picture(f"{wanted!r} never came:"))
        except EOFError as error:
            raise EOFError(self._picture(f"It ended before {wanted!r} came:")) from error

    def type_until_seen(self, key: str, every_s: float, limit_s: float = LIMIT_S) -> tuple[float, int]:
        """Type a key again and again until it comes back, as an impatient person does while a program starts.

        Returns the seconds from `started_at` on and how often it was typed. Nothing is drawn meanwhile: the clock stops
        when the bytes come.

        Raises:
            TimeoutError, EOFError: as `wait_for`.
        """
        wanted, typed, next_at = key.encode(), 0, self.started_at
        while (now := time.perf_counter()) - self.started_at < limit_s:
            if now >= next_at:
                self.write(wanted)
                typed += 1
                next_at = now + every_s
            if self.read(next_at - time.perf_counter()) and wanted in self.output:
                return time.perf_counter() - self.started_at, typed
        raise TimeoutError(self._picture(f"{key!r} never came:"))

    def wait_until_gone(self, text: str, limit_s: float = LIMIT_S) -> None:
        """Return as soon as a text is no longer on the screen.

        Raises:
            TimeoutError, EOFError: as `wait_for`.
        """
        self.wait_for(lambda: text not in self.screen_text(), limit_s)

    def press_until(self, key: str, wanted: str, limit_s: float = LIMIT_S) -> None:
        """Press a key again and again until a text is on the screen, as a person does who came too early.

        Raises:
            TimeoutError, EOFError: as `wait_for`.
        """
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            self.press(key)
            try:
                return self.wait_for(wanted, _AGAIN_S)
            except TimeoutError:
                continue
        return self.wait_for(wanted, 0.0)

    def wait_for_end(self, limit_s: float = LIMIT_S) -> int:
        """Read until the program has ended, and return its exit code; negative for a signal.

        Raises:
            TimeoutError: it goes on; the text shows the screen.
        """
        deadline = time.monotonic() + limit_s
        try:
            while self.read(deadline - time.monotonic()) or time.monotonic() < deadline:
                pass
        except EOFError:
            return self._process.wait(limit_s)
        raise TimeoutError(self._picture("It does not end:"))

    def hang_up(self) -> int:
        """Take the terminal away, as a closed window does, and return the program's exit code."""
        self._close()
        return self._process.wait(LIMIT_S)

    def end(self) -> None:
        """Make sure that the program has ended, and close the terminal."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait(LIMIT_S)
        self._close()

    def _close(self) -> None:
        if self._master >= 0:
            os.close(self._master)
            self._master = -1

    def _set_size(self, size: Size) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size.lines, size.columns, 0, 0))

    def _answer(self) -> None:
        """Answer what the program has asked of the terminal."""
        for query, answer in _QUERIES.items():
            found = self.output.find(query, max(0, self._answered - len(query)))
            if found >= 0 and found + len(query) > self._answered:
                self.write(answer)
        self._answered = len(self.output)

    def _draw(self) -> None:
        """Bring the screen up to date; a control sequence that is not whole yet has to wait."""
        data = bytes(self.output[self._fed :])
        unfinished = _UNFINISHED.search(data)
        if unfinished is not None:
            data = data[: unfinished.start()]
        self._fed += len(data)
        self._stream.feed(_UNKNOWN_TO_PYTE.sub(b"", data))

    def _is_drawing(self) -> bool:
        """Tell whether the program is in the middle of a frame."""
        self._draw()
        return _SYNCHRONIZED in self._screen.mode

    def _picture(self, words: str) -> str:
        frame = "-" * self.size.columns
        return "\n".join([words, frame, *(row.rstrip() for row in self.rows), frame])


def _stop_echo(slave: int) -> None:
    mode = termios.tcgetattr(slave)
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, mode)
