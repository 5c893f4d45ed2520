"""What models put around a text that they quote: a fence, or line numbers in front of every line."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_FENCES = ("```", "~~~")
_NUMBERED = re.compile(r"^[ ]*([0-9]{1,7})(?:\t|→| ?\| ?|: ?)(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reading:
    """An edit as it was written, or without what was put around it; `note` says what was left out."""

    old: str
    new: str
    note: str = ""


def readings(old: str, new: str) -> list[Reading]:
    """Return the edit as it was written first, then as it may be meant."""
    found = [Reading(old, new)]
    if (bare := _unfenced(old)) is not None:
        within = _unfenced(new)
        found.append(Reading(bare, new if within is None else within, "a fence around it was left out"))
    last = found[-1]
    if (plain := _unnumbered(last.old, is_rising=True)) is not None:
        kept = _unnumbered(last.new, is_rising=False)
        if kept is not None:
            found.append(Reading(plain, kept, "line numbers in front were left out"))
    return found


def _unfenced(text: str) -> str | None:
    """Return what is within a fence; `None` when the text does not begin and end with one."""
    lines = text.strip(" \t\r\n").split("\n")
    fence = lines[0][:3]
    if fence not in _FENCES or len(lines) < 2 or lines[-1].strip() != fence or fence in lines[0][3:]:
        return None
    return "".join(f"{line}\n" for line in lines[1:-1])


def _unnumbered(text: str, *, is_rising: bool) -> str | None:
    """Return a text without the numbers at its lines; `None` when not every line has one, or they do not rise.

    A text that is to come in may have none at all, and its numbers may repeat or leave some out.
    """
    lines = text.split("\n")
    matches = [_NUMBERED.match(line) if line.strip() else None for line in lines]
    count = sum(match is not None for match in matches)
    if not is_rising and not count:
        return text
    if not count or any(match is None and line.strip() for match, line in zip(matches, lines, strict=True)):
        return None
    numbers = [int(match[1]) for match in matches if match]
    steps = {there - here for here, there in pairwise(numbers)}
    if (is_rising and steps - {1}) or any(step < 0 for step in steps):
        return None
    return "\n".join(match[2] if match else line for match, line in zip(matches, lines, strict=True))
