"""Private keys in a text: the lines between BEGIN and END, also numbered, indented, marked by a diff or cut off."""

from __future__ import annotations

import re
from collections.abc import Iterator

MARK = "PRIVATE KEY"
LIMIT_CHARS = 20_000
"""The longest key that is looked for an end of."""

BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_LINE_END = re.compile(r"\\[nr]|[\r\n]+")
_LEADING = re.compile(r"(?:[ \t]*\d{1,7}[\t:-])?[ \t>+\-\"']*+(?:#[ ])?")
_BODY = re.compile(r"[A-Za-z0-9+/=_-]+")
_HEADER = re.compile(r"[ \t+\-\"']*[A-Z][A-Za-z-]{2,30}: ")


def find_keys(text: str) -> Iterator[list[tuple[int, int]]]:
    """Yield the places of each key's lines, in order; the words BEGIN and END stay."""
    if MARK not in text:
        return
    at = 0
    while (begin := BEGIN.search(text, at)) is not None:
        end = _END.search(text, begin.end(), begin.end() + LIMIT_CHARS)
        following = BEGIN.search(text, begin.end(), end.start() if end else begin.end() + LIMIT_CHARS)
        is_whole = end is not None and following is None
        last = end.start() if end is not None and is_whole else min(len(text), begin.end() + LIMIT_CHARS)
        if following is not None:
            last = following.start()
        lines = list(_lines(text, begin.end(), last, is_whole=is_whole))
        if lines:
            yield lines
        at = last


def open_key(text: str) -> int | None:
    """Return where a key begins that has no end in the text, if it may still come."""
    if MARK not in text and not text.rstrip().endswith("-----"):
        return None
    begins = list(BEGIN.finditer(text))
    if not begins or len(text) - begins[-1].start() > LIMIT_CHARS or _END.search(text, begins[-1].end()):
        return None
    return begins[-1].start()


def _lines(text: str, start: int, end: int, *, is_whole: bool) -> Iterator[tuple[int, int]]:
    """Yield what is base64 of each line; of a key without an end, up to the first line that is something else."""
    at = start
    while at < end:
        found = _LINE_END.search(text, at, end)
        line_end = found.start() if found is not None else end
        leading = _LEADING.match(text, at, line_end)
        first = leading.end() if leading is not None else at
        body = _BODY.match(text, first, line_end)
        rest = text[body.end() : line_end].strip(" \t\"',;+\\") if body is not None else text[first:line_end].strip()
        if body is not None and not rest:
            yield body.span()
        elif rest and not is_whole and not _HEADER.match(text, at, line_end):
            return
        at = found.end() if found is not None else end
