"""Finds the lines of a hunk in a file, whole lines only, and tells which of several places is meant."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from trashclaw.tools.patching.sections import Chunk

PLACES_AT_MOST = 200
BLOCK_LINES = 20_000
ANCHORS_AT_MOST = 5
_CLOSING = frozenset(")]}{")


class Lines:
    """A file's lines, searched by a form of theirs (without line ends, or without trailing blanks too)."""

    def __init__(self, lines: Sequence[str], form: Callable[[str], str]) -> None:
        self._form = form
        bare = [form(line) for line in lines]
        self._text = "\n".join(["", *bare, ""])
        self._starts: list[int] = []
        at = 0
        for line in bare:
            self._starts.append(at)
            at += len(line) + 1

    def find(self, wanted: Sequence[str]) -> list[int]:
        """Return where these lines begin, counted from 0; the first so many places."""
        needle = "\n".join(["", *map(self._form, wanted), ""])
        found: list[int] = []
        at = self._text.find(needle)
        while at >= 0 and len(found) < PLACES_AT_MOST:
            found.append(bisect_right(self._starts, at) - 1)
            at = self._text.find(needle, at + 1)
        return found

    def has_within(self, wanted: Sequence[str]) -> bool:
        """Tell whether the text is there at all, also beginning or ending in the middle of a line."""
        return "\n".join(map(self._form, wanted)) in self._text


def choose(places: Sequence[int], chunk: Chunk, total: int, done: int, scope: tuple[int, int] | None) -> list[int]:
    """Return the places that are left when order, anchors and the end of the file (of `total` lines) have been asked.

    `done` is the first line that the hunks before leave, `scope` the lines that the anchors name.
    """
    size, lead = len(chunk.old), lead_of(chunk)
    if chunk.is_at_end or chunk.body.old_is_open:
        places = [place for place in places if place + size == total] or places
    behind = [place for place in places if place + lead >= done]
    places = behind or places
    if len(places) > 1 and scope is not None:
        first, last = scope
        places = [place for place in places if first - 1 <= place and place + size <= last] or places
    return list(places)


def lead_of(chunk: Chunk) -> int:
    """Return how many lines of context a hunk begins with."""
    return next((at for at, line in enumerate(chunk.body.lines) if line[0] != " "), len(chunk.body.lines))


def find_scope(anchors: Sequence[str], lines: Sequence[str], stripped: Lines, done: int) -> tuple[int, int] | None:
    """Return the lines (first, and the one behind the last) of the block that the anchors name, if they name one.

    `stripped` searches the lines without blanks around them.
    """
    first, last = 0, len(lines)
    if not 0 < len(anchors) <= ANCHORS_AT_MOST:
        return None
    for anchor in anchors:
        found = [at for at in stripped.find([anchor]) if first <= at < last]
        found = [at for at in found if at >= done - 1] if len(found) > 1 else found
        if len(found) != 1:
            return None
        first, last = found[0] + 1, _end_of_block(lines, found[0], last)
    return first, last


def _end_of_block(lines: Sequence[str], head: int, last: int) -> int:
    """Return the line behind a block that is indented below its head; all that follows where nothing is."""
    indent = _indent(lines[head])
    has_block = False
    for at in range(head + 1, min(last, head + BLOCK_LINES)):
        bare = lines[at].strip()
        if not bare or bare[0] in _CLOSING:
            continue
        if _indent(lines[at]) <= indent:
            return at if has_block else last
        has_block = True
    return last


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
