"""Finds the one place that an edit means, from exact to nearly so, and makes the edit there or refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.editing.elision import find_parts, parts
from trashclaw.tools.editing.escapes import unescaped
from trashclaw.tools.editing.exact import Span, find_exact, find_loose
from trashclaw.tools.editing.inside import is_relative
from trashclaw.tools.editing.matching import BLANKS, Place, Solid, Unsure, bare_keys, find_runs, has_same_gaps, letters
from trashclaw.tools.editing.merge import Merged, indent_pairs, merge
from trashclaw.tools.editing.nearest import describe_nearest
from trashclaw.tools.editing.readings import Reading, readings
from trashclaw.tools.editing.similarity import find_similar
from trashclaw.tools.editing.typography import plain_keys
from trashclaw.tools.elision import stand_in
from trashclaw.tools.line_ends import adopt, dominant_end, line_numbers
from trashclaw.workspace.matching import match_blocks

LEAST_LETTERS = 5
"""An old text of fewer letters and digits, such as `}`, is found exactly or not at all."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A text after an edit."""

    text: str
    count: int
    note: str = ""
    """How the place was found, when it was not exactly as asked."""
    lines: tuple[tuple[int, int], ...] = ()
    """First and last line of each place, in the text before, counted from 1."""


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
    """Return the text with `old` replaced by `new`, in the form of the text.

    The matchers come in order; the first that finds a place must find one alone, and none is asked after it.
    `near_line` (from 1) may choose among several exact places. With `is_exact_only` line ends alone may differ.

    Raises:
        ToolError: `old` is not there, comes several times and `replace_all` is not set, or what is meant is not
            certain; shows what is there.
    """
    edit = _Edit(text, old, new, name, replace_all, near_line)
    if not is_exact_only and (found := stand_in(new, old, text, is_sure=len(parts(old)) > 1)):
        raise ToolError(f"{name}: new_text has a line that stands for code: {found[1]!r}.", "Write all lines out.")
    try:
        done = edit.by_characters(is_exact_only=is_exact_only)
        if done is None and not is_exact_only and letters([old]) >= LEAST_LETTERS:
            done = edit.by_lines()
    except Unsure as doubt:
        raise ToolError(f"{name}: old_text is not quite what the file has, and {doubt}.", _hint(text, old)) from doubt
    if done is None:
        raise ToolError(f"{name}: old_text is not in the file.", _hint(text, old))
    return done


def _hint(text: str, old: str) -> str:
    return describe_nearest(text, readings(old, "")[-1].old)


