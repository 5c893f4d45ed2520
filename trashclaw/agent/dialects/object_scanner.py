"""One JSON object, read while it is written: its strings as they grow, its other values as they stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_IN_STRING = re.compile(r'[^"\\]*')
_IN_VALUE = re.compile(r'[^"{}\[\]]*')
_IN_SCALAR = re.compile(r"[^,}\s]*")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_ESCAPE_CHARS = 6
"""Of the longest, with four hexadecimal digits."""

_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some more of the value of a key; `text` is decoded in a string, and as it stands in any other value."""

    key: str
    text: str
    is_string: bool
    is_last: bool = False


class ObjectScanner:
    """Takes the text of an object in pieces of any size, in time linear to it; what is no JSON it reads as best it can.

    Strings on the top level are decoded if they belong to `strings`; all else is passed on unread.
    """

    def __init__(self, strings: frozenset[str]) -> None:
        """Begin before the opening brace."""
        self._strings = strings
        self._read: Callable[[str, int], Iterator[Piece]] = self._before
        self._place = 0
        self._key: list[str] = []
        self._name = ""
        self._escape = ""
        self._high = ""
        self._depth = 0
        self._is_quoted = False
        self._is_escaped = False
        self.is_closed = False
        """The object is whole."""

    def feed(self, text: str) -> Iterator[Piece]:
        """Take the next piece of text and yield what it adds; `rest` of it came after the object."""
        self._place = 0
        while self._place < len(text) and not self.is_closed:
            yield from self._read(text, self._place)

    def rest(self, text: str) -> str:
        """Return what the last piece of text had after the end of the object."""
        return text[self._place :]

    def _before(self, text: str, place: int) -> Iterator[Piece]:
        self._place = place + 1
        if text[place] == "{":
            self._read = self._between
        yield from ()

    def _between(self, text: str, place: int) -> Iterator[Piece]:
        """Read up to a key, or the end."""
        self._place = place + 1
        if text[place] == '"':
            self._key = []
            self._read = self._in_key
        elif text[place] == "}":
            self.is_closed = True
        yield from ()

    def _in_key(self, text: str, place: int) -> Iterator[Piece]:
        found, is_last = self._string(text, place)
        self._key.append(found)
        if is_last:
            self._name = "".join(self._key)
            self._read = self._before_value
        yield from ()

    def _before_value(self, text: str, place: int) -> Iterator[Piece]:
        char = text[place]
        if char == ":" or char.isspace():
            self._place = place + 1
        elif char == '"' and self._name in self._strings:
            self._place = place + 1
            self._read = self._in_string
        elif char in '"{[':
            self._depth, self._is_quoted, self._is_escaped = 0, False, False
            self._read = self._in_value
        else:
            self._read = self._in_scalar
        yield from ()

    def _in_string(self, text: str, place: int) -> Iterator[Piece]:
        found, is_last = self._string(text, place)
        if is_last:
            self._read = self._between
        if found or is_last:
            yield Piece(self._name, found, is_string=True, is_last=is_last)

    def _in_scalar(self, text: str, place: int) -> Iterator[Piece]:
        match = _IN_SCALAR.match(text, place)
        self._place = match.end() if match else place
        is_last = self._place < len(text)
        if is_last:
            self._read = self._between
        yield Piece(self._name, text[place : self._place], is_string=False, is_last=is_last)

    def _in_value(self, text: str, place: int) -> Iterator[Piece]:
        """Pass an object, a list or a quoted string on as it stands, up to its end or that of the text."""
        end, is_last = place, False
        while end < len(text) and not is_last:
            if self._is_escaped:
                self._is_escaped = False
                end += 1
                continue
            match = (_IN_STRING if self._is_quoted else _IN_VALUE).match(text, end)
            end = match.end() if match else end
            if end < len(text):
                is_last = self._weigh(text[end])
                end += 1
        self._place = end
        if is_last:
            self._read = self._between
        yield Piece(self._name, text[place:end], is_string=False, is_last=is_last)

    def _weigh(self, char: str) -> bool:
        """Take a character that opens or closes something, and tell whether the value ends with it."""
        if char == "\\":
            self._is_escaped = True
        elif char == '"':
            self._is_quoted = not self._is_quoted
            return self._depth == 0 and not self._is_quoted
        elif char in "{[":
            self._depth += 1
        else:
            self._depth -= 1
            return self._depth <= 0
        return False

    def _string(self, text: str, place: int) -> tuple[str, bool]:
        """Decode a string up to its end or that of the text, and tell whether it is whole."""
        decoded: list[str] = []
        while place < len(text):
            if self._escape:
                self._escape += text[place]
                place += 1
                decoded += self._unescaped()
                continue
            match = _IN_STRING.match(text, place)
            end = match.end() if match else place
            if end > place:
                decoded += (self._lost(), text[place:end])
            place = end + 1
            if end < len(text):
                if text[end] == '"':
                    self._place = place
                    decoded.append(self._lost())
                    return "".join(decoded), True
                self._escape = "\\"
        self._place = len(text)
        return "".join(decoded), False

    def _unescaped(self) -> Iterator[str]:
        """Yield what an escape stands for once it is whole; a pair of surrogates is one character."""
        escape = self._escape
        if escape[1] == "u" and len(escape) < _ESCAPE_CHARS:
            return
        self._escape = ""
        if escape[1] != "u":
            yield self._lost()
            yield _ESCAPES.get(escape[1], escape[1])
            return
        try:
            code = int(escape[2:], 16)
        except ValueError:
            yield from (self._lost(), _LOST)
            return
        if 0xD800 <= code < 0xDC00:
            yield self._lost()
            self._high = chr(code)
        elif 0xDC00 <= code < 0xE000 and self._high:
            pair, self._high = 0x10000 + ((ord(self._high) - 0xD800) << 10) + code - 0xDC00, ""
            yield chr(pair)
        else:
            yield self._lost()
            yield _LOST if 0xDC00 <= code < 0xE000 else chr(code)

    def _lost(self) -> str:
        """Return what stands for half a pair whose other half did not come."""
        high, self._high = self._high, ""
        return _LOST if high else ""
