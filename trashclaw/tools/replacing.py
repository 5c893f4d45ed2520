"""Finds the one place that an edit means: exactly, else but for line ends, trailing blanks or line numbers in front."""

from __future__ import annotations

import re
from dataclasses import dataclass

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.line_ends import adopt, dominant_end, line_numbers
from trashclaw.tools.nearest import describe_nearest


@dataclass(frozen=True, slots=True)
class Replaced:
    """A text after an edit."""

    text: str
    count: int
    note: str = ""
    """How the place was found, when it was not exactly as asked."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int


def replace(text: str, old: str, new: str, name: str, *, replace_all: bool = False) -> Replaced:
    """Return the text with `old` replaced by `new`, in the line ends of the text.

    Raises:
        ToolError: `old` is not there, or comes several times and `replace_all` is not set; shows what is there.
    """
    for reading, note in _readings(old, new):
        spans = _find(text, reading[0])
        loose = "line ends or trailing blanks differed" if spans and text[spans[0].start : spans[0].end] != old else ""
        if not spans:
            continue
        if len(spans) > 1 and not replace_all:
            lines = line_numbers(text, [span.start for span in spans])
            raise ToolError(
                f"{name}: old_text occurs {len(spans)} times, at lines {lines}.",
                "Add lines around it until it is unique, or set replace_all.",
            )
        return Replaced(_put(text, spans, reading[1], is_loose=bool(note or loose)), len(spans), note or loose)
    raise ToolError(f"{name}: old_text is not in the file.", describe_nearest(text, old))


def _readings(old: str, new: str) -> list[tuple[tuple[str, str], str]]:
    """Return the edit as written, and without line numbers where every line of `old` begins with one."""
    readings = [((old, new), "")]
    pattern = re.compile(r"^ *[0-9]+\t", re.MULTILINE)
    lines = [line for line in old.split("\n") if line]
    if lines and all(pattern.match(line) for line in lines):
        readings.append(((pattern.sub("", old), pattern.sub("", new)), "line numbers in front were left out"))
    return readings


def _find(text: str, old: str) -> list[_Span]:
    exact = [_Span(at, at + len(old)) for at in _occurrences(text, old)]
    return exact or _find_loosely(text, old, _RETURNS) or _find_loosely(text, old, _BLANKS)


_RETURNS = re.compile(r"\r*(\n|\Z)")
_BLANKS = re.compile(r"[ \t\r]*(\n|\Z)")


def _find_loosely(text: str, old: str, tail: re.Pattern[str]) -> list[_Span]:
    """Search with the tails of lines left out on both sides, and map what is found back."""
    bare_old, _ = _without_tails(old, tail)
    bare_text, places = _without_tails(text, tail)
    if not bare_old.strip():
        return []
    spans = []
    for at in _occurrences(bare_text, bare_old):
        after = at + len(bare_old)
        end = places[after - 1] + 1
        if tail is _BLANKS and bare_text[after : after + 1] in {"", "\n"}:
            end += len(text[end:]) - len(text[end:].lstrip(" \t"))
        spans.append(_Span(places[at], end))
    return spans


def _occurrences(text: str, part: str) -> list[int]:
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + len(part))
    return found


def _without_tails(text: str, tail: re.Pattern[str]) -> tuple[str, list[int]]:
    """Return the text without the tails of its lines (but with each `\\n`), and each character's old place."""
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for found in tail.finditer(text):
        kept.append(text[at : found.start()] + found.group(1))
        places += [*range(at, found.start()), *range(found.start(1), found.end(1))]
        at = found.end()
    return "".join(kept), places


def _put(text: str, spans: list[_Span], new: str, *, is_loose: bool) -> str:
    file_end = dominant_end(text)
    parts, done = [], 0
    for span in spans:
        region = text[span.start : span.end]
        line_end = dominant_end(region) if "\n" in region else file_end
        fits = not is_loose and line_end == "\n"
        parts += [text[done : span.start], new if fits else adopt(region, new, line_end)]
        done = span.end
    return "".join([*parts, text[done:]])
