"""Which tool is meant by a name: its own, one in a wrapper, or one with a slip of the pen."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WRAPPED = re.compile(
    r"\A[<(\[`\"'\s]*(?:tool|function|call)?[:\s]*([^<>\[\]`\"'()\s][^<>\[\]`\"'()]*?)(?::\d+|\(\))?[>)\]`\"'\s]*\Z"
)
_SHORTEST_CHARS = 6
_LONGEST_CHARS = 64


def plain(name: str) -> str:
    """Fold a tool's name for comparison: `Read-File`, `functions.read_file:0` and `tools/read_file` are `readfile`."""
    found = _WRAPPED.match(name[: 4 * _LONGEST_CHARS])
    bare = found[1] if found else name
    return re.split(r"[./]", bare)[-1].replace("_", "").replace("-", "").replace(" ", "").casefold()


def near(name: str, known: Iterable[str]) -> str | None:
    """Return the only known name that is one slip away (a letter more, less, wrong, or two exchanged).

    Short names, digits and names between two known ones are left alone. Both sides are folded names.
    """
    if not _SHORTEST_CHARS <= len(name) <= _LONGEST_CHARS or any(char.isdigit() for char in name):
        return None
    found = {other for other in known if len(other) >= _SHORTEST_CHARS and is_slip(name, other)}
    return found.pop() if len(found) == 1 else None


def is_slip(one: str, other: str) -> bool:
    """Tell whether two names differ by one slip."""
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    at = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    if len(one) != len(other):
        return one[at + (len(one) > len(other)) :] == other[at + (len(other) > len(one)) :]
    exchanged = one[at : at + 2] == other[at : at + 2][::-1] and one[at + 2 :] == other[at + 2 :]
    return exchanged or one[at + 1 :] == other[at + 1 :]
