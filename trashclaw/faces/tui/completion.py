"""Completion: which word the cursor is in, and which commands or paths fit it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest

MAX_SHOWN = 8
_PATH_WORD = re.compile(r"(?:^|(?<=\s))@([^\s@]*)$")
_COMMAND_WORD = re.compile(r"^/([\w:-]*)$")
_ARGUMENT_WORD = re.compile(r"^/([\w:-]+) ([\w-]*)$")


@dataclass(frozen=True, slots=True)
class Word:
    """The word that is being completed."""

    kind: str
    """`path`, `command` or `argument`."""

    text: str
    """What was typed of it, without its sign."""

    start: int
    """Where its sign stands in the text before the cursor; an argument has none, and begins here."""

    command: str = ""
    """What an argument belongs to."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that fits."""

    text: str
    hint: str = ""
    """Shown behind it, dim."""

    argument: str = ""
    """What a command takes, shown between the two."""


def word_before(text: str) -> Word | None:
    """Return the word at the end of `text` that can be completed.

    `/command` and its first argument at the start, `@path` anywhere.
    """
    command = _COMMAND_WORD.search(text)
    if command:
        return Word("command", command[1], 0)
    argument = _ARGUMENT_WORD.search(text)
    if argument:
        return Word("argument", argument[2], argument.start(2), argument[1])
    path = _PATH_WORD.search(text)
    return Word("path", path[1], path.start()) if path else None


def best(typed: str, candidates: Iterable[Candidate], limit: int = MAX_SHOWN) -> Sequence[Candidate]:
    """Return the candidates that fit best, best first; without anything typed, the first ones."""
    wanted = typed.lower()
    scored = ((score(wanted, candidate.text.lower()), -place, candidate) for place, candidate in enumerate(candidates))
    found = nlargest(limit, (entry for entry in scored if entry[0] > 0), key=lambda entry: entry[:2])
    return [candidate for _, _, candidate in found]


def score(wanted: str, text: str) -> float:
    """Return how well a text fits; 0 when it does not: letters must come in order, whole names and beginnings win."""
    if not wanted:
        return 1.0
    name = text.rstrip("/").rpartition("/")[2]
    if name == wanted or text == wanted:
        return 1000.0
    if name.startswith(wanted) or text.startswith(wanted):
        return 500.0 - len(text) / 100
    if wanted in name:
        return 300.0 - len(text) / 100
    if wanted in text:
        return 200.0 - len(text) / 100
    spread = _spread(wanted, text)
    return 100.0 / (1 + spread) + 1 / (1 + len(text)) if spread is not None else 0.0


def _spread(wanted: str, text: str) -> int | None:
    """Return how many letters lie between those that were typed, or `None` if they do not come in order."""
    at, skipped = -1, 0
    for letter in wanted:
        place = text.find(letter, at + 1)
        if place < 0:
            return None
        skipped += place - at - 1 if at >= 0 else 0
        at = place
    return skipped
