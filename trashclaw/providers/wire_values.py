"""Values of decoded JSON from a server, taken only if they are what they should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TOO_LARGE = 10**18
_LARGEST_WINDOW = 2**27
"""No model has a larger one: whoever says so means something else, or nothing."""


def as_object(value: object) -> Mapping[str, Any]:
    """Return an object, or an empty one in place of anything else."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> list[Any]:
    """Return a list, or an empty one in place of anything else."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """Return a string, or an empty one in place of anything else."""
    return value if isinstance(value, str) else ""


def as_count(value: object) -> int | None:
    """Return a whole number that is not negative, or `None`."""
    number = as_number(value)
    return None if number is None else int(number)


def as_window(value: object) -> int | None:
    """Return a window in tokens, or `None` in place of what can be none."""
    count = as_count(value)
    return count if count is not None and 0 < count <= _LARGEST_WINDOW else None


def as_number(value: object) -> float | None:
    """Return a number that is not negative and of sane size, or `None`: JSON may hold `Infinity` and `1e400`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if 0 <= value < _TOO_LARGE else None
