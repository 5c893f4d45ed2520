"""What the matchers share: the lines of a text that say something, runs of them, and a place where they were found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.workspace.diff import split_lines

MOST_PLACES = 50
"""So many places are counted; one more makes no difference to a refusal."""

BLANKS = " \t"


class Unsure(Exception):
    """A place was found, but what the edit means there is not certain; the text says why."""


class Solid:
    """A text as lines, and those of them that are not blank.

    `bodies` are the solid lines without blanks and line ends behind, `at` their places among all lines, and `gaps` how
    many blank lines come before each, with one more entry for those after the last.
    """

    def __init__(self, text: str) -> None:
        self.lines = split_lines(text)
        self.bodies: list[str] = []
        self.at: list[int] = []
        self.gaps: list[int] = []
        gap = 0
        for index, line in enumerate(self.lines):
            body = line.rstrip(" \t\r\n")
            if not body:
                gap += 1
                continue
            self.bodies.append(body)
            self.at.append(index)
            self.gaps.append(gap)
            gap = 0
        self.gaps.append(gap)

    def __len__(self) -> int:
        return len(self.bodies)


@dataclass(frozen=True, slots=True)
class Place:
    """Solid lines of a file that stand for the solid lines of an old text, one for one and without a gap."""

    first: int
    size: int


def bare_keys(bodies: Sequence[str]) -> list[str]:
    """Return the lines without their indentation."""
    return [body.strip(BLANKS) for body in bodies]


def indent_of(body: str) -> str:
    """Return the blanks and tabs at the front of a line."""
    return body[: len(body) - len(body.lstrip(BLANKS))]


def find_runs(have: Sequence[str], want: Sequence[str], most: int = MOST_PLACES) -> list[int]:
    """Return where one list of lines comes in another, overlaps too, `most` at most. No line may hold `\\n`."""
    if not want or len(want) > len(have):
        return []
    text, wanted = "\n".join(["", *have, ""]), "\n".join(["", *want, ""])
    found: list[int] = []
    line, counted = 0, 0
    at = text.find(wanted)
    while at >= 0 and len(found) < most:
        line, counted = line + text.count("\n", counted, at), at
        found.append(line)
        at = text.find(wanted, at + 1)
    return found


def has_same_gaps(file: Solid, old: Solid, first: int) -> bool:
    """Tell whether a run of the file's lines has the blank lines between them that the old text has."""
    return file.gaps[first + 1 : first + len(old)] == old.gaps[1 : len(old)]


def letters(lines: Sequence[str]) -> int:
    """Return how many letters and digits lines hold: what there is to recognise them by."""
    return sum(character.isalnum() for line in lines for character in line)
