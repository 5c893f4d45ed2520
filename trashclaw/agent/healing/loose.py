"""Readings of a text whose strings hold quotes that nobody escaped; there may be several, or none."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from trashclaw.agent.healing.literals import CLOSING, OPENING, Unclear, decode
from trashclaw.agent.healing.scanning import CONSTANTS, DEPTH_LIMIT, Scan

TRIES_LIMIT = 400
VALUES_LIMIT = 80
_NAME = rf"(?:[{OPENING}][^{OPENING}\\\n]{{1,64}}[{OPENING}]|[A-Za-z_]\w{{0,63}})\s{{0,99}}:"
_KEY = re.compile(rf"\s*+(?:[{OPENING}]([^{OPENING}\\\n]{{1,64}})[{OPENING}]|([A-Za-z_]\w{{0,63}}))\s{{0,99}}:\s*+")
_END_IN_OBJECT = re.compile(rf"\s{{0,99}}(?:\}}|,\s{{0,99}}(?:\}}|{_NAME}))")
_END_IN_LIST = re.compile(rf"\s{{0,99}}(?:\]|,\s{{0,99}}(?:[{OPENING}\[{{\]0-9-]|true|false|null))")
_OTHER = re.compile(r"(-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?|[Tt]rue|[Ff]alse|null|None)(?=\s*+[,}\]])")
_SIDE_BY_SIDE = re.compile(rf"[{OPENING}]\s*+[{OPENING}]")
_BLANK = re.compile(r"\s*+")
_NEXT = re.compile(r"\s*+(,?)\s*+([}\]]?)")


def readings(text: str, start: int) -> Iterator[Scan]:
    """Yield every way to read the object that begins at `start`, in which each string ends where a string can.

    Raises:
        Unclear: there are too many ways.
    """
    yield from _Readings(text).value(start, Scan(), "")


class _Readings:
    """Goes through all ways; the number of tries is bounded."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = TRIES_LIMIT
        self._last = max(text.rfind(quote) for quote in OPENING)
        self._places: dict[str, list[int]] = {}

    def _quotes(self, closing: str) -> list[int]:
        """Return the places of all quotes of a kind that are not escaped."""
        if closing not in self._places:
            found = re.finditer(rf"\\.|[{closing}]", self._text, re.DOTALL)
            self._places[closing] = [each.start() for each in found if each[0] != "\\" and len(each[0]) == 1]
        return self._places[closing]

    def _ends(self, closing: str, stack: str) -> list[int]:
        """Return those behind which an object or a list can go on; behind the outermost one stands no quote."""
        key = f"{closing}{stack[-1]}{len(stack) == 1}"
        if key not in self._places:
            end = _END_IN_OBJECT if stack[-1] == "{" else _END_IN_LIST
            found = ((place, end.match(self._text, place + 1)) for place in self._quotes(closing))
            self._places[key] = [
                place
                for place, ended in found
                if ended and not (len(stack) == 1 and ended[0][-1] in "]}" and ended.end() < self._last)
            ]
        return self._places[key]

    def value(self, at: int, done: Scan, stack: str) -> Iterator[Scan]:
        char = self._text[at : at + 1]
        if len(done.values) > VALUES_LIMIT:
            raise Unclear("it has too many parts")
        if char and char in "{[":
            if len(stack) >= DEPTH_LIMIT:
                raise Unclear("it is nested too deeply")
            done.tokens.append(char)
            yield from self._opened(at + 1, done, stack + char)
        elif char and char in OPENING and stack:
            yield from self._strings(at, done, stack)
        elif (other := _OTHER.match(self._text, at)) and stack:
            word = other[1]
            done.add_value(CONSTANTS[word] if word in CONSTANTS else float(word) if "." in word else int(word))
            yield from self._after(other.end(), done, stack)

    def _opened(self, at: int, done: Scan, stack: str) -> Iterator[Scan]:
        found = _NEXT.match(self._text, at)
        if found and found[2] and not found[1]:
            yield from self._after(at, done, stack)
        else:
            yield from self._member(at, done, stack)

    def _member(self, at: int, done: Scan, stack: str) -> Iterator[Scan]:
        if stack[-1] == "{":
            key = _KEY.match(self._text, at)
            if key is None:
                return
            done.add_value(key[1] or key[2])
            done.tokens.append(":")
            at = key.end()
        else:
            blank = _BLANK.match(self._text, at)
            at = blank.end() if blank else at
        yield from self.value(at, done, stack)

    def _strings(self, at: int, done: Scan, stack: str) -> Iterator[Scan]:
        quote = self._text[at]
        if self._text.startswith(quote * 3, at):
            raise Unclear("a string begins with quotes")
        every, good = self._quotes(CLOSING[quote]), self._ends(CLOSING[quote], stack)
        first = bisect_right(every, at)
        for place in good[bisect_right(good, at) :]:
            self._left -= 1
            if self._left < 0:
                raise Unclear("its strings can end in too many places")
            way = done.copy()
            self._take(way, self._text[at + 1 : place], quote, is_first=every[first] == place)
            if stack[-1] == "[" and _SIDE_BY_SIDE.search(self._text[at + 1 : place]):
                way.is_doubtful = True
            yield from self._after(place + 1, way, stack)

    def _take(self, way: Scan, body: str, quote: str, *, is_first: bool) -> None:
        if quote != '"':
            way.faults.add("other quotes")
        try:
            value = decode(body, quote)
        except Unclear:
            way.is_doubtful, value = True, body
        # Whoever leaves quotes unescaped may leave backslashes so, in any string of the call.
        way.is_doubtful = way.is_doubtful or value != body
        if not is_first:
            way.faults.add("quotes inside a string")
        way.add_value(value)

    def _after(self, at: int, done: Scan, stack: str) -> Iterator[Scan]:
        found = _NEXT.match(self._text, at)
        if found is None:
            return
        if found[2]:
            if {"{": "}", "[": "]"}[stack[-1]] != found[2]:
                return
            if found[1]:
                done.faults.add("a comma too many")
            done.tokens.append(found[2])
            if len(stack) > 1:
                yield from self._after(found.end(), done, stack[:-1])
            else:
                done.end = found.end()
                yield done
        elif found[1]:
            done.tokens.append(",")
            yield from self._member(found.end(), done, stack)
