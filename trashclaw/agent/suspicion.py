"""A server's count that cannot be the size of what was sent, and what it is instead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

CUT_TOKENS_AT_LEAST = 400
"""No server has so small a window that less than this would be left of a prompt."""

_NEAR = 0.75


class Finding(StrEnum):
    """What a count is that is no size of the request."""

    NEW_ALONE = "new_alone"
    """What the server had not read before; the rest was in its cache."""

    CUT = "cut"
    """What was left of the prompt when the server had cut it."""

    UNUSABLE = "unusable"
    """Too large or too small to be anything, or it may be either of the others."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A count that is not believed."""

    finding: Finding
    counted: int
    """What the server said."""

    expected: int
    """What the request should be, in the server's tokens."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is known of a request's size before the server's count, in tokens."""

    least: float
    most: float
    expected: float
    new: float
    """Expected of what the server did not have, if it has kept the request before."""

    new_words: float
    """The same without the answer to that, which it has written itself."""

    slack: float
    """How far off these two may be."""


def judge(counted: int, bounds: Bounds) -> Suspicion | None:
    """Return why a count is not believed; `None` if it can be true."""
    if bounds.least <= counted <= bounds.most:
        return None
    expected = round(bounds.expected)
    if counted > bounds.most:
        return Suspicion(Finding.UNUSABLE, counted, expected)
    is_new_alone = bounds.new_words - bounds.slack <= counted <= bounds.new + bounds.slack
    if counted < CUT_TOKENS_AT_LEAST and not is_new_alone:
        return Suspicion(Finding.UNUSABLE, counted, expected)
    if is_new_alone and counted >= _NEAR * (bounds.expected - bounds.new):
        # As much is new as was there before: it may be what is new, or what a cut has left.
        return Suspicion(Finding.UNUSABLE, counted, expected)
    return Suspicion(Finding.NEW_ALONE if is_new_alone else Finding.CUT, counted, expected)
