"""Draws a region at the bottom of what the terminal has shown so far, and writes finished lines above it for good.

The region is found again by counting rows from the cursor, never by asking the terminal: nothing is sent while nothing
changes, and it is the same in tmux and over ssh. Where the size changed, rows are counted as the terminal has wrapped
them; once our own lines fill the screen, all of it is drawn anew instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from textual.geometry import Offset, Size
from textual.strip import Strip

if TYPE_CHECKING:
    from rich.console import Console

_CLEAR = "\r\x1b[K\x1b[C\x1b[J\r"
"""Clears from the cursor's row down. From the very first cell tmux would take it for the whole screen being cleared,
and keep what was there in its scrollback."""

LinesAbove = Callable[[int], Sequence[Strip]]
"""Returns the newest finished lines at the present width, so many of them as there are, at most."""


class Painter:
    """Knows what stands in the region; its methods return what has to be written."""

    def __init__(self, *, wraps_again: bool) -> None:
        """`wraps_again`: the terminal wraps lines anew that are too long after its size changed, as most do."""
        self._wraps_again = wraps_again
        self._size = Size(0, 0)
        self._drawn: list[Strip] = []
        self._cursor = Offset(0, 0)
        self._above: list[Strip] = []

    def put_above(self, lines: Sequence[Strip]) -> None:
        """Have lines written above the region when it is drawn next."""
        self._above.extend(lines)

    def paint(self, strips: Sequence[Strip], cursor: Offset, size: Size, console: Console, newest: LinesAbove) -> str:
        """Return what brings the region up to date: the lines that changed, and where the cursor is in it."""
        lines = [trimmed(strip) for strip in strips[: size.height]]
        begin = ""
        if size != self._size and self._size.width and self._drawn:
            begin = self._begin_again(len(lines), size, console, newest)
        self._size = size
        begin += self._write_above(console)
        return begin + self._update(lines, cursor, console)

    def leave(self, console: Console) -> str:
        """Return what takes the region away, with the cursor where it began, and what was to stand above it there."""
        return self._write_above(console) or self._clear()

    def _clear(self) -> str:
        """Return what takes the region away."""
        gone = self._to_row(0) + _CLEAR if self._drawn else "\r"
        self._drawn, self._cursor = [], Offset(0, 0)
        return gone

    def _write_above(self, console: Console) -> str:
        if not self._above:
            return ""
        above, self._above = self._above, []
        return self._clear() + "".join(trimmed(line).render(console) + "\r\n" for line in above)

    def _update(self, lines: Sequence[Strip], cursor: Offset, console: Console) -> str:
        written: list[str] = []
        for row, line in enumerate(lines):
            is_new = row >= len(self._drawn)
            if not is_new and self._drawn[row] == line:
                continue
            if is_new and self._drawn:
                written.append(self._to_row(len(self._drawn) - 1) + "\r\n")
                self._cursor = Offset(0, row)
            else:
                written.append(self._to_row(row) + "\r")
            # A line that fills its row leaves the cursor in the last cell, which must not be cleared.
            end = "" if is_new or line.cell_length >= self._size.width else "\x1b[K"
            written.append(line.render(console) + end)
            self._drawn[row:] = [line, *self._drawn[row + 1 :]]
        if len(lines) < len(self._drawn):
            written.append(self._to_row(len(lines)) + _CLEAR)
            del self._drawn[len(lines) :]
        place = Offset(min(cursor.x, max(0, self._size.width - 1)), min(cursor.y, max(0, len(lines) - 1)))
        if written or place != self._cursor:
            written.append(self._to_row(place.y) + "\r" + (f"\x1b[{place.x}C" if place.x else ""))
        self._cursor = place
        return "".join(written)

    def _to_row(self, row: int) -> str:
        """Return what moves the cursor up or down to a row of the region that is there."""
        steps = row - self._cursor.y
        self._cursor = Offset(self._cursor.x, row)
        return f"\x1b[{steps}B" if steps > 0 else f"\x1b[{-steps}A" if steps < 0 else ""

    def _begin_again(self, height: int, size: Size, console: Console, newest: LinesAbove) -> str:
        """Return what makes room for the region after the size changed."""
        room = size.height - height
        above = newest(room)
        if len(above) >= room:
            self._drawn, self._cursor, self._above = [], Offset(0, 0), []
            lines = "".join(self._whole(line, size, console) + "\r\n" for line in above[len(above) - room :])
            return f"\x1b[H{lines}\x1b[J"
        rows = self._cursor.y
        if self._wraps_again:
            rows = sum(max(1, -(-line.cell_length // size.width)) for line in self._drawn[: self._cursor.y])
            rows += self._cursor.x // size.width
        self._drawn, self._cursor = [], Offset(0, 0)
        up = f"\x1b[{rows}A" if rows else ""
        return f"{up}{_CLEAR}"

    @staticmethod
    def _whole(line: Strip, size: Size, console: Console) -> str:
        short = trimmed(line)
        return short.render(console) + ("\x1b[K" if short.cell_length < size.width else "")


def trimmed(strip: Strip) -> Strip:
    """Return a line without the blanks at its end that look like nothing: a terminal would wrap and copy them."""
    segments = list(strip)
    while segments:
        text, style, _ = segments[-1]
        if style is not None and (
            style.reverse or style.underline or style.strike or (style.bgcolor and not style.bgcolor.is_default)
        ):
            break
        short = text.rstrip(" ")
        if short:
            segments[-1] = segments[-1]._replace(text=short)
            break
        segments.pop()
    return Strip(segments)
