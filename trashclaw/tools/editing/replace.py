"""Finds the one place that an edit means: exactly, else but for line ends, trailing blanks or line numbers in front."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.editing.nearest import describe_nearest
from trashclaw.tools.line_ends import adopt, dominant_end, line_numbers
from trashclaw.workspace.diff import split_lines


@dataclass(frozen=True, slots=True)
class Replaced:
    """A text after an edit."""

    text: str
    count: int
    note: str = ""
    """How the place was found, when it was not exactly as asked."""
    lines: tuple[tuple[int, int], ...] = ()
    """First and last line of each place, in the text before, counted from 1."""


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int


def replace(
    text: str,
    old: str,
    new: str,
    name: str,
    *,
    replace_all: bool = False,
    near_line: int | None = None,
    is_exact_only: bool = False,
) -> Replaced:
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
    return exact or _find_loosely(text, old, "\r") or _find_loosely(text, old, " \t\r")


def _find_loosely(text: str, old: str, tail: str) -> list[_Span]:
    """Search with these characters at line ends left out on both sides, and map what is found back."""
    wanted = _bare(old, tail).text
    bare = _bare(text, tail)
    if not wanted.strip():
        return []
    spans = []
    for at in _occurrences(bare.text, wanted):
        after = at + len(wanted)
        end = bare.place(after - 1) + 1
        if bare.text[after : after + 1] in {"", "\n"}:
            while end < len(text) and text[end] in tail and text[end] != "\r":
                end += 1
        spans.append(_Span(bare.place(at), end))
    return spans


def _occurrences(text: str, part: str) -> list[int]:
    found, at = [], text.find(part)
    while at >= 0:
        found.append(at)
        at = text.find(part, at + len(part))
    return found


@dataclass(frozen=True, slots=True)
class _Bare:
    """A text without the tails of its lines, and where each line began, here and before."""

    text: str
    starts: list[int]
    lines: list[tuple[int, int, int]]
    """Old start, length without the tail, and length with it, each without the `\\n`."""

    def place(self, at: int) -> int:
        """Return where a character was before."""
        line = bisect_right(self.starts, at) - 1
        start, bare_size, size = self.lines[line]
        step = at - self.starts[line]
        return start + (step if step < bare_size else size)


def _bare(text: str, tail: str) -> _Bare:
    kept: list[str] = []
    starts: list[int] = []
    lines: list[tuple[int, int, int]] = []
    at = bare_at = 0
    for line in split_lines(text):
        body = line.removesuffix("\n")
        bare = body.rstrip(tail)
        kept.append(bare + line[len(body) :])
        starts.append(bare_at)
        lines.append((at, len(bare), len(body)))
        at, bare_at = at + len(line), bare_at + len(kept[-1])
    return _Bare("".join(kept), starts, lines)


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
