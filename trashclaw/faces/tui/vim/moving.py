"""Which motion the keys of a command mean, and what of the text it covers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.vim import motions
from trashclaw.faces.tui.vim.lines import clamped, first_word, line_end, line_start, row_of
from trashclaw.faces.tui.vim.motions import MOVERS, SAME, Motion, Reach
from trashclaw.faces.tui.vim.objects import Span

if TYPE_CHECKING:
    from trashclaw.faces.tui.vim.machine import Vim

FINDERS = frozenset("fFtT")
LINE_ENDS = 10**9
"""The wished column behind `$`: the end of each line."""

_REVERSED = {"f": "F", "F": "f", "t": "T", "T": "t"}


def motion_of(vim: Vim, key: str, operator: str = "") -> Motion | None:
    """Return where a key leads; `None` where it leads nowhere, or is no motion."""
    key = SAME.get(key, key)
    count = max(1, vim.pending.total)
    if key in {"G", "gg"}:
        last = row_of(vim.text, len(vim.text))
        return motions.to_row(vim.text, vim.pending.total - 1 if vim.pending.total else last if key == "G" else 0)
    if key in {";", ","}:
        finder, sign = vim.found
        if not finder:
            return None
        finder = finder if key == ";" else _REVERSED[finder]
        return motions.find_in_line(vim.text, vim.at, count, finder, sign, is_repeated=True)
    if operator and key in {"w", "W"}:
        of_word = motions.word_for_change if operator == "c" else motions.word_for_operator
        return of_word(vim.text, vim.at, count, is_big=key == "W")
    mover = MOVERS.get(key)
    motion = mover(vim.text, vim.at, count) if mover is not None else None
    if motion is not None and key in {"w", "W"} and clamped(vim.text, motion.at) == vim.at:
        return None
    if motion is None and operator and key in {"e", "E"} and vim.at < line_end(vim.text, vim.at):
        return Motion(vim.at, Reach.INCLUSIVE)
    return motion


def find(vim: Vim, key: str, sign: str) -> Motion | None:
    """Return where f, F, t or T leads, and remember it for `;`."""
    vim.found = (key, sign)
    return motions.find_in_line(vim.text, vim.at, max(1, vim.pending.total), key, sign)


def is_motion(key: str) -> bool:
    """Tell whether a key alone is a motion."""
    return SAME.get(key, key) in MOVERS or key in {"G", ";", ","}


def go(vim: Vim, key: str, motion: Motion) -> None:
    """Move the cursor; up and down keep the column, as far as lines are long enough."""
    key = SAME.get(key, key)
    if key in {"j", "k"}:
        column = vim.at - line_start(vim.text, vim.at) if vim.wish is None else vim.wish
        vim.wish = column
        target = min(line_start(vim.text, motion.at) + column, line_end(vim.text, motion.at))
    else:
        vim.wish = LINE_ENDS if key == "$" else None
        target = motion.at
    vim.at = clamped(vim.text, target)


def span_of(vim: Vim, motion: Motion) -> Span:
    """Return what of the text lies between the cursor and where a motion leads."""
    text = vim.text
    start, end = sorted((vim.at, motion.at))
    if motion.reach is Reach.LINES:
        return lines_between(text, start, end)
    if motion.reach is Reach.INCLUSIVE:
        return Span(start, min(len(text), end + 1))
    if start < end and end == line_start(text, end) and end > line_start(text, start):
        # Up to the first column of a line: without its line feed, and whole lines from a line's first word on.
        if start <= first_word(text, start) and not text[line_start(text, start) : start].strip(" \t"):
            return lines_between(text, start, end - 1)
        return Span(start, end - 1)
    return Span(start, end)


def lines_between(text: str, start: int, end: int) -> Span:
    """Return the whole lines from one place to another, without the line feed of the last one."""
    return Span(line_start(text, start), line_end(text, end), is_lines=True)


def are_alone(text: str, span: Span) -> bool:
    """Tell whether only blanks stand before a part in its first line, and behind it in its last one."""
    before = text[line_start(text, span.start) : span.start]
    return not (before + text[span.end : line_end(text, span.end)]).strip(" \t")
