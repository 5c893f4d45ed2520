"""Finds a text as it is written, else but for line ends, else but for blanks before them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from trashclaw.workspace.diff import split_lines


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text, by characters, the end left out."""

    start: int
    end: int


def find_exact(text: str, old: str) -> list[Span]:
    """Return where a text comes, as it is written, without overlaps."""
    return [Span(at, at + len(old)) for at in _occurrences(text, old)]


def find_loose(text: str, old: str) -> list[Span]:
    """Return where a text comes when line ends are one, and if nowhere, when blanks before them do not count either."""
    return _find_without(text, old, "\r") or _find_without(text, old, " \t\r")


def _find_without(text: str, old: str, tail: str) -> list[Span]:
    """Search with these characters at line ends left out on both sides, and map what is found back."""
    wanted = _bare(old, tail).text
    bare = _bare(text, tail)
    if not wanted.strip():
        return []
    spans = []
    is_whole_line = wanted[-1] != "\n" and old[-1] in tail
    for at in _occurrences(bare.text, wanted):
        after = at + len(wanted)
        end = bare.place(after - 1) + 1
        if bare.text[after : after + 1] in {"", "\n"}:
            while end < len(text) and text[end] in tail and text[end] != "\r":
                end += 1
        elif is_whole_line:
            continue
        spans.append(Span(bare.place(at, is_first=True), end))
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

    def place(self, at: int, *, is_first: bool = False) -> int:
        """Return where a character was before; with `is_first`, a line end begins with the tail before it."""
        line = bisect_right(self.starts, at) - 1
        start, bare_size, size = self.lines[line]
        step = at - self.starts[line]
        return start + (step if step < bare_size or is_first else size)


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
