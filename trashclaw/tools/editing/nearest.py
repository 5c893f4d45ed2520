"""Shows a model the real text nearest to what it took for the text, and what differs there."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher

from trashclaw.tools.truncate import clip

SEARCH_LIMIT_LINES = 20_000
SHOWN_LINES = 12
SHOWN_DIFFERENCES = 3
ANCHOR_REPEATS = 20
ENOUGH_RATIO = 0.6
COMPARED_CHARS = 300
COMPARED_LINES = 200
BUDGET_S = 0.5
"""A comparison takes up to hundreds of milliseconds and nothing stops a thread: the best hint in this time will do."""


def describe_nearest(text: str, wanted: str) -> str:
    """Return a hint: the nearest place with line numbers and what differs there, or to read the file."""
    have = [line.rstrip("\r") for line in text.split("\n")]
    want = [line.rstrip("\r") for line in wanted.strip("\n").split("\n")]
    place = _anchored_place(have, want)
    if place is None:
        place = _nearest_place(have[:SEARCH_LIMIT_LINES], want)
    if place is None:
        return "Nothing similar is there. Read the file and copy old_text from it exactly."
    shown = range(place, min(place + max(len(want), 1), place + SHOWN_LINES, len(have)))
    lines = "\n".join(f"{at + 1}\t{clip(have[at], 200)}" for at in shown)
    return f"The nearest text is:\n{lines}\n{_differences(have, want, place)}Copy old_text from the file exactly."


def _anchored_place(have: Sequence[str], want: Sequence[str]) -> int | None:
    """Return where the wanted text would begin when most of its lines that the file has, and has seldom, are right."""
    wanted: dict[str, list[int]] = {}
    for at, line in enumerate(want[:COMPARED_LINES]):
        if sum(map(str.isalnum, line[:COMPARED_CHARS])) > 3:
            wanted.setdefault(line.strip(), []).append(at)
    found: dict[str, list[int]] = {}
    for at, line in enumerate(have):
        if (bare := line.strip()) in wanted and len(found.setdefault(bare, [])) <= ANCHOR_REPEATS:
            found[bare].append(at)
    votes = Counter(
        place - at
        for bare, places in found.items()
        if len(places) <= ANCHOR_REPEATS and len(wanted[bare]) <= ANCHOR_REPEATS
        for place in places
        for at in wanted[bare]
    )
    if not votes:
        return None
    return max(0, min(votes, key=lambda place: (-votes[place], place)))


def _nearest_place(have: Sequence[str], want: Sequence[str]) -> int | None:
    """Return the line at which the wanted text would begin, judged by its most telling line."""
    telling = max(range(len(want)), key=lambda at: len(want[at].strip()))
    needle = want[telling].strip()[:COMPARED_CHARS]
    if not needle:
        return None
    deadline = time.monotonic() + BUDGET_S
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(needle)
    best, best_ratio = None, ENOUGH_RATIO
    for bound, at in _promising(matcher, have, deadline)[:COMPARED_LINES]:
        if bound <= best_ratio or time.monotonic() > deadline:
            break
        matcher.set_seq1(have[at].strip()[:COMPARED_CHARS])
        ratio = matcher.ratio()
        if ratio > best_ratio:
            best, best_ratio = at, ratio
    return None if best is None else max(0, best - telling)


def _promising(matcher: SequenceMatcher[str], have: Sequence[str], deadline: float) -> list[tuple[float, int]]:
    """Return lines that may resemble the other text, best first, each with the most that its ratio can be."""
    found: list[tuple[float, int]] = []
    for at, line in enumerate(have):
        matcher.set_seq1(line.strip()[:COMPARED_CHARS])
        if matcher.real_quick_ratio() > ENOUGH_RATIO and (bound := matcher.quick_ratio()) > ENOUGH_RATIO:
            found.append((bound, at))
        if time.monotonic() > deadline:
            break
    return sorted(found, key=lambda candidate: (-candidate[0], candidate[1]))


def _differences(have: Sequence[str], want: Sequence[str], place: int) -> str:
    told: list[str] = []
    for step, line in enumerate(want):
        at = place + step
        if at >= len(have) or len(told) == SHOWN_DIFFERENCES:
            told.append("The file ends there.\n" if at >= len(have) else "More lines differ or are shifted.\n")
            break
        if have[at].rstrip() != line.rstrip():
            what = "indentation" if have[at].strip() == line.strip() else "text"
            told.append(
                f"Line {at + 1} differs in its {what}: the file has {clip(have[at], 200)!r}, "
                f"old_text has {clip(line, 200)!r}.\n"
            )
    return "".join(told)
