"""What keys do in the visual modes: they move an end of the selection, or do something with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.vim import moving, register
from trashclaw.faces.tui.vim.lines import clamped, first_word, is_empty_line, line_end
from trashclaw.faces.tui.vim.normal import operate
from trashclaw.faces.tui.vim.objects import Span, find_object
from trashclaw.faces.tui.vim.state import Answer, Mode, Pending

if TYPE_CHECKING:
    from trashclaw.faces.tui.vim.machine import Vim

_OPERATORS = {"d": "d", "x": "d", "delete": "d", "backspace": "d", "c": "c", "s": "c", "y": "y"}
_BY_LINES = {"D": "d", "X": "d", "C": "c", "S": "c", "R": "c", "Y": "y"}


def do(vim: Vim, key: str) -> Answer:
    """Do what a key means."""
    pending = vim.pending
    if pending.prefix:
        return _behind_prefix(vim, key)
    if key == "enter":
        return Answer.SEND
    if key in _OPERATORS or key in _BY_LINES:
        return _operate(vim, key)
    if key in {"g", "r", "i", "a"} or key in moving.FINDERS:
        pending.prefix = key
        return Answer.TAKEN
    if moving.is_motion(key):
        motion = moving.motion_of(vim, key)
        if motion is not None:
            moving.go(vim, key, motion)
        return _done(vim, Answer.TAKEN if motion is not None else Answer.FAILED)
    return _done(vim, _other(vim, key))


def selected(vim: Vim) -> Span:
    """Return what is selected."""
    start, end = sorted((vim.anchor, vim.at))
    if vim.mode is Mode.LINES:
        return moving.lines_between(vim.text, start, end)
    if vim.wish == moving.LINE_ENDS:
        end = line_end(vim.text, end)
    return Span(start, min(len(vim.text), end + 1))


def _behind_prefix(vim: Vim, key: str) -> Answer:
    pending = vim.pending
    prefix, pending.prefix = pending.prefix, ""
    if prefix in "ia":
        # A selection of several characters grows by what comes next.
        is_fresh = vim.anchor == vim.at
        at = vim.at if is_fresh or key not in "wW" else min(vim.at + 1, line_end(vim.text, vim.at))
        span = find_object(vim.text, at, prefix, key, max(1, pending.total))
        if span is None or (span.start == span.end and not is_empty_line(vim.text, at)):
            return _done(vim, Answer.FAILED)
        vim.anchor = span.start if is_fresh else min(vim.anchor, span.start)
        vim.at = clamped(vim.text, span.end if span.is_lines else max(span.start, span.end - 1))
        vim.mode = Mode.LINES if span.is_lines else vim.mode
        return _done(vim)
    if prefix == "r" and len(key) == 1:
        span = selected(vim)
        made = "".join(one if one == "\n" else key for one in vim.text[span.start : span.end])
        _change(vim, vim.text[: span.start] + made + vim.text[span.end :], span.start)
        return _done(vim)
    motion = moving.find(vim, prefix, key) if prefix in moving.FINDERS and len(key) == 1 else None
    if prefix == "g" and key == "g":
        motion = moving.motion_of(vim, "gg")
    if motion is not None:
        moving.go(vim, key, motion)
    return _done(vim, Answer.TAKEN if motion is not None else Answer.FAILED)


def _operate(vim: Vim, key: str) -> Answer:
    if key in _BY_LINES:
        vim.mode = Mode.LINES
    span = selected(vim)
    operator = _OPERATORS.get(key) or _BY_LINES[key]
    vim.mode = Mode.NORMAL
    # What is done again by `.` are keys, and those of a selection would select something else.
    last, vim.pending = vim.last, Pending(operator=operator)
    vim.at = span.start
    answer = operate(vim, operator, span)
    vim.last = last
    if vim.insertion is not None and vim.mode is Mode.INSERT:
        vim.insertion.keys = ()
    return _done(vim, answer)


def _other(vim: Vim, key: str) -> Answer:
    span = selected(vim)
    if key in {"v", "V"}:
        mode = Mode.VISUAL if key == "v" else Mode.LINES
        vim.mode = Mode.NORMAL if vim.mode is mode else mode
    elif key == "o":
        vim.anchor, vim.at = vim.at, clamped(vim.text, vim.anchor)
    elif key in {"~", "u", "U"}:
        _change(vim, _in_case(vim.text, span, key), span.start)
    elif key == "J":
        count = vim.text.count("\n", span.start, line_end(vim.text, max(span.start, span.end - 1))) + 1
        made = register.join(vim.text, span.start, count)
        if made is None:
            return Answer.FAILED
        _change(vim, made.text, made.at)
    elif key in {"p", "P"}:
        _put(vim, span, is_kept=key == "P")
    else:
        return Answer.FAILED if len(key) == 1 else Answer.LEFT
    return Answer.TAKEN


def _in_case(text: str, span: Span, key: str) -> str:
    if key == "~":
        return register.swap_case(text, span.start, span.end)
    part = text[span.start : span.end]
    made = part.lower() if key == "u" else part.upper()
    return text[: span.start] + (made if len(made) == len(part) else part) + text[span.end :]


def _put(vim: Vim, span: Span, *, is_kept: bool) -> None:
    """Put the register in the place of the selection, which takes its place there unless it `is_kept`."""
    taken = register.Register(vim.register.text, vim.register.is_lines)
    gone = register.Register()
    text = vim.text
    register.yank(text, span.start, span.end, gone, is_lines=span.is_lines)
    put = taken.text
    if span.is_lines:
        put = put.removesuffix("\n") if taken.is_lines else put
    elif taken.is_lines:
        put = f"\n{put}"
    made = text[: span.start] + put + text[span.end :]
    if span.is_lines or taken.is_lines:
        at = first_word(made, span.start + (not span.is_lines))
    else:
        at = span.start + (0 if "\n" in put else max(0, len(put) - 1))
    _change(vim, made, at)
    if not is_kept:
        vim.register.text, vim.register.is_lines = gone.text, gone.is_lines


def _change(vim: Vim, text: str, at: int) -> None:
    vim.mode = Mode.NORMAL
    vim.change(text, clamped(text, at))
    vim.wish = None


def _done(vim: Vim, answer: Answer = Answer.TAKEN) -> Answer:
    vim.pending = Pending()
    return answer
