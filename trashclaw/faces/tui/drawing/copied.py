"""What drawn lines say without their drawing: no signs, no fill, no soft line breaks; and where each of it stands.

A line that goes on in the next one has `GOES_ON` in its end (`Text.end`) and behind it the blanks that the break stands
for; `lines.strips` makes a `ContinuedStrip` of it. What is drawn but not said has a style with `NOT_SAID`, and what is
said only where a line of the source begins (the hanging indent of a list) one with `NOT_AGAIN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

GOES_ON = "\x1f"
_KEY = "said"
NOT_SAID = Style(meta={_KEY: "never"})
NOT_AGAIN = Style(meta={_KEY: "first"})

Spot = tuple[int, int]
"""A row among those that were read, and a character in it."""


class ContinuedStrip(Strip):
    """A row whose source line goes on in the next row."""

    __slots__ = ("joint",)

    def __init__(self, segments: Iterable[Segment], cell_length: int, end: str) -> None:
        """`end`: as `Text.end` has it, with `GOES_ON` in front."""
        super().__init__(segments, cell_length)
        self.joint = end.removeprefix(GOES_ON)


@dataclass(frozen=True, slots=True)
class Said:
    """What some rows say."""

    text: str
    spots: Sequence[Spot]
    """Where each character of the text stands; of a line feed or a joint, behind what it ends."""

    def between(self, first: Spot, end: Spot | None) -> str:
        """Return the part from one spot to before another, or to the end."""
        kept = [char for char, spot in zip(self.text, self.spots, strict=True) if first <= spot < (end or _FAR)]
        return "".join(kept)

    def marks(self, start: int, end: int) -> dict[int, tuple[int, int]]:
        """Return where a part of the text stands: by row, the first character and the one behind the last."""
        found: dict[int, tuple[int, int]] = {}
        for row, column in self.spots[start:end]:
            first, _ = found.get(row, (column, 0))
            found[row] = (first, column + 1)
        return found


_FAR: Spot = (1 << 60, 0)
_BLANKS = re.compile(" *")


def joint_behind(source: str, place: int) -> str:
    """Return the end of a wrapped line behind which a source goes on at a place: a hard one, or with `GOES_ON`."""
    gap = _BLANKS.match(source, place)
    behind = gap.end() if gap is not None else place
    if behind >= len(source) or source[behind] == "\n":
        return "\n"
    return GOES_ON + (" " if behind > place else "")


def said_in(strips: Sequence[Strip]) -> Said:
    """Return what rows say, with a line feed behind each that ends a line of the source."""
    text: list[str] = []
    spots: list[Spot] = []
    befores: list[Strip | None] = [None, *strips]
    for row, (before, strip) in enumerate(pairwise(befores)):
        if strip is None:
            continue
        chars = _said_in_row(strip, is_continued=isinstance(before, ContinuedStrip))
        while chars and chars[-1][0] == " ":
            chars.pop()
        text.extend(char for char, _ in chars)
        spots.extend((row, column) for _, column in chars)
        end = strip.joint if isinstance(strip, ContinuedStrip) else "\n"
        behind = chars[-1][1] + 1 if chars else 0
        text.append(end)
        spots.extend((row, behind) for _ in end)
    return Said("".join(text), spots)


def _said_in_row(strip: Strip, *, is_continued: bool) -> list[tuple[str, int]]:
    """Return the characters of a row that count, each with its place in the row."""
    chars: list[tuple[str, int]] = []
    place = 0
    for segment in strip:
        kind = segment.style.meta.get(_KEY) if segment.style is not None and segment.style._meta else None
        if kind is None or (kind == "first" and not is_continued):
            chars.extend((char, place + at) for at, char in enumerate(segment.text))
        place += len(segment.text)
    return chars
