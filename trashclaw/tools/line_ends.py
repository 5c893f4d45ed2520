"""Gives new text the line ends, and unchanged lines the very bytes, of the text that it replaces."""

from __future__ import annotations

from collections.abc import Sequence

from trashclaw.workspace.diff import split_lines
from trashclaw.workspace.matching import match_blocks


def dominant_end(text: str) -> str:
    """Return the line end that most lines of a text have; `\\n` when there is none."""
    windows = text.count("\r\n")
    return "\r\n" if windows > text.count("\n") - windows else "\n"


def adopt(old: str, new: str, line_end: str, asked: str | None = None) -> str:
    """Return `new` with `old`'s own form of each line that both have, and `line_end` for the others.

    Two lines are the same if they differ in their line end or in blanks before it alone. `asked` is `old` as somebody
    quoted it, line for line: then the lines that `new` keeps are told by that.
    """
    old_lines, new_lines = split_lines(old), split_lines(new)
    quoted = old_lines if asked is None else split_lines(asked)
    if asked is None or len(quoted) != len(old_lines):
        quoted, asked = old_lines, None
    same = _bare if asked is None else _bare_but_blank
    pairs = () if asked is None else zip(quoted, old_lines, strict=True)
    form = {bare_end(line): own for line, own in pairs if line.strip()}
    adopted = [_with_end(line, line_end) for line in new_lines]
    taken = dict(enumerate(form.get(bare_end(line), "") for line in new_lines))
    for at_old, at_new, size in match_blocks([same(line) for line in quoted], [same(line) for line in new_lines]):
        for step in range(size):
            own, before, now = old_lines[at_old + step], quoted[at_old + step], new_lines[at_new + step]
            if asked is None or bare_end(before) == bare_end(now) or bare_end(before) != bare_end(own):
                taken[at_new + step] = own
    for at, own in taken.items():
        if own and own.endswith("\n") == new_lines[at].endswith("\n"):
            adopted[at] = own
    return "".join(adopted)


def bare_end(line: str) -> str:
    """Return a line without its line end."""
    return line.rstrip("\r\n")


def _with_end(line: str, line_end: str) -> str:
    return line.removesuffix("\n").removesuffix("\r") + line_end if line.endswith("\n") else line


def _bare(line: str) -> str:
    return line.rstrip(" \t\r\n")


def _bare_but_blank(line: str) -> str:
    return _bare(line) or line.rstrip("\r\n")


def line_numbers(text: str, positions: Sequence[int]) -> str:
    """Return the lines of some places in a text, counted from 1, such as `3, 17, 40 and 5 more`."""
    numbers = [text.count("\n", 0, position) + 1 for position in positions[:5]]
    more = f" and {len(positions) - 5} more" if len(positions) > 5 else ""
    return ", ".join(map(str, numbers)) + more
