"""Refuses an edit that breaks the syntax of a file, once: whoever sends the same edit again gets it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from itertools import takewhile

from trashclaw.languages.grammars import Grammar, language_of
from trashclaw.languages.syntax import SyntaxFault, syntax_errors
from trashclaw.protocol.errors import ToolError
from trashclaw.tools.truncate import clip
from trashclaw.workspace.files import digest

SHOWN_FAULTS = 3
SHOWN_CHARS = 160
_CONTEXT_LINES = 2
_REMEMBERED = 200
_INSIST = (
    "Mend the edit. If this is right all the same, say why and send the same edit again: then it is taken as it is."
)


class SyntaxGuard:
    """Remembers what it has refused."""

    def __init__(self) -> None:
        self._refused: OrderedDict[tuple[str, str], None] = OrderedDict()

    def check(self, name: str, before: str | None, after: str) -> str:
        """Return a remark on an edit that passes, empty for a sound one. Takes up to seconds on a large file.

        Raises:
            ToolError: it brings faults that were not there, and is asked for the first time.
        """
        grammar = language_of(name, after)
        faults = syntax_errors(grammar, after) if grammar is not None else ()
        if grammar is None or not faults or not _is_worse(grammar, before, faults):
            return ""
        key = (name, digest(after.encode("utf-8", "surrogatepass")))
        if self._refused.pop(key, key) is None:
            return f"{name} has a fault of syntax at line {faults[0].line}, and was taken because you insisted"
        self._refused[key] = None
        while len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)
        raise ToolError(f"{_complaint(name, grammar, before, after, faults)}\n{_INSIST}")


def is_sound(name: str, text: str) -> bool:
    """Tell whether nothing is known to be wrong with the syntax of a file's text."""
    grammar = language_of(name, text)
    return grammar is None or not syntax_errors(grammar, text)


def _is_worse(grammar: Grammar, before: str | None, faults: Sequence[SyntaxFault]) -> bool:
    """Tell whether a file was better before: a faulty one may be edited as long as it gets no worse."""
    if before is None:
        return not grammar.is_lenient
    old = len(syntax_errors(grammar, before))
    return old == 0 if grammar.is_lenient else old < len(faults)


def _complaint(name: str, grammar: Grammar, before: str | None, after: str, faults: Sequence[SyntaxFault]) -> str:
    lines = after.split("\n")
    first, last = _changed(before.split("\n") if before is not None else [], lines)
    counted = "an error" if len(faults) == 1 else f"{len(faults)} errors"
    told = [f"Not done: with this edit {name} has {counted} of syntax ({grammar.name}). Nothing was changed."]
    told += [f"line {fault.line}, column {fault.column}: {fault.what}" for fault in faults[:SHOWN_FAULTS]]
    if len(faults) > SHOWN_FAULTS:
        told.append(f"and {len(faults) - SHOWN_FAULTS} more")
    told.append("The file would read:")
    shown = {row for fault in faults[:SHOWN_FAULTS] for row in _around(fault.line - 1, len(lines))}
    if first is not None and not any(first <= row <= last for row in shown):
        where = f"in lines {first + 1} to {last + 1}" if first < last else f"at line {first + 1}"
        told.append(f"(your edit is {where})")
        shown |= {*_around(first, len(lines)), *_around(last, len(lines))}
    marked = {fault.line - 1 for fault in faults}
    previous: int | None = None
    for row in sorted(shown):
        if previous is not None and row > previous + 1:
            told.append("...")
        told.append(f"{'>' if row in marked else ' '}{row + 1}\t{clip(lines[row].rstrip(chr(13)), SHOWN_CHARS)}")
        previous = row
    return "\n".join(told)


def _around(row: int, count: int) -> range:
    return range(max(row - _CONTEXT_LINES, 0), min(row + _CONTEXT_LINES + 1, count))


def _changed(before: Sequence[str], after: Sequence[str]) -> tuple[int | None, int]:
    """Return the first and the last line (from 0) of `after` that an edit made; no first one where all is new."""
    if not before:
        return None, 0
    head = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False)))
    room = min(len(before), len(after)) - head
    pairs = zip(reversed(before), reversed(after), strict=False)
    tail = sum(1 for _, _ in takewhile(lambda item: item[0] < room and item[1][0] == item[1][1], enumerate(pairs)))
    last = max(len(after) - tail - 1, 0)
    return min(head, last), last
