"""Completion: which word the cursor is in, and which commands or paths fit it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nlargest
from shlex import quote
from typing import NamedTuple

MAX_SHOWN = 8
_SIGNS = re.compile("[/@!]")
"""One of them stands in every line that can be completed; the patterns are made when the first one does."""

_PATH_WORD = r"""(?<![\w@/.])@(?:"([^"\n]*)|([^\s"@,;()<>`]*))$"""
_RANGE_WORD = r"""(?<![\w@/.])@(?:"([^"\n]+)"|([^\s"@,;()<>`:]+)):([\d-]*)$"""
_COMMAND_WORD = r"^/([\w:-]*)$"
_ARGUMENT_WORD = r"^/([\w:-]+) (\S*)$"
_SHELL_WORD = r"^!.*\s([^\s'\"|&;<>()$`\\]+)$"


class WordKind(StrEnum):
    """What a word can be completed to."""

    PATH = "path"
    RANGE = "range"
    COMMAND = "command"
    ARGUMENT = "argument"
    SHELL = "shell"
    """A file in a shell command of the person's."""


class Word(NamedTuple):
    """The word that is being completed."""

    kind: WordKind
    text: str
    """What was typed of it, without its sign."""

    start: int
    """Where it begins in the text before the cursor, with its sign where it has one."""

    owner: str = ""
    """The command that an argument belongs to, the file that a range belongs to."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that fits."""

    text: str
    hint: str = ""
    """Shown behind it, dim."""

    argument: str = ""
    """What a command takes, shown between the two."""


def word_before(text: str) -> Word | None:
    """Return the word at the end of `text`, a line up to the cursor, that can be completed.

    `/command` and its first argument at the start, files in `!commands`, `@path` and its `:range` anywhere.
    """
    if not _SIGNS.search(text):
        return None
    if command := re.search(_COMMAND_WORD, text):
        return Word(WordKind.COMMAND, command[1], 0)
    if lines := re.search(_RANGE_WORD, text):
        return Word(WordKind.RANGE, lines[3], lines.start(3), lines[1] or lines[2])
    if path := re.search(_PATH_WORD, text):
        return Word(WordKind.PATH, path[2] if path[1] is None else path[1], path.start())
    if argument := re.search(_ARGUMENT_WORD, text):
        return Word(WordKind.ARGUMENT, argument[2], argument.start(2), argument[1])
    shell = re.search(_SHELL_WORD, text)
    return Word(WordKind.SHELL, shell[1], shell.start(1)) if shell else None


def completed(word: Word, text: str) -> str:
    """Return what stands in the place of a word when `text` was chosen for it; behind a folder one can go on."""
    if word.kind is WordKind.COMMAND:
        return f"/{text} "
    ending = "" if text.endswith("/") else " "
    if word.kind is WordKind.SHELL:
        return f"{quote(text) if ending else text}{ending}"
    if word.kind is not WordKind.PATH:
        return f"{text}{ending}"
    from trashclaw.session.mentions import written

    mention = written(text)
    return f"{mention}{ending}" if ending else mention.removesuffix('"')


def ranges(typed: str, line_count: int) -> Sequence[Candidate]:
    """Return the ranges of lines that can follow what was typed of one, for a file of so many lines."""
    first, dash, last = typed.partition("-")
    begin = min(max(1, int(first or 1)), line_count) if len(first) < 10 else line_count
    if dash and last:
        return ()
    ends = dict.fromkeys(min(line_count, begin + more) for more in (19, 99))
    offered = [Candidate(f"{begin}-{end}", f"{end - begin + 1} lines") for end in ends if end < line_count]
    return [*offered, Candidate(f"{begin}-{line_count}", f"to the end: the file has {line_count:,} lines")]


def best(typed: str, candidates: Iterable[Candidate], limit: int = MAX_SHOWN) -> Sequence[Candidate]:
    """Return the candidates that fit best, best first; without anything typed, the first ones."""
    wanted = typed.lower()
    scored = ((score(wanted, candidate.text.lower()), -place, candidate) for place, candidate in enumerate(candidates))
    found = nlargest(limit, (entry for entry in scored if entry[0] > 0), key=lambda entry: entry[:2])
    return [candidate for _, _, candidate in found]


def score(wanted: str, text: str) -> float:
    """Return how well a text fits; 0 when it does not: letters must come in order, whole names and beginnings win."""
    if not wanted:
        return 1.0
    name = text.rstrip("/").rpartition("/")[2]
    if name == wanted or text == wanted:
        return 1000.0
    if name.startswith(wanted) or text.startswith(wanted):
        return 500.0 - len(text) / 100
    if wanted in name:
        return 300.0 - len(text) / 100
    if wanted in text:
        return 200.0 - len(text) / 100
    spread = _spread(wanted, text)
    return 100.0 / (1 + spread) + 1 / (1 + len(text)) if spread is not None else 0.0


def _spread(wanted: str, text: str) -> int | None:
    """Return how many letters lie between those that were typed, or `None` if they do not come in order."""
    at, skipped = -1, 0
    for letter in wanted:
        place = text.find(letter, at + 1)
        if place < 0:
            return None
        skipped += place - at - 1 if at >= 0 else 0
        at = place
    return skipped
