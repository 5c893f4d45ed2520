"""Questions as plain lines, and what a typed line answers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from trashclaw.faces.visible import visible, visible_line
from trashclaw.faces.wording.changes import hunk_words, kind_word
from trashclaw.faces.wording.figures import counted
from trashclaw.faces.wording.requests import question_of
from trashclaw.protocol.approvals import Approval, ApprovalRequest, Scope, Verdict
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.events import QuestionRequested
from trashclaw.protocol.patches import HunkPart, Patch

SHOWN_LINES = 60
"""Lines of a patch that are told at once; `d` tells all of them."""

SHOW_ALL = frozenset({"d", "diff"})
_YES, _NO = frozenset({"y", "yes", "a"}), frozenset({"n", "no", "r"})
_SCOPES = {"s": Scope.SESSION, "session": Scope.SESSION, "p": Scope.PROJECT, "project": Scope.PROJECT}
_NUMBERS = re.compile(r"\d{1,5}(\s*-\s*\d{1,5})?([\s,]+\d{1,5}(\s*-\s*\d{1,5})?)*")


def request_lines(request: ApprovalRequest, *, is_whole: bool = False) -> Sequence[str]:
    """Return the question, what it is about, and how to answer it."""
    lines = [f"Question: {_title(request)}"]
    lines += [f"  command: {line}" for line in visible(request.command or "").split("\n") if line]
    lines += [f"  network: {visible_line(host)}" for host in request.needs.hosts]
    lines += [f"  outside: {visible_line(path)}" for path in request.needs.paths]
    if request.needs.is_unsandboxed:
        lines.append("  without a sandbox: it runs with all your rights, and what it does lands at once")
    lines += [f"  warning: {line}" for line in visible(request.warning).split("\n") if line]
    if request.patch is not None:
        told = patch_lines(request.patch)
        is_cut = len(told) > SHOWN_LINES and not is_whole
        lines += told[:SHOWN_LINES] if is_cut else told
        lines += [f"  {counted(len(told) - SHOWN_LINES, 'line')} more; d shows all."] if is_cut else []
    return [*lines, f"Answer: {_ways(request)}."]


def patch_lines(patch: Patch) -> list[str]:
    """Return a patch: a line for each file and each hunk, whose number stands in it, and the lines of the hunk."""
    lines: list[str] = []
    number = 0
    for change in patch.changes:
        word = kind_word(change)
        moved = f", from {visible_line(change.from_path)}" if change.from_path else ""
        size = f", {change.added} added, {change.removed} removed" if change.added or change.removed else ""
        lines.append(f"  File {visible_line(change.path)}{f', {word}' if word else ''}{moved}{size}")
        lines += [f"  warning: {line}" for line in visible(change.warning).split("\n") if line]
        for hunk in change.hunks:
            number += 1
            lines.append(f"  Hunk {number}, {visible_line(hunk_words(hunk))}")
            if hunk.part is HunkPart.LINES:
                lines += [f"    {visible(line.rstrip(chr(10)))}" for line in hunk.lines]
    return lines


def approval_of(request: ApprovalRequest, text: str) -> Approval:
    """Return the answer that a typed line gives: yes, no, the numbers of hunks, a scope, or a reason against it.

    Raises:
        UsageError: it is no answer; the hint says how to answer.
    """
    words = text.strip().lower()
    if words in _YES:
        return Approval(verdict=Verdict.ACCEPTED)
    if words in _NO:
        return Approval(verdict=Verdict.REJECTED)
    scope = _SCOPES.get(words)
    if scope is not None and scope in request.scopes:
        return Approval(verdict=Verdict.ACCEPTED, scope=scope)
    if request.patch is not None and _NUMBERS.fullmatch(words):
        ids = [hunk.hunk_id for hunk in request.patch.hunks]
        numbers = _numbers(words)
        if not numbers <= set(range(1, len(ids) + 1)):
            raise UsageError(f"There are {counted(len(ids), 'hunk')}.", f"Answer: {_ways(request)}.")
        return Approval(verdict=Verdict.ACCEPTED, hunk_ids=tuple(ids[number - 1] for number in sorted(numbers)))
    if len(words.split()) > 1:
        return Approval(verdict=Verdict.REJECTED, note=text.strip())
    raise UsageError(f"{visible_line(text.strip()) or 'An empty line'} is no answer.", f"Answer: {_ways(request)}.")


def question_lines(question: QuestionRequested) -> Sequence[str]:
    """Return a question of the model with its numbered options."""
    first, *rest = visible(question.text).split("\n")
    options = [f"  {number}: {visible_line(option)}" for number, option in enumerate(question.options, 1)]
    way = "a number, or your own words" if options else "in your own words"
    return [f"The model asks: {first}", *rest, *options, f"Answer: {way}."]


def answer_of(question: QuestionRequested, text: str) -> str:
    """Return the answer that a typed line gives: the option of a number, else the words."""
    words = text.strip()
    is_number = words.isdecimal() and len(words) < 4 and 1 <= int(words) <= len(question.options)
    return question.options[int(words) - 1] if is_number else words


def _title(request: ApprovalRequest) -> str:
    patch = request.patch
    if patch is None:
        return question_of(request)
    hunks = counted(len(patch.hunks), "hunk")
    if request.command is not None:
        return f"Keep what it changed in {counted(len(patch.changes), 'file')}, {hunks}?"
    name = visible_line(patch.changes[0].path) if len(patch.changes) == 1 else counted(len(patch.changes), "file")
    return f"Change {name}, {hunks}?"


def _ways(request: ApprovalRequest) -> str:
    count = len(request.patch.hunks) if request.patch is not None else 0
    ways = ["y yes", "n no"]
    if count > 1:
        ways.append(f"numbers to take only these hunks, such as 1 or 1-{count}")
    if Scope.SESSION in request.scopes:
        ways.append("s yes for this session")
    if Scope.PROJECT in request.scopes:
        ways.append(f"p yes for this project, which writes the rule {visible_line(request.new_rule)}")
    return ", ".join([*ways, "or say in some words why not"])


def _numbers(words: str) -> set[int]:
    found: set[int] = set()
    for first, last in re.findall(r"(\d+)(?:\s*-\s*(\d+))?", words):
        # A range beyond all hunks is refused by its first number that is.
        found |= set(range(int(first), min(int(last or first), int(first) + 10_000) + 1))
    return found