@dataclass(frozen=True, slots=True)
class _Edit:
    text: str
    old: str
    new: str
    name: str
    replace_all: bool
    near_line: int | None

    def by_characters(self, *, is_exact_only: bool) -> Replaced | None:
        """Look for the text as it is written, then without what is around it, line ends and trailing blanks."""
        ways = [Reading(self.old, self.new)] if is_exact_only else readings(self.old, self.new)
        for find, what in ((find_exact, ""), (find_loose, "line ends or trailing blanks differed")):
            for way in ways:
                spans = find(self.text, way.old) if way.old else []
                if is_exact_only and find is find_loose:
                    spans = [
                        span for span in spans if _without_returns(self.text, span) == way.old.replace("\r\n", "\n")
                    ]
                if spans:
                    return self._at_spans(spans, way, way.note or what, is_patch=is_exact_only)
        return None

    def by_lines(self) -> Replaced | None:
        """Look for lines that are those of the old text but for their form."""
        way = readings(self.old, self.new)[-1]
        file, old, new = Solid(self.text), Solid(way.old), Solid(way.new)
        finders: tuple[Callable[[], Replaced | None], ...] = (
            lambda: self._at_runs(file, old, new, bare_keys, "the indentation differed", is_strict=True),
            lambda: self._at_escapes(way),
            lambda: self._at_runs(file, old, new, plain_keys, "quotes, dashes or blanks differed", is_strict=True),
            lambda: self._at_runs(file, old, new, plain_keys, "blank lines differed", is_strict=False),
            lambda: self._at_parts(file, way),
            lambda: self._at_similar(file, old, new),
        )
        for find in finders:
            if (done := find()) is not None:
                return done
        return None

    def _at_spans(self, spans: Sequence[Span], way: Reading, note: str, *, is_patch: bool = False) -> Replaced:
        if len(spans) > 1 and not self.replace_all:
            spans = [self._nearest(spans)]
        if len(spans) == 1 and not is_patch and is_relative(self.text, spans[0], way.old, way.new):
            return self._at_line(spans[0], way)
        new = way.new
        if new and not is_patch and way.old.endswith("\n") and way.old.strip() and not new.endswith("\n"):
            new += "\n"
        if not new and not is_patch:
            spans = [_whole_lines(self.text, span) for span in spans]
        is_loose = any(self.text[span.start : span.end] != way.old for span in spans)
        lines = tuple(
            (_line_of(self.text, span.start), _line_of(self.text, max(span.start, span.end - 1))) for span in spans
        )
        return Replaced(_put(self.text, spans, new, way.old if is_loose else None), len(spans), note, lines)

    def _nearest(self, spans: Sequence[Span]) -> Span:
        """Return the place that is clearly nearest to the hint.

        Raises:
            ToolError: there is no hint, or two places are nearly as near.
        """
        if self.near_line is not None:
            hint = self.near_line
            ranked = sorted(spans, key=lambda span: abs(_line_of(self.text, span.start) - hint))
            first, second = (abs(_line_of(self.text, span.start) - hint) for span in ranked[:2])
            if second > 2 * first:
                return ranked[0]
        lines = line_numbers(self.text, [span.start for span in spans])
        raise ToolError(
            f"{self.name}: old_text occurs {len(spans)} times, at lines {lines}.",
            "Add lines around it until it is unique, or set replace_all.",
        )

    def _at_line(self, span: Span, way: Reading) -> Replaced:
        file, old = Solid(self.text), Solid(way.old)
        first = file.at.index(self.text.count("\n", 0, span.start))
        if file.bodies[first].strip() != old.bodies[0].strip():
            raise Unsure("it is a part of a line, and several lines are to be put there")
        return self._merged(file, [(old, Solid(way.new), Place(first, 1))], "the indentation differed")

    def _at_runs(
        self,
        file: Solid,
        old: Solid,
        new: Solid,
        keys: Callable[[Sequence[str]], list[str]],
        note: str,
        *,
        is_strict: bool,
    ) -> Replaced | None:
        found = find_runs(keys(file.bodies), keys(old.bodies))
        if is_strict:
            found = [first for first in found if has_same_gaps(file, old, first)]
        if not found:
            return None
        if len(found) > 1:
            raise self._several(file, found)
        return self._merged(file, [(old, new, Place(found[0], len(old)))], note)

    def _several(self, file: Solid, found: Sequence[int]) -> ToolError:
        lines = ", ".join(str(file.at[first] + 1) for first in found[:5])
        return ToolError(
            f"{self.name}: old_text is not in the file as it is written, and nearly so at lines {lines}.",
            "Copy it exactly, with lines around it until it is unique.",
        )

    def _at_escapes(self, way: Reading) -> Replaced | None:
        found = [
            (spans, meant, is_certain)
            for meant, is_certain in unescaped(way)
            if meant.old.strip() and (spans := find_exact(self.text, meant.old) or find_loose(self.text, meant.old))
        ]
        if not found:
            return None
        places = {span for spans, _, _ in found for span in spans}
        if len(places) > 1:
            lines = line_numbers(self.text, sorted(span.start for span in places))
            raise Unsure(f"without escapes it is there several times, at lines {lines}")
        certain = [(spans, meant) for spans, meant, is_certain in found if is_certain]
        if len({meant.new for _, meant in certain}) != 1:
            raise Unsure("which escapes in new_text are meant is open")
        spans, meant = certain[0]
        return self._at_spans(spans, meant, meant.note)

    def _at_parts(self, file: Solid, way: Reading) -> Replaced | None:
        before, after = parts(way.old), parts(way.new)
        old = [Solid(part) for part in before]
        starts = find_parts(file, old) if len(old) > 1 else []
        if not starts:
            return None
        if len(before) != len(after):
            raise Unsure("its middle is left out, and in new_text it is not")
        changed = [at for at in range(len(old)) if before[at] != after[at]]
        if any(len(starts[at]) > 1 or letters(old[at].bodies) < LEAST_LETTERS for at in changed):
            raise Unsure("with its middle left out it fits several places")
        places = [(old[at], Solid(after[at]), Place(starts[at][0], len(old[at]))) for at in changed]
        return self._merged(file, places, "what was left out in the middle was kept")

    def _at_similar(self, file: Solid, old: Solid, new: Solid) -> Replaced | None:
        kept = {at for block in match_blocks(old.bodies, new.bodies) for at in range(block.old, block.old + block.size)}
        place = find_similar(file, old, kept)
        if place is None:
            return None
        return self._merged(file, [(old, new, place)], "a line around the change differed by a slip")

    def _merged(self, file: Solid, places: Iterable[tuple[Solid, Solid, Place]], note: str) -> Replaced:
        every = list(places)
        pairs = [pair for old, _, place in every for pair in indent_pairs(file, old, place)]
        changes: list[Merged] = [merge(file, old, new, place, pairs) for old, new, place in every]
        lines = list(file.lines)
        for change in reversed(changes):
            lines[change.start : change.end] = change.lines
        ranges = tuple((change.start + 1, change.end) for change in changes)
        return Replaced("".join(lines), 1, note, ranges)


def _without_returns(text: str, span: Span) -> str:
    return text[span.start : span.end].replace("\r\n", "\n")


def _line_of(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def _whole_lines(text: str, span: Span) -> Span:
    """Return a span that covers all that its lines say with their indentation and last line end.

    What is deleted leaves no empty line, and the line after it is not indented by what was before it.
    """
    front = text.rfind("\n", 0, span.start) + 1
    if text[front : span.start].strip(BLANKS) or span.start == span.end:
        return span
    if text[span.end - 1] == "\n":
        return Span(front, span.end) if text[span.start : span.end].strip() else span
    end = span.end + (text[span.end : span.end + 1] == "\r")
    return Span(front, end + 1) if text[end : end + 1] == "\n" else span


def _put(text: str, spans: Sequence[Span], new: str, asked: str | None) -> str:
    file_end = dominant_end(text)
    done_to, pieces = 0, []
    for span in spans:
        region = text[span.start : span.end]
        line_end = dominant_end(region) if "\n" in region else file_end
        fits = asked is None and line_end == "\n"
        pieces += [text[done_to : span.start], new if fits else adopt(region, new, line_end, asked)]
        done_to = span.end
    return "".join([*pieces, text[done_to:]])
