"""Motions: where a key leads from a place, and what of the text between the two an operator takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from trashclaw.faces.tui.vim.lines import (
    BLANKS,
    class_of,
    first_word,
    is_empty_line,
    last_column,
    line_end,
    line_start,
    row_of,
    start_of_row,
)


class Reach(Enum):
    """What an operator takes of a motion."""

    EXCLUSIVE = "up to the place"
    INCLUSIVE = "the place too"
    LINES = "whole lines"


@dataclass(frozen=True, slots=True)
class Motion:
    """Where a motion leads."""

    at: int
    reach: Reach = Reach.EXCLUSIVE


Mover = Callable[[str, int, int], Motion | None]
"""Takes text, place and count; returns `None` where there is no way."""


def left(text: str, at: int, count: int) -> Motion | None:
    """h."""
    start = line_start(text, at)
    return Motion(max(start, at - count)) if at > start else None


def right(text: str, at: int, count: int) -> Motion | None:
    """l; one place behind the line counts for operators."""
    end = line_end(text, at)
    return Motion(min(end, at + count)) if at < end else None


def down(text: str, at: int, count: int) -> Motion | None:
    """j, to the beginning of the line; the column is kept by whoever moves."""
    began = at = line_start(text, at)
    for _ in range(count):
        end = line_end(text, at)
        if end == len(text):
            break
        at = end + 1
    return Motion(at, Reach.LINES) if at != began else None


def up(text: str, at: int, count: int) -> Motion | None:
    """k, to the beginning of the line."""
    began = at = line_start(text, at)
    for _ in range(count):
        if at == 0:
            break
        at = line_start(text, at - 1)
    return Motion(at, Reach.LINES) if at != began else None


def word(text: str, at: int, count: int, *, is_big: bool = False) -> Motion | None:
    """w, W: an empty line is a word too."""
    began = at
    for _ in range(count):
        kind = class_of(text, at, is_big=is_big)
        while kind and class_of(text, at, is_big=is_big) == kind:
            at += 1
        while at < len(text) and not class_of(text, at, is_big=is_big):
            at += 1
            if at < len(text) and text[at - 1] == "\n" and text[at] == "\n":
                break
    return Motion(at) if at != began else None


def word_end(text: str, at: int, count: int, *, is_big: bool = False) -> Motion | None:
    """e, E."""
    began = at
    for _ in range(count):
        place = at + 1
        while place < len(text) and not class_of(text, place, is_big=is_big):
            place += 1
        if place >= len(text):
            at = max(at, last_column(text, len(text)))
            break
        kind = class_of(text, place, is_big=is_big)
        while class_of(text, place + 1, is_big=is_big) == kind:
            place += 1
        at = place
    return Motion(at, Reach.INCLUSIVE) if at != began else None


def word_back(text: str, at: int, count: int, *, is_big: bool = False) -> Motion | None:
    """b, B."""
    began = at
    for _ in range(count):
        if at == 0:
            break
        at -= 1
        while at > 0 and not class_of(text, at, is_big=is_big) and not is_empty_line(text, at):
            at -= 1
        kind = class_of(text, at, is_big=is_big)
        while kind and at > 0 and class_of(text, at - 1, is_big=is_big) == kind:
            at -= 1
    return Motion(at) if at != began else None


def line_begin(text: str, at: int, count: int) -> Motion | None:
    """0."""
    return Motion(line_start(text, at))


def line_first(text: str, at: int, count: int) -> Motion | None:
    """^."""
    return Motion(first_word(text, at))


def line_last(text: str, at: int, count: int) -> Motion | None:
    """$, with a count so many lines further down."""
    for _ in range(count - 1):
        end = line_end(text, at)
        if end == len(text):
            return None
        at = end + 1
    return Motion(last_column(text, at), Reach.EXCLUSIVE if is_empty_line(text, at) else Reach.INCLUSIVE)


def paragraph_down(text: str, at: int, count: int) -> Motion | None:
    """}: to the next empty line behind a paragraph."""
    began = at
    for _ in range(count):
        at = line_start(text, at)
        while at < len(text) and is_empty_line(text, at) and line_end(text, at) < len(text):
            at = line_end(text, at) + 1
        while not is_empty_line(text, at):
            end = line_end(text, at)
            if end == len(text):
                last = max(began, last_column(text, at))
                return Motion(last, Reach.INCLUSIVE) if last != began or text[began:] else None
            at = end + 1
    return Motion(at) if at != began else None


def paragraph_up(text: str, at: int, count: int) -> Motion | None:
    """{: to the empty line before a paragraph."""
    began = at
    for _ in range(count):
        at = line_start(text, at)
        while at > 0 and is_empty_line(text, at):
            at = line_start(text, at - 1)
        while at > 0 and not is_empty_line(text, at):
            at = line_start(text, at - 1)
    return Motion(at) if at != began else None


def bracket(text: str, at: int, count: int) -> Motion | None:
    """%: to the other one of the next bracket in the line."""
    end = line_end(text, at)
    place = next((place for place in range(at, end) if text[place] in "()[]{}"), None)
    if place is None:
        return None
    opening = "([{"
    sign = text[place]
    other = dict(zip("()[]{}", ")(][}{", strict=True))[sign]
    step = 1 if sign in opening else -1
    depth = 0
    while 0 <= place < len(text):
        depth += (text[place] == sign) - (text[place] == other)
        if depth == 0:
            return Motion(place, Reach.INCLUSIVE)
        place += step
    return None


def to_row(text: str, row: int) -> Motion:
    """gg and G: to a line counted from 0, at its first word."""
    row = max(0, min(row, row_of(text, len(text))))
    return Motion(first_word(text, start_of_row(text, row)), Reach.LINES)


def find_in_line(text: str, at: int, count: int, key: str, sign: str, *, is_repeated: bool = False) -> Motion | None:
    """f F t T: to the next character in the line, or just before it; `;` passes over one that it stands before."""
    step = 1 if key in "ft" else -1
    start, end = line_start(text, at), line_end(text, at)
    place = at + step if is_repeated and key in "tT" and count == 1 else at
    for _ in range(count):
        place += step
        while start <= place < end and text[place] != sign:
            place += step
        if not start <= place < end:
            return None
    place -= step if key in "tT" else 0
    return Motion(place, Reach.INCLUSIVE if step > 0 else Reach.EXCLUSIVE)


def _big(mover: Callable[..., Motion | None]) -> Mover:
    return lambda text, at, count: mover(text, at, count, is_big=True)


MOVERS: Mapping[str, Mover] = {
    "h": left,
    "l": right,
    "j": down,
    "k": up,
    "w": word,
    "b": word_back,
    "e": word_end,
    "W": _big(word),
    "B": _big(word_back),
    "E": _big(word_end),
    "0": line_begin,
    "^": line_first,
    "$": line_last,
    "}": paragraph_down,
    "{": paragraph_up,
    "%": bracket,
}
SAME = {
    "left": "h",
    "backspace": "h",
    "right": "l",
    "space": "l",
    "down": "j",
    "up": "k",
    "home": "0",
    "end": "$",
    " ": "l",
}


def word_for_change(text: str, at: int, count: int, *, is_big: bool) -> Motion | None:
    """cw: in a word, to its end and no further; on a blank, as w."""
    if not class_of(text, at, is_big=is_big):
        return word_for_operator(text, at, count, is_big=is_big)
    kind = class_of(text, at, is_big=is_big)
    while class_of(text, at + 1, is_big=is_big) == kind:
        at += 1
    if count == 1:
        return Motion(at, Reach.INCLUSIVE)
    return word_end(text, at, count - 1, is_big=is_big) or Motion(at, Reach.INCLUSIVE)


def word_for_operator(text: str, at: int, count: int, *, is_big: bool) -> Motion | None:
    """dw: the last word that it goes over ends at the end of its line, at the latest."""
    before = word(text, at, count - 1, is_big=is_big) if count > 1 else Motion(at)
    if before is None:
        return None
    last = word(text, before.at, 1, is_big=is_big)
    if last is None:
        return Motion(len(text)) if at < len(text) else None
    end = line_end(text, before.at)
    if last.at <= end:
        return last
    is_blank_line = before.at == end
    return Motion(min(last.at, end + 1) if is_blank_line else end)


def skip_blanks(text: str, at: int) -> int:
    """Return the first place from one on that holds no blank."""
    while at < len(text) and text[at] in BLANKS:
        at += 1
    return at
