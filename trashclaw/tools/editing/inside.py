"""An old text of one line that begins inside the indentation of its line, while several lines are put there.

Then the lines after the first are either written as they are to stand in the file, or indented by what the first line
lacks too. Both happen, and one of them breaks the file.
"""

from __future__ import annotations

import re

from trashclaw.tools.editing.exact import Span
from trashclaw.tools.editing.indentation import step_of
from trashclaw.tools.editing.matching import BLANKS, Solid, Unsure, indent_of

NEAR_CHARS = 20_000
_REMARK = re.compile(r"(?<=[\s({\[,:])(?:#|//|/\*).*")


def is_relative(text: str, span: Span, old: str, new: str) -> bool:
    """Tell whether the new lines lack the indentation that the old line lacks; usually they do not.

    Raises:
        Unsure: both may be.
    """
    front = text[text.rfind("\n", 0, span.start) + 1 : span.start]
    if not front or front.strip(BLANKS) or "\n" in old.strip("\n") or old.startswith("\n"):
        return False
    here, there = Solid(old), Solid(new)
    if len(here) != 1 or len(there) < 2 or there.at[0]:
        return False
    missing, real = indent_of(here.bodies[0]), front + indent_of(here.bodies[0])
    again = [indent_of(body) for body in there.bodies[1:] if body.strip(BLANKS) == here.bodies[0].strip(BLANKS)]
    if set(again) == {missing}:
        return True
    if set(again) == {real}:
        return False
    readings = _likely(there, real, step_of(text[max(0, span.start - NEAR_CHARS) : span.end].split("\n")))
    if len(readings) != 1:
        raise Unsure(
            "it begins within the indentation of its line, and how far the lines after are to be indented is open"
        )
    return readings.pop()


def _likely(new: Solid, real: str, step: int) -> set[bool]:
    """Return in which of both readings (relative or not) the second line is indented as the end of the first tells."""
    opens = _opens(new.bodies[0])
    second = len(indent_of(new.bodies[1]))
    jumps = {True: second - len(indent_of(new.bodies[0])), False: second - len(real)}
    return {is_relative for is_relative, jump in jumps.items() if (0 < jump <= max(step, 1) if opens else jump <= 0)}


def _opens(body: str) -> bool:
    """Tell whether a line begins something that the next line goes on with, whatever is remarked at its end."""
    code = _REMARK.sub("", body).rstrip()
    return code.endswith((":", "{", "(", "[", ",", "\\")) or sum(code.count(one) for one in "([{") > sum(
        code.count(one) for one in ")]}"
    )
