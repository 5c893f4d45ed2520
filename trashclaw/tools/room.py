"""Room: how much of the model's window one result may take."""

from __future__ import annotations

from collections.abc import Callable

Room = Callable[[int], int]
"""Takes the most characters that a tool would show and returns how many there is room for now."""

_SHARE = 1 / 6
_CHARS_A_TOKEN = 3.3
_LEAST_CHARS = 2_400


def unbounded(most_chars: int) -> int:
    """Return what a tool would show: the window is large enough."""
    return most_chars


def result_chars(limit_tokens: int, most_chars: int) -> int:
    """Return the most characters of one result in a window of so many tokens: about a sixth of it.

    A result that fills a small window would be cut out of it again before the model could work with it; what it does
    not show, its last line says how to get.
    """
    return min(most_chars, max(_LEAST_CHARS, int(limit_tokens * _SHARE * _CHARS_A_TOKEN)))
