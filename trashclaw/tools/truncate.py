"""Bounded text for the model, which says what was cut and how to get it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

LINE_LIMIT_CHARS = 500


@dataclass(frozen=True, slots=True)
class Cut:
    """Lines that fit, and how many there were."""

    lines: tuple[str, ...]
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left out."""
        return len(self.lines) == self.total


def head(lines: Sequence[str], limit_lines: int, limit_chars: int) -> Cut:
    """Return the first lines that fit; at least one, if there is any."""
    kept: list[str] = []
    room = limit_chars
    for line in lines[:limit_lines]:
        room -= len(line) + 1
        if room < 0 and kept:
            break
        kept.append(line)
    return Cut(tuple(kept), len(lines))


def clip(line: str, limit_chars: int = LINE_LIMIT_CHARS) -> str:
    """Return a line that is not too long, with a word on what is missing."""
    if len(line) <= limit_chars:
        return line
    return f"{line[:limit_chars]} [... {len(line) - limit_chars:,} more characters in this line]"


def middle_out(text: str, limit_chars: int, how: str) -> str:
    """Return a text without its middle, cut at line ends where it can be; `how` tells the way to the rest."""
    if len(text) <= limit_chars:
        return text
    half = limit_chars // 2
    first, last = text[:half], text[-half:]
    if "\n" in first[half // 2 :]:
        first = first[: first.rindex("\n") + 1]
    if "\n" in last[: half // 2]:
        last = last[last.index("\n") + 1 :]
    cut = text[len(first) : len(text) - len(last)]
    gap = f"[{cut.count(chr(10)):,} lines, {len(cut):,} characters not shown; {how}]"
    return f"{first.rstrip()}\n{gap}\n{last}"


def counted(shown: int, total: int, noun: str, how: str) -> str:
    """Return a closing line such as `[200 of 512 files shown; narrow the pattern]`, or nothing if all are shown."""
    return "" if shown >= total else f"[{shown:,} of {total:,} {noun} shown; {how}]"
