"""Which lines of two texts belong together: lines that are unique in both first, so that hunks follow the meaning."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

EXACT_PRODUCT = 250_000
"""Up to this many pairs of lines every match is tried."""

ROUGH_PRODUCT = 25_000_000
"""Up to this many, lines that come often are passed over; beyond, a stretch counts as replaced whole."""


class Block(NamedTuple):
    """A run of equal lines: where it begins in the old and the new list, counted from 0, and how long it is."""

    old: int
    new: int
    size: int


class _Stretch(NamedTuple):
    old_from: int
    old_to: int
    new_from: int
    new_to: int


def match_blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """Return the runs of lines that both have, in order and joined where they touch."""
    found: list[Block] = []
    waiting = [_Stretch(0, len(old), 0, len(new))]
    while waiting:
        stretch = _trim(old, new, waiting.pop(), found)
        if stretch.old_from == stretch.old_to or stretch.new_from == stretch.new_to:
            continue
        anchors = _anchors(old, new, stretch)
        if anchors:
            found += [Block(at_old, at_new, 1) for at_old, at_new in anchors]
            waiting += _between(stretch, anchors)
        else:
            found += _match_rest(old, new, stretch)
    return _joined(sorted(found))


def _trim(old: Sequence[str], new: Sequence[str], stretch: _Stretch, found: list[Block]) -> _Stretch:
    """Note the equal lines at both ends of a stretch and return what is between them."""
    old_from, old_to, new_from, new_to = stretch
    while old_from < old_to and new_from < new_to and old[old_from] == new[new_from]:
        old_from, new_from = old_from + 1, new_from + 1
    while old_from < old_to and new_from < new_to and old[old_to - 1] == new[new_to - 1]:
        old_to, new_to = old_to - 1, new_to - 1
    found.append(Block(stretch.old_from, stretch.new_from, old_from - stretch.old_from))
    found.append(Block(old_to, new_to, stretch.old_to - old_to))
    return _Stretch(old_from, old_to, new_from, new_to)


def _anchors(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> list[tuple[int, int]]:
    """Return pairs of lines that are unique on both sides and in the same order on both."""
    old_from, old_to, new_from, new_to = stretch
    old_count, new_count = Counter(old[old_from:old_to]), Counter(new[new_from:new_to])
    place = {new[at]: at for at in range(new_from, new_to) if new_count[new[at]] == 1}
    pairs = [(at, place[old[at]]) for at in range(old_from, old_to) if old_count[old[at]] == 1 and old[at] in place]
    return _longest_rising(pairs)


def _longest_rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the longest subsequence of pairs whose second parts rise (the first parts do already)."""
    ends: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for index, (_, at_new) in enumerate(pairs):
        length = bisect_left(ends, at_new)
        previous.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [at_new]
        last[length : length + 1] = [index]
    chain, index = [], last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = previous[index]
    return chain[::-1]


def _between(stretch: _Stretch, anchors: Sequence[tuple[int, int]]) -> list[_Stretch]:
    bounds = [(stretch.old_from - 1, stretch.new_from - 1), *anchors, (stretch.old_to, stretch.new_to)]
    return [
        _Stretch(old_a + 1, old_b, new_a + 1, new_b)
        for (old_a, new_a), (old_b, new_b) in pairwise(bounds)
        if old_a + 1 < old_b and new_a + 1 < new_b
    ]


def _match_rest(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> list[Block]:
    old_from, old_to, new_from, new_to = stretch
    product = (old_to - old_from) * (new_to - new_from)
    if product > ROUGH_PRODUCT:
        return []
    matcher = SequenceMatcher(None, old[old_from:old_to], new[new_from:new_to], autojunk=product > EXACT_PRODUCT)
    return [Block(old_from + at, new_from + to, size) for at, to, size in matcher.get_matching_blocks() if size]


def _joined(blocks: Sequence[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        if not block.size:
            continue
        if joined and (joined[-1].old + joined[-1].size, joined[-1].new + joined[-1].size) == block[:2]:
            joined[-1] = joined[-1]._replace(size=joined[-1].size + block.size)
        else:
            joined.append(block)
    return joined
