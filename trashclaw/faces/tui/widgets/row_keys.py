"""Rows of blocks by number, so that a selection stays where it is when lines come before it."""

from __future__ import annotations

from trashclaw.faces.tui.drawing.copied import Spot

_BITS = 24
LAST_ROW = (1 << _BITS) - 1


def row_key(place: int, row: int) -> int:
    """Return the number of a row, which is never one of a row of the pane."""
    return (place + 1 << _BITS) | row


def is_key(number: int) -> bool:
    """Tell whether a number is one of `row_key`."""
    return number > LAST_ROW


def place_of(spot: Spot) -> int:
    """Return the place of the block that a spot (number of its row, character) is in."""
    return (spot[0] >> _BITS) - 1


def within(spot: Spot, place: int) -> Spot:
    """Return a spot as one of the rows of a block: (row, character), before all or behind all if it is in another."""
    at = place_of(spot)
    if at == place:
        return spot[0] & LAST_ROW, spot[1]
    return (0, 0) if at < place else (LAST_ROW + 1, 0)


def span(first: Spot, end: Spot, key: int) -> tuple[int, int]:
    """Return the selected characters of a row; an end of -1 is the row's."""
    if not first[0] <= key <= end[0]:
        return 0, 0
    return first[1] if key == first[0] else 0, end[1] if key == end[0] else -1
