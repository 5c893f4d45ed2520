"""What is said, in order; when the terminal has gone away nobody listens any more, and saying does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

SIGN = "> "
"""Stands where a line is awaited."""


class Voice:
    """Says lines on a stream."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._is_signed = False

    def say(self, lines: Iterable[str]) -> None:
        """Say lines; they begin below a sign that nobody has answered."""
        text = "".join(f"{line}\n" for line in lines)
        if text:
            self._write(f"\n{text}" if self._is_signed else text)
            self._is_signed = False

    def sign(self) -> None:
        """Say that a line is awaited."""
        if not self._is_signed:
            self._write(SIGN)
            self._is_signed = True

    def note_line(self) -> None:
        """Take note that a line was typed behind the sign."""
        self._is_signed = False

    def _write(self, text: str) -> None:
        with suppress(OSError):
            self._out.write(text)
            self._out.flush()
