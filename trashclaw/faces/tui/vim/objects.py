"""Text objects: a word, what stands between quotes or brackets, a paragraph; alone (`i`) or with what is around it."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.faces.tui.vim.lines import BLANKS, class_of, is_empty_line, line_end, line_start

_PAIRS = {
    **dict.fromkeys("()b", "()"),
    **dict.fromkeys("[]", "[]"),
    **dict.fromkeys("{}B", "{}"),
    **dict.fromkeys("<>", "<>"),
}
_QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text, its end behind it."""

    start: int
    end: int
    is_lines: bool = False


def find_object(text: str, at: int, scope: str, kind: str, count: int) -> Span | None:
    """Return the object of a `kind` at a place; `scope` is `i` or `a`; `None` where there is none."""
    if kind in "wW":
        return _word(text, at, count, is_around=scope == "a", is_big=kind == "W")
    if kind in _QUOTES:
        return _quoted(text, at, kind, is_around=scope == "a")
    if kind in _PAIRS:
        return _bracketed(text, at, _PAIRS[kind], count, is_around=scope == "a")
    return _paragraph(text, at, count, is_around=scope == "a") if kind == "p" else None


def _word(text: str, at: int, count: int, *, is_around: bool, is_big: bool) -> Span | None:
    begin, end = line_start(text, at), line_end(text, at)
    if begin == end:
        return Span(at, at)

    def kind_of(place: int) -> int:
        return class_of(text, place, is_big=is_big)

    def run_end(place: int) -> int:
        kind = kind_of(place)
        while place < end and kind_of(place) == kind:
            place += 1
        return place

    start = at
    while start > begin and kind_of(start - 1) == kind_of(at):
        start -= 1
    stop = run_end(at)
    for number in range(count):
        if number:
            if stop >= end:
                return None
            stop = run_end(stop)
        if is_around:
            is_blank = not kind_of(stop - 1)
            if is_blank or (stop < end and not kind_of(stop)):
                if is_blank and stop >= end:
                    return None
                stop = run_end(stop)
            elif number == 0:
                before = start
                while before > begin and text[before - 1] in BLANKS:
                    before -= 1
                # Blanks that begin the line are its indent, and stay.
                start = before if before > begin else start
    return Span(start, stop)


def _quoted(text: str, at: int, quote: str, *, is_around: bool) -> Span | None:
    begin, end = line_start(text, at), line_end(text, at)
    places = [place for place in range(begin, end) if text[place] == quote and not _is_escaped(text, place, begin)]
    pairs = list(zip(places[::2], places[1::2], strict=False))
    found = next((pair for pair in pairs if pair[0] <= at <= pair[1]), None)
    found = found or next((pair for pair in pairs if pair[0] > at), None)
    if found is None:
        return None
    if not is_around:
        return Span(found[0] + 1, found[1])
    start, stop = found[0], found[1] + 1
    after = stop
    while after < end and text[after] in BLANKS:
        after += 1
    if after == stop:
        while start > begin and text[start - 1] in BLANKS:
            start -= 1
    return Span(start, after)


def _is_escaped(text: str, at: int, begin: int) -> bool:
    count = 0
    while at - 1 - count >= begin and text[at - 1 - count] == "\\":
        count += 1
    return count % 2 == 1


def _bracketed(text: str, at: int, pair: str, count: int, *, is_around: bool) -> Span | None:
    opening, closing = pair[0], pair[1]
    start = at if at < len(text) and text[at] == opening else _enclosing(text, at, pair)
    if start is None and count == 1:
        # Outside of any: the next one, as newer vims have it.
        following = text.find(opening, at)
        start = following if following >= 0 else None
    for _ in range(count - 1):
        start = _enclosing(text, start, pair) if start is not None else None
    if start is None:
        return None
    depth = 0
    for place in range(start, len(text)):
        depth += (text[place] == opening) - (text[place] == closing)
        if depth == 0:
            return Span(start, place + 1) if is_around else _inner(text, start + 1, place)
    return None


def _inner(text: str, start: int, stop: int) -> Span:
    """Return what is between two brackets; where they stand on lines of their own, the lines between them."""
    if text[start : start + 1] == "\n" and start < stop:
        before = line_start(text, stop)
        if not text[before:stop].strip(BLANKS) and before > start + 1:
            return Span(start + 1, before - 1, is_lines=True)
    return Span(start, stop)


def _enclosing(text: str, at: int, pair: str) -> int | None:
    opening, closing = pair[0], pair[1]
    depth = 0
    for place in range(at - 1, -1, -1):
        depth += (text[place] == closing) - (text[place] == opening)
        if depth < 0:
            return place
    return None


def _paragraph(text: str, at: int, count: int, *, is_around: bool) -> Span | None:
    def is_blank(place: int) -> bool:
        return not text[line_start(text, place) : line_end(text, place)].strip(BLANKS)

    start = line_start(text, at)
    while start > 0 and is_blank(start - 1) == is_blank(at):
        start = line_start(text, start - 1)
    stop = start
    runs = count * 2 if is_around else count
    for number in range(runs):
        if stop > len(text) or (
            number and stop == len(text) and not (text.endswith("\n") and is_empty_line(text, stop))
        ):
            if is_around and number == runs - 1 and not is_blank(at):
                # No blank lines behind the last paragraph: those before it go with it.
                while start > 0 and is_blank(start - 1):
                    start = line_start(text, start - 1)
                break
            return None
        kind = is_blank(stop)
        while stop <= len(text) and is_blank(stop) == kind:
            stop = line_end(text, stop) + 1
    return Span(start, stop - 1, is_lines=True)
