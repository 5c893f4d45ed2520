"""What a patch says of files, in whichever format it came."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trashclaw.tools.truncate import clip


class Action(StrEnum):
    """What a section does to its file."""

    UPDATE = "update"
    ADD = "add"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Body:
    """The lines of a hunk."""

    lines: tuple[str, ...]
    """Each with its mark in front (a blank, `-` or `+`) and without its line end."""

    is_unmarked: bool = False
    """Some lines had no mark, and were taken for context."""

    old_is_open: bool = False
    """The old text ends here, without a newline."""

    new_is_open: bool = False


@dataclass(frozen=True, slots=True)
class Chunk:
    """A hunk: lines that are to be found, and what becomes of them."""

    body: Body
    line: int | None = None
    """The first old line as the patch says, counted from 1; often wrong."""

    anchors: tuple[str, ...] = ()
    """Lines above the hunk, from the outermost, such as `class A:` and `def f(self):`."""

    is_at_end: bool = False

    @property
    def old(self) -> list[str]:
        """The lines that are to be there."""
        return [line[1:] for line in self.body.lines if not line.startswith("+")]

    @property
    def new(self) -> list[str]:
        """The lines that are to be there instead."""
        return [line[1:] for line in self.body.lines if not line.startswith("-")]

    @property
    def has_changes(self) -> bool:
        """Whether a line comes or goes."""
        return any(line[0] in "+-" for line in self.body.lines)

    @property
    def label(self) -> str:
        """The hunk's most telling line, for an error."""
        telling = [line for line in self.body.lines if line[0] == "-"] or list(self.body.lines)
        return clip(next((line for line in telling if line[1:].strip()), ""), 80)


@dataclass(frozen=True, slots=True)
class Section:
    """What a patch does to one file."""

    action: Action
    path: str
    as_written: str
    """The path with the `a/` or `b/` that it was written with."""

    chunks: tuple[Chunk, ...] = ()
    to: str | None = None
    """Where the file moves."""

    is_executable: bool = False
    """A new file's mode says so."""


_GAP = re.compile(r"\\ ?no newline", re.IGNORECASE)


def read_body(lines: Sequence[str], at: int, is_end: Callable[[int, Sequence[str]], bool]) -> tuple[Body, int]:
    """Return the hunk that begins at a line, and the line behind it.

    `is_end` is asked of each line, with the marked lines so far, whether it lies behind the hunk.
    """
    marked: list[str] = []
    is_unmarked = old_is_open = new_is_open = False
    blank = 0
    while at < len(lines) and not is_end(at, marked):
        line = lines[at]
        at += 1
        if line.startswith("\\") and _GAP.match(line):
            last = marked[-1][0] if marked else " "
            old_is_open, new_is_open = old_is_open or last != "+", new_is_open or last != "-"
            continue
        if not line.strip("\r"):
            blank += 1
            marked.append(f" {line}")
            continue
        has_mark = line[0] in " +-"
        is_unmarked = is_unmarked or not has_mark
        marked.append(line if has_mark else f" {line}")
        blank = 0
    # Blank lines without a mark at the end part the hunk from what follows.
    return Body(tuple(marked[: len(marked) - blank]), is_unmarked, old_is_open, new_is_open), at
