"""Hunks in a text that has moved on since they were made: found by their content, or not placed at all."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.patches import Hunk
from trashclaw.workspace.diff import split_lines

_TURNED = {"+": "-", "-": "+", " ": " "}


def turned(hunk: Hunk) -> Hunk:
    """Return the hunk that takes another one back."""
    lines = tuple(_TURNED[line[0]] + line[1:] for line in hunk.lines)
    return hunk.model_copy(update={"before": hunk.after, "after": hunk.before, "lines": lines})


def first_line(hunk: Hunk) -> int:
    """Return the place, from 0, of a hunk's first line in the text that it was made from."""
    has_old = any(not line.startswith("+") for line in hunk.lines)
    return hunk.before - 1 if has_old else hunk.before


def follow(places: Sequence[int | None], hunks: Iterable[Hunk]) -> list[int | None]:
    """Return where lines are after a change of the text that they stood in; `None` for lines that it took away."""
    shift = 0
    gone: set[int] = set()
    moves: list[tuple[int, int]] = []
    for hunk in sorted(hunks, key=first_line):
        at = first_line(hunk)
        for line in hunk.lines:
            if line.startswith("+"):
                shift += 1
                moves.append((at, shift))
                continue
            if line.startswith("-"):
                gone.add(at)
                shift -= 1
                moves.append((at + 1, shift))
            at += 1
    starts = [at for at, _ in moves]
    followed: list[int | None] = []
    for place in places:
        if place is None or place in gone:
            followed.append(None)
        else:
            passed = bisect_right(starts, place)
            followed.append(place + (moves[passed - 1][1] if passed else 0))
    return followed


def put_hunk(text: str, hunk: Hunk, places: Sequence[int | None] | None = None) -> str:
    """Return a text with a hunk done where the lines that it was made from are now.

    `places` says where each of them is, from 0, if that is known; otherwise they are looked for with all of their
    surroundings, and have to stand in one place alone.

    Raises:
        StaleFile: they are not there any more, were changed since, or stand in several places.
    """
    lines = split_lines(text)
    parts = _Parts.of(hunk)
    start = _known_start(lines, parts, places) if places is not None else _found_start(lines, parts)
    return "".join([*lines[:start], *parts.new, *lines[start + len(parts.old) :]])


@dataclass(frozen=True, slots=True)
class _Parts:
    """A hunk as what is above, what changes, and what is below."""

    lead: list[str]
    old: list[str]
    new: list[str]
    trail: list[str]

    @staticmethod
    def of(hunk: Hunk) -> _Parts:
        """Take a hunk apart."""
        lead = list(takewhile(_is_kept, hunk.lines))
        trail = list(takewhile(_is_kept, reversed(hunk.lines[len(lead) :])))[::-1]
        core = hunk.lines[len(lead) : len(hunk.lines) - len(trail)]
        return _Parts(
            [line[1:] for line in lead],
            [line[1:] for line in core if not line.startswith("+")],
            [line[1:] for line in core if not line.startswith("-")],
            [line[1:] for line in trail],
        )


def _is_kept(line: str) -> bool:
    return line.startswith(" ")


def _known_start(lines: Sequence[str], parts: _Parts, places: Sequence[int | None]) -> int:
    """Return where the change begins, if every line that it replaces is still there as it was."""
    head = len(parts.lead)
    core = places[head : head + len(parts.old)]
    if core:
        start = core[0]
        is_whole = start is not None and list(core) == list(range(start, start + len(core)))
    else:
        # Only lines were taken away: what was above and below them has to stand together as it did.
        above = places[head - 1] if head else None
        below = places[head] if parts.trail else None
        start = below if not head else None if above is None else above + 1
        is_whole = start == below if head and parts.trail else bool(head or parts.trail or not lines)
        start = 0 if not head and not parts.trail else start
    if start is None or not is_whole or list(lines[start : start + len(parts.old)]) != parts.old:
        raise _gone()
    return start


def _found_start(lines: Sequence[str], parts: _Parts) -> int:
    """Return the place at which the change begins: there alone its lines stand, and all that was around them.

    What stands elsewhere, too, is refused however well its surroundings fit: those of the right place may be what was
    changed. Where any of the surroundings is missing, the lines may be others that only look like it.
    """
    head = len(parts.lead)
    whole = _starts(lines, [*parts.lead, *parts.old, *parts.trail])
    if not whole:
        raise _gone()
    # Where lines only went away, the two that have come together show the place.
    core = parts.old or [*parts.lead[-1:], *parts.trail[:1]]
    if len(whole) > 1 or len(_starts(lines, core)) > 1:
        text = "The lines stand in several places by now, and nothing tells which of them are meant."
        raise StaleFile(text, "Change the file by hand.")
    return whole[0] + head


def _starts(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return every place at which some lines stand; no lines stand only in a text that has none."""
    if not wanted:
        return [] if lines else [0]
    size = len(wanted)
    first = wanted[0]
    return [
        at for at in range(len(lines) - size + 1) if lines[at] == first and list(lines[at : at + size]) == list(wanted)
    ]


def _gone() -> StaleFile:
    return StaleFile(
        "The lines, or those around them, are not as they landed any more.",
        "Change the file by hand, or undo the whole turn.",
    )
