"""What changed within a line: the words that differ between a removed line and the one that took its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from trashclaw.faces.visible import visible

MIN_LIKENESS = 0.5
MAX_CHARS = 400
"""Longer lines are not compared: it would take long, and nobody would see the difference."""

_WORD = re.compile(r"\w+|\s+|.")

Spans = Sequence[tuple[int, int]]
"""Where words that differ begin and end in a line, without its mark."""


def changed_words(lines: Sequence[str], first: int = 0, end: int | None = None) -> Mapping[int, Spans]:
    """Return, for a hunk's lines (each with its mark), what differs in those that have a similar counterpart.

    With `first` and `end`, only pairs are compared of which one line at least is among `lines[first:end]`.
    """
    found: dict[int, Spans] = {}
    wanted = range(first, len(lines) if end is None else end)
    for removed, added in _pairs(lines):
        if removed not in wanted and added not in wanted:
            continue
        before, after = shown_code(lines[removed]), shown_code(lines[added])
        if max(len(before), len(after)) <= MAX_CHARS:
            found[removed], found[added] = _differing(before, after)
    return found


def shown_code(line: str) -> str:
    """Return a hunk's line without its mark and its end, safe to show."""
    return visible(line[1:].rstrip("\r\n"))


def _pairs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Pair the removed lines with the added ones that follow them at once, in order."""
    pairs: list[tuple[int, int]] = []
    place = 0
    while place < len(lines):
        middle = _end_of_run(lines, place, "-")
        end = _end_of_run(lines, middle, "+")
        pairs += zip(range(place, middle), range(middle, end), strict=False)
        place = max(end, place + 1)
    return pairs


def _end_of_run(lines: Sequence[str], place: int, mark: str) -> int:
    while place < len(lines) and lines[place].startswith(mark):
        place += 1
    return place


def _differing(before: str, after: str) -> tuple[Spans, Spans]:
    old, new = _WORD.findall(before), _WORD.findall(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if _likeness(matcher, old, new) < MIN_LIKENESS:
        return (), ()
    changes = [change for change in matcher.get_opcodes() if change[0] != "equal"]
    return (
        _spans(old, [(first, last) for _, first, last, _, _ in changes]),
        _spans(new, [(first, last) for _, _, _, first, last in changes]),
    )


def _likeness(matcher: SequenceMatcher[str], old: Sequence[str], new: Sequence[str]) -> float:
    """Return how much of two lines is the same, by characters and without the spaces."""
    same = sum(len("".join(old[a : a + size]).strip()) for a, _, size in matcher.get_matching_blocks())
    total = len("".join("".join(old).split())) + len("".join("".join(new).split()))
    return 2 * same / total if total else 0.0


def _spans(words: Sequence[str], changes: Sequence[tuple[int, int]]) -> Spans:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return [(starts[first], starts[last]) for first, last in changes if first < last]
