"""Room: how much of the model's window one result may take."""

from __future__ import annotations

from collections.abc import Callable

Room = Callable[[int], int]
"""Takes the most characters that a tool would show and returns how many there is room for now."""

_SHARE = 1 / 6
_CHARS_A_TOKEN = 3.3
_LEAST_CHARS = 2_400
_STEP_SHARE = 1 / 3
_LEAST_BESIDE_CHARS = 800


def unbounded(most_chars: int) -> int:
    """Return what a tool would show: the window is large enough."""
    return most_chars


def result_chars(limit_tokens: int, most_chars: int, beside_chars: int = 0) -> int:
    """Return the most characters of one result in a window of so many tokens: about a sixth of it.

    `beside_chars` is the length of the results that the same step has already: together they take about a third, and
    each further one is short. Results that fill a small window would be cut out of it again before the model could work
    with them; what one does not show, its last line says how to get.
    """
    one = max(_LEAST_CHARS, int(limit_tokens * _SHARE * _CHARS_A_TOKEN))
    left = max(_LEAST_CHARS, int(limit_tokens * _STEP_SHARE * _CHARS_A_TOKEN)) - beside_chars
    return min(most_chars, one, max(_LEAST_BESIDE_CHARS, left))
