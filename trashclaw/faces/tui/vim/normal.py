"""What keys do in normal mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.vim import motions, moving, register
from trashclaw.faces.tui.vim.lines import clamped, first_word, line_end, line_start
from trashclaw.faces.tui.vim.motions import Motion
from trashclaw.faces.tui.vim.objects import Span, find_object
from trashclaw.faces.tui.vim.state import Answer, Mode

if TYPE_CHECKING:
    from trashclaw.faces.tui.vim.machine import Vim

OPERATORS = frozenset("dcy")
_MEANT = {"D": ("d", "$"), "C": ("c", "$"), "x": ("d", "l"), "delete": ("d", "l"), "X": ("d", "h"), "s": ("c", "l")}
_WHOLE = {"Y": "y", "S": "c"}
_OPENERS = frozenset("iaIAoO")


def do(vim: Vim, key: str) -> Answer:
    """Do what a key means behind those that are pending."""
    pending = vim.pending
    if pending.prefix:
        return _behind_prefix(vim, key)
    if pending.operator:
        return _behind_operator(vim, key)
    if key == "enter":
        return Answer.SEND
    if key in OPERATORS:
        pending.operator = key
        return Answer.TAKEN
    if key in {"g", "r"} or key in moving.FINDERS:
        pending.prefix = key
        return Answer.TAKEN
    if key in {"up", "down"}:
        return Answer.LEFT
    if moving.is_motion(key):
        return _move(vim, key)
    if key in _MEANT:
        pending.operator, motion = _MEANT[key]
        return _operate_by(vim, motion)
    if key in _WHOLE:
        return _operate_lines(vim, _WHOLE[key])
    return _simple(vim, key)


def operate(vim: Vim, operator: str, span: Span) -> Answer:
    """Delete, change or yank a part of the text."""
    text = vim.text
    if operator == "y":
        register.yank(text, span.start, span.end, vim.register, is_lines=span.is_lines)
        vim.at = clamped(text, span.start)
        return Answer.TAKEN
    doing = register.delete if operator == "d" else register.change
    made = doing(text, span.start, span.end, vim.register, is_lines=span.is_lines)
    if operator == "d":
        vim.change(made.text, made.at)
        vim.finish()
    else:
        vim.insert(made.text, made.at)
    vim.wish = None
    return Answer.TAKEN


def _move(vim: Vim, key: str) -> Answer:
    motion = moving.motion_of(vim, key)
    if motion is None:
        if vim.pending.total == 0 and key in {"j", "k"}:
            return Answer.NEWER if key == "j" else Answer.OLDER
        return _done(vim, Answer.FAILED)
    moving.go(vim, key, motion)
    return _done(vim)


def _behind_prefix(vim: Vim, key: str) -> Answer:
    pending = vim.pending
    prefix, pending.prefix = pending.prefix, ""
    if len(key) > 1 and not (prefix == "r" and key == "enter"):
        return _done(vim, Answer.FAILED)
    if prefix == "r":
        made = register.replace(vim.text, vim.at, max(1, pending.total), "\n" if key == "enter" else key)
        if made is None:
            return _done(vim, Answer.FAILED)
        vim.change(made.text, made.at)
        vim.finish()
        return _done(vim)
    if prefix in "ia":
        span = find_object(vim.text, vim.at, prefix, key, max(1, pending.total))
        if span is None or (span.start == span.end and pending.operator != "c" and not span.is_lines):
            return _done(vim, Answer.FAILED)
        return _done(vim, operate(vim, pending.operator, span))
    motion = moving.find(vim, prefix, key) if prefix in moving.FINDERS else None
    if prefix == "g" and key == "g":
        motion = moving.motion_of(vim, "gg")
    if motion is None:
        return _done(vim, Answer.FAILED)
    if pending.operator:
        return _operate_to(vim, motion)
    moving.go(vim, key, motion)
    return _done(vim)


def _behind_operator(vim: Vim, key: str) -> Answer:
    pending = vim.pending
    if key == pending.operator:
        return _operate_lines(vim, key)
    if key in {"g", "i", "a"} or key in moving.FINDERS:
        pending.prefix = key
        return Answer.TAKEN
    return _operate_by(vim, key)


def _operate_by(vim: Vim, key: str) -> Answer:
    operator = vim.pending.operator
    motion = moving.motion_of(vim, key, operator)
    if motion is None:
        is_at_end = vim.at == line_end(vim.text, vim.at) and key in {"l", "$", "w", "e"}
        if operator == "c" and (is_at_end or key == "h"):
            return _done(vim, operate(vim, operator, Span(vim.at, vim.at)))
        return _done(vim, Answer.FAILED)
    return _operate_to(vim, motion)


def _operate_to(vim: Vim, motion: Motion) -> Answer:
    """Operate on all up to where a motion leads; a yank of lines leaves the column, and goes up to the first one."""
    operator, before = vim.pending.operator, vim.at
    span = moving.span_of(vim, motion)
    is_across = "\n" in vim.text[span.start : span.end]
    if operator == "d" and is_across and moving.are_alone(vim.text, span):
        span = moving.lines_between(vim.text, span.start, span.end)
    answer = operate(vim, operator, span)
    if operator == "y" and span.is_lines:
        column = before - line_start(vim.text, before)
        target = line_start(vim.text, min(before, motion.at))
        vim.at = clamped(vim.text, min(target + column, line_end(vim.text, target)))
    return _done(vim, answer)


def _operate_lines(vim: Vim, operator: str) -> Answer:
    before = end = vim.at
    count = max(1, vim.pending.total)
    if count > 1:
        below = motions.down(vim.text, vim.at, count - 1)
        if below is None:
            return _done(vim, Answer.FAILED)
        end = below.at
    answer = operate(vim, operator, moving.lines_between(vim.text, vim.at, end))
    vim.at = before if operator == "y" else vim.at
    return _done(vim, answer)


def _simple(vim: Vim, key: str) -> Answer:
    count = max(1, vim.pending.total)
    if key in _OPENERS:
        _open(vim, key)
        return Answer.TAKEN
    if key in {"v", "V"}:
        vim.mode = Mode.VISUAL if key == "v" else Mode.LINES
        vim.anchor = vim.at
        return _done(vim)
    if key in {"u", "ctrl+r"}:
        return _done(vim, _travel(vim, count, is_back=key == "u"))
    if key == ".":
        return _done(vim, Answer.TAKEN if vim.repeat(vim.pending.total) else Answer.FAILED)
    if key in {"p", "P"}:
        made = register.put(vim.text, vim.at, vim.register, count, is_before=key == "P")
    elif key == "J":
        made = register.join(vim.text, vim.at, count)
    elif key == "~":
        made = register.toggle(vim.text, vim.at, count)
    else:
        is_character = len(key) == 1 or key in {"tab"}
        return _done(vim, Answer.FAILED if is_character and key != "tab" else Answer.LEFT)
    if made is None:
        return _done(vim, Answer.FAILED)
    vim.change(made.text, made.at)
    vim.wish = None
    vim.finish()
    return _done(vim)


def _open(vim: Vim, key: str) -> None:
    text, at = vim.text, vim.at
    start, end = line_start(text, at), line_end(text, at)
    if key == "o":
        vim.insert(f"{text[:end]}\n{text[end:]}", end + 1, opens=True)
    elif key == "O":
        vim.insert(f"{text[:start]}\n{text[start:]}", start, opens=True)
    else:
        is_blank = not text[start:end].strip(" \t")
        first = end if is_blank else first_word(text, at)
        vim.insert(text, {"i": at, "a": min(end, at + 1), "I": first, "A": end}[key])


def _travel(vim: Vim, count: int, *, is_back: bool) -> Answer:
    for number in range(count):
        state = (vim.undo.back if is_back else vim.undo.forward)((vim.text, vim.at))
        if state is None:
            return Answer.TAKEN if number else Answer.FAILED
        vim.text, vim.at = state[0], clamped(*state)
    vim.wish = None
    return Answer.TAKEN


def _done(vim: Vim, answer: Answer = Answer.TAKEN) -> Answer:
    """End a command: the keys that come next begin another one."""
    vim.pending = type(vim.pending)()
    return answer
