"""Reads the `@@` line above a hunk."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = re.compile(r"@@ *-(\d{1,9})(?:,(\d{1,9}))?(?: *\+(\d{1,9})(?:,(\d{1,9}))?)? *(?:@@)?")


@dataclass(frozen=True, slots=True)
class Head:
    """What a hunk says of itself; any of it may be wrong or missing."""

    line: int | None = None
    old_count: int | None = None
    new_count: int | None = None
    anchor: str = ""
    """A line above the hunk, where the head is that and no numbers."""


def read_head(line: str) -> Head:
    """Return what stands in `@@ -1,3 +1,4 @@`, `@@ def f():` or `@@`."""
    found = _NUMBERS.match(line)
    if found is None:
        words = line.strip().lstrip("@").strip()
        words = words.removesuffix("@@").rstrip()
        return Head(anchor="" if set(words) <= set("., -+") else words)
    has_new = found[3] is not None
    return Head(
        line=int(found[1]),
        old_count=int(found[2] or 1),
        new_count=int(found[4] or 1) if has_new else None,
    )
