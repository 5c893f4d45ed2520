"""What the app needs of its terminal beyond what Textual gives: whole frames, sequences of its own, an end in order."""

from __future__ import annotations

import asyncio
import io
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from textual.app import App

T = TypeVar("T")

SIGNAL_BASE = 128
"""Added to the number of the signal that ended the program, as shells do."""


class _Display(io.TextIOWrapper):
    """A terminal to draw on. When it has gone away nobody is looking any more, and writing to it does nothing."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError:
            return


def prepare() -> None:
    """Give Textual a display that takes whole frames, and goes on when nobody looks any more."""
    known = sys.__stderr__
    if sys.platform == "win32" or known is None:
        return
    # Textual draws on this stream in a thread that ends at the first error, after which the app would wait for it
    # forever; and with PYTHONUNBUFFERED what the terminal does not take at once would be lost.
    buffer = io.BufferedWriter(io.FileIO(known.fileno(), "wb", closefd=False))
    # What the terminal's encoding does not have becomes one character, as it was counted, and not an escape of six.
    vars(sys)["__stderr__"] = _Display(buffer, encoding=known.encoding, errors="replace")


def write_sequence(app: App[Any], sequence: str) -> None:
    """Send the terminal a sequence of our own between two frames; nothing while the terminal is another program's."""
    driver = app._driver
    if driver is None or not sequence:
        return
    writer = getattr(driver, "_writer_thread", None)
    if writer is not None and not writer.is_alive():
        return
    driver.write(sequence)
    driver.flush()


@contextmanager
def ended_by_signals(app: App[T], result: Callable[[], T | None] = lambda: None) -> Iterator[None]:
    """Leave the app in order when the terminal goes away (SIGHUP) or the program is asked to end (SIGTERM).

    `result` says what the app returns then.
    """
    if sys.platform == "win32":
        yield
        return
    loop = asyncio.get_running_loop()

    def leave(number: int) -> None:
        app.exit(result(), return_code=SIGNAL_BASE + number)

    for number in (signal.SIGHUP, signal.SIGTERM):
        loop.add_signal_handler(number, leave, number)
    try:
        yield
    finally:
        for number in (signal.SIGHUP, signal.SIGTERM):
            loop.remove_signal_handler(number)
