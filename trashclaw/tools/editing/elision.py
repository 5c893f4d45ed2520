"""An edit whose texts leave out their middle: `...`, `# ...`, `// ... existing code ...` on a line of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trashclaw.tools.editing.matching import Solid, Unsure, find_runs
from trashclaw.tools.editing.typography import plain_keys

MOST_PARTS = 6
MOST_MARKER = 160
MOST_STARTS = 10_000

_OPENER = r"(?:#|//|/\*+|--|<!--|;|%|\{/\*)"
_OPENING = re.compile(_OPENER)
_MARKER = re.compile(rf"[ \t]*(?:(?:\.\.\.|…)|{_OPENER}[ \t]*(?:\.\.\.|…).*)[ \t\r]*")
_LAZY = re.compile(
    r"\b(?:existing|remaining|previous|other) (?:code|lines|content|methods|functions|imports|implementation)\b"
    r"|\brest of (?:the |this )?(?:code|file|function|class|method|implementation|content)\b"
    r"|\b(?:remains?|stays?|is|are|code) (?:unchanged|the same)\b|^\W*(?:unchanged|same as before)\W*$",
    re.IGNORECASE,
)


def stand_in(new: str, old: str, text: str) -> str:
    """Return the line of `new` that only stands for code (`# ... existing code ...`) and is nowhere else; else `""`."""
    for line in new.split("\n"):
        bare = line.strip()
        is_marked = 3 < len(bare) < MOST_MARKER and ("..." in bare or "…" in bare) and _OPENING.match(bare)
        if is_marked and _LAZY.search(bare) and bare not in old and bare not in text:
            return bare
    return ""


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
