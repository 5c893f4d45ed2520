"""The marks at which an answer is split: of thoughts, of calls, and of what only tools may say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from trashclaw.agent.dialects.thinking import BEGUN_BY_TEMPLATE, TAGS, ThoughtTag

HEAD_CHARS = 256
"""How much of a candidate is looked at before the end of the answer."""

HARMONY_ENDS = ("<|end|>", "<|return|>", "<|call|>")
"""End a message of gpt-oss."""


class Kind(Enum):
    """What a mark begins."""

    CALL = "call"
    THOUGHT = "thought"
    LONE_CLOSING = "lone_closing"
    HARMONY = "harmony"
    HARMONY_END = "harmony_end"
    RESULT = "result"
    """What only the tools may say; it ends an answer that has calls."""


class Place(Enum):
    """Where a mark counts, always outside code."""

    START = "start"
    """As the first thing of the answer, or the first after a thought or a call."""

    LINE = "line"
    ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Mark:
    """A beginning of markup. Where two marks begin alike, the longer one is meant."""

    text: str
    kind: Kind = Kind.CALL
    place: Place = Place.LINE
    is_plausible: Callable[[str], bool] | None = None
    """Whether a text that begins with the mark may still become a call; what is true of a text is true of its heads."""

    tag: ThoughtTag = BEGUN_BY_TEMPLATE


THOUGHT_MARKS = (
    *(Mark(tag.opening, Kind.THOUGHT, tag=tag) for tag in TAGS),
    *(Mark(tag.closing, Kind.LONE_CLOSING, Place.ANYWHERE, tag=tag) for tag in TAGS),
    *(Mark(text, Kind.HARMONY) for text in ("<|channel|>", "<|start|>")),
)
_ENDS = tuple(Mark(text, Kind.HARMONY_END, Place.ANYWHERE) for text in HARMONY_ENDS)


class Marks:
    """Marks by their first character, the longest first."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        ordered = sorted((*marks, *_ENDS), key=lambda mark: -len(mark.text))
        self._by_first: dict[str, list[Mark]] = {}
        self._within_lines: dict[str, list[Mark]] = {}
        for mark in ordered:
            self._by_first.setdefault(mark.text[0], []).append(mark)
            if mark.place is Place.ANYWHERE:
                self._within_lines.setdefault(mark.text[0], []).append(mark)
        self._longest = len(ordered[0].text)
        self._any = re.compile("|".join(re.escape(mark.text) for mark in ordered))
        self._heads = frozenset(mark.text[:size] for mark in ordered for size in range(1, len(mark.text)))
        self.interesting = re.compile("[" + re.escape("".join(self._by_first)) + "\n`~]")

    def near(self, text: str, place: int, *, is_within_line: bool) -> list[Mark]:
        """Return the marks that may begin at a place."""
        is_head = len(text) - place < self._longest and text[place:] in self._heads
        if not is_head and self._any.match(text, place) is None:
            return []
        return (self._within_lines if is_within_line else self._by_first).get(text[place], [])


def overlap(text: str, ends: tuple[str, ...]) -> int:
    """Return how many characters at the end of `text` may begin one of `ends`."""
    longest = max(map(len, ends)) - 1
    for size in range(min(longest, len(text)), 0, -1):
        if any(end.startswith(text[-size:]) for end in ends):
            return size
    return 0
