"""Finding words in a conversation: in what its entries say, folded or not, a slice at a time."""

from __future__ import annotations

import asyncio
import re
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable
from time import perf_counter

from trashclaw.faces.tui.run_output import full_output
from trashclaw.faces.visible import visible
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage
from trashclaw.session.transcript import Entry

SLICE_S = 0.005
"""Time that is searched at a stretch; keys and pictures come in between."""

_EMPHASIS = re.compile(r"\*\*|__|`")


def pattern_of(words: str) -> re.Pattern[str] | None:
    """Return what finds words: blanks stand for line breaks as well, and capitals count only if there are any."""
    parts = [re.escape(part) for part in words.split()]
    if not parts:
        return None
    return re.compile(r"\s+".join(parts), 0 if words != words.lower() else re.IGNORECASE)


def searched_text(entry: Entry, preview: str = "") -> str:
    """Return what an entry says, in the order in which it is drawn once it is open."""
    match entry:
        case UserMessage():
            text = entry.text
        case AgentMessage():
            text = _EMPHASIS.sub("", entry.text or preview)
        case Thought():
            text = entry.text or preview
        case ToolRun():
            text = f"{entry.title}\n{full_output(entry, preview)}"
        case Compaction():
            text = entry.summary
        case ev.Notice():
            text = f"{entry.text}\n{entry.hint}"
        case ev.TurnCompleted():
            text = f"{entry.error.text}\n{entry.error.hint}" if entry.error is not None else ""
        case _:
            text = ""
    return visible(text)


class Finds:
    """How often something was found, by the place of the entry, and which of it is the current one."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern = pattern
        self.is_complete = False
        self._counts: dict[int, int] = {}
        self._places: list[int] = []

    @property
    def total(self) -> int:
        """Number of finds."""
        return sum(self._counts.values())

    def count(self, place: int) -> int:
        """Return how often it was found in one entry."""
        return self._counts.get(place, 0)

    def look(self, place: int, text: str) -> int:
        """Look through what one entry says, again where that was done before; return the number of finds."""
        count = sum(1 for _ in self.pattern.finditer(text))
        if count and place not in self._counts:
            insort(self._places, place)
        elif not count and place in self._counts:
            self._places.remove(place)
        self._counts[place] = count
        if not count:
            del self._counts[place]
        return count

    def rank(self, at: tuple[int, int]) -> int:
        """Return which of all finds one is, counted from 1; `at` is (place, number in its entry)."""
        place, number = at
        return 1 + sum(self._counts[before] for before in self._places[: bisect_left(self._places, place)]) + number

    def nearest(self, place: int) -> tuple[int, int] | None:
        """Return the first find from an entry on, else the last one before."""
        at = bisect_left(self._places, place)
        if at < len(self._places):
            return self._places[at], 0
        return (self._places[-1], self._counts[self._places[-1]] - 1) if self._places else None

    def step(self, at: tuple[int, int], step: int) -> tuple[int, int] | None:
        """Return the find after (1) or before (-1) another one; behind the last comes the first."""
        if not self._places:
            return None
        place, number = at
        if 0 <= number + step < self._counts.get(place, 0):
            return place, number + step
        row = bisect_left(self._places, place)
        is_there = row < len(self._places) and self._places[row] == place
        row = (row + (step if is_there or step < 0 else 0)) % len(self._places)
        found = self._places[row]
        return found, 0 if step > 0 else self._counts[found] - 1


async def find_all(
    finds: Finds, places: Iterable[int], text_of: Callable[[int], str], told: Callable[[], None]
) -> None:
    """Look through entries in an order; the loop is free in between, and `told` is called after each slice."""
    until = perf_counter() + SLICE_S
    for place in places:
        finds.look(place, text_of(place))
        if perf_counter() >= until:
            told()
            await asyncio.sleep(0)
            until = perf_counter() + SLICE_S
    finds.is_complete = True
    told()
