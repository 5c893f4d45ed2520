"""An edit whose old and new text leave out their middle: `...`, `# ...`, `// ... existing code ...` on its own line."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trashclaw.tools.editing.matching import Solid, Unsure, find_runs
from trashclaw.tools.editing.typography import plain_keys

MOST_PARTS = 6
MOST_MARKER = 160
MOST_STARTS = 10_000

_OPENER = r"(?:#|//|/\*+|--|<!--|;|%|\{/\*)"
_MARKER = re.compile(rf"[ \t]*(?:(?:\.\.\.|…)|{_OPENER}[ \t]*(?:\.\.\.|…).*)[ \t\r]*")


def parts(text: str) -> list[str]:
    """Return what stands between the lines that only say that something is left out."""
    found: list[list[str]] = [[]]
    for line in text.split("\n"):
        if len(line) < MOST_MARKER and _MARKER.fullmatch(line):
            found.append([])
        else:
            found[-1].append(line)
    # The line end before a marker belongs to the part: without it, a blank line there would be none.
    return ["".join(f"{line}\n" for line in lines) for lines in found[:-1]] + ["\n".join(found[-1])]


def find_parts(file: Solid, old: Sequence[Solid]) -> list[list[int]]:
    """Return for each part the solid lines at which it may begin, when all come one after the other in the file.

    Raises:
        Unsure: a part comes so often that not all places are looked at.
    """
    if not 2 <= len(old) <= MOST_PARTS or any(not len(part) for part in old):
        return []
    keys = plain_keys(file.bodies)
    found = [find_runs(keys, plain_keys(part.bodies), MOST_STARTS) for part in old]
    if all(found) and max(map(len, found)) >= MOST_STARTS:
        raise Unsure("a part of it comes too often in the file")
    earliest = 0
    for at, part in enumerate(old):
        found[at] = [start for start in found[at] if start >= earliest]
        earliest = min(found[at], default=len(keys)) + len(part)
    latest = len(keys)
    for at in range(len(old) - 1, -1, -1):
        found[at] = [start for start in found[at] if start + len(old[at]) <= latest]
        latest = max(found[at], default=-1)
    return found if all(found) else []
