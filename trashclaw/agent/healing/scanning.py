"""Reads the text of a call into brackets, separators and values, without changing or losing one value."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from trashclaw.agent.healing.literals import CLOSING, OPENING, Unclear, Unpaired, decode, end_of, open_quote

TOKENS_LIMIT = 4_000
DEPTH_LIMIT = 32
CONSTANTS = {"true": True, "false": False, "null": None, "True": True, "False": False, "None": None}

_BLANK = re.compile(r"[\s\ufeff\u200b]*")
_COMMENT = re.compile(r"//[^\n]*|#[^\n]*|/\*[\s\S]*?\*/")
_AFTER_NAME = re.compile(r"\s*+[:=]")
_AFTER_VALUE = re.compile(r"\s*+(?:[,;}\])]|\Z)|\s++(?://|#|/\*)")
_AFTER_ITEM = re.compile(r"\s*+(?:[,;:}\])]|\Z)|\s++(?://|#|/\*)")
_NEXT_KEY = re.compile(rf"\s*+(?:[{OPENING}][^{OPENING}\n]{{1,64}}[{OPENING}]|(?<=\s)[A-Za-z_][\w-]{{0,63}})\s*[:=]")
_BARE_KEY = re.compile(r"([A-Za-z_][\w-]{0,63})[\"']?\s{0,9}(?=:|=)")
_OPEN_KEY = re.compile(rf"[{OPENING}]([A-Za-z_][\w-]{{0,63}})\s{{0,9}}(?=:\s{{0,9}}[{OPENING}\[{{0-9tfnTFN-])")
_BARE = re.compile(r"[A-Za-z0-9_./~+-]{1,400}")
_AFTER_BARE = re.compile(r"[^\S\n]*+(?:[,;}\])\n]|//|#|/\*)")
_NEXT_MEMBER = re.compile(rf"[^\S\n]++[{OPENING}][^{OPENING}\n]{{1,64}}[{OPENING}]\s*+:")
_TAIL = re.compile(r"\s*+\Z")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?")
_NUMBER_LIKE = re.compile(
    r"[+-]?\.?[0-9][0-9_.eE+xXa-fA-F-]*|[+-]?(?:nan|inf|infinity)|undefined|[./~+-]*", re.IGNORECASE
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_KNOWN = frozenset("nrtu\\")
_PAIRS = {"{": "}", "[": "]", "(": "]"}
_CLOSERS = {"}": "}", "]": "]", ")": "]"}


@dataclass(slots=True)
class Scan:
    """A text as tokens: brackets, `,`, `:` and `"s0"`, `"s1"`, ... for its values."""

    tokens: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    end: int = 0
    """Where the text goes on behind the last bracket."""

    faults: set[str] = field(default_factory=set)
    """What was not as JSON has it, in words for a person."""

    is_doubtful: bool = False
    """A value could be meant in two ways."""

    def add_value(self, value: Any) -> None:
        """Append a value."""
        self.tokens.append(f'"s{len(self.values)}"')
        self.values.append(value)

    def copy(self) -> Scan:
        """Return a copy to go on with in another way."""
        return Scan([*self.tokens], [*self.values], self.end, {*self.faults}, self.is_doubtful)


def scan(text: str, start: int) -> Scan:
    """Read the object or list that begins at `start`, each string up to the first quote that can end it.

    Raises:
        Unclear: the quotes do not pair up, it ends in the middle of a value, or something in it is no value.
    """
    return _Scanner(text, start).run()


class _Scanner:
    def __init__(self, text: str, start: int) -> None:
        self._text = text
        self._at = start
        self._stack: list[str] = []
        self._done = Scan()
        self._is_end_sure = False
        self._has_odd = False
        self._has_known = False

    def run(self) -> Scan:
        text = self._text
        while True:
            self._skip()
            if self._at >= len(text):
                self._check_end()
                break
            self._step(text[self._at])
            if len(self._done.tokens) > TOKENS_LIMIT:
                raise Unclear("it has too many parts")
            if not self._stack:
                break
        self._done.end = self._at
        return self._done

    def _skip(self) -> None:
        while True:
            blank = _BLANK.match(self._text, self._at)
            self._at = blank.end() if blank else self._at
            comment = _COMMENT.match(self._text, self._at)
            if comment is None:
                return
            if comment[0].count('"') % 2:
                raise Unpaired("a comment holds half a string")
            self._done.faults.add("a comment")
            self._at = comment.end()
            self._is_end_sure = self._is_end_sure and comment[0].endswith("*/")

    def _check_end(self) -> None:
        if not self._is_end_sure:
            raise Unclear("it ends before its last value does")
        self._done.faults.add("missing brackets")

    def _step(self, char: str) -> None:
        if char in _PAIRS:
            self._open(char)
        elif char in _CLOSERS:
            self._close(char)
        elif char in ",;":
            self._separate(char)
        elif char in ":=":
            self._colon(char)
        elif not self._take_key():
            self._take_value()

    @property
    def _last(self) -> str:
        return self._done.tokens[-1] if self._done.tokens else ""

    @property
    def _is_key_due(self) -> bool:
        return self._stack[-1:] == ["{"] and self._last != ":"

    def _open(self, char: str) -> None:
        if len(self._stack) >= DEPTH_LIMIT:
            raise Unclear("it is nested too deeply")
        if char == "{" and self._is_key_due and self._stack[-2:] == ["[", "{"] and self._last == ",":
            self._end_entry()
        if self._stack and self._last not in {"{", "[", ",", ":"}:
            self._done.faults.add("a missing comma")
        self._stack.append(char)
        self._done.tokens.append("{" if char == "{" else "[")
        if char == "(":
            self._done.faults.add("Python words")
        self._at += 1
        self._is_end_sure = False

    def _end_entry(self) -> None:
        """Close an object of a list whose bracket is missing: another one begins where a name is due."""
        self._done.faults.add("missing brackets")
        self._stack.pop()
        self._done.tokens[-1:] = ["}", ","]

    def _close(self, char: str) -> None:
        closer = _CLOSERS[char]
        if all(_PAIRS[opener] != closer for opener in self._stack):
            raise Unclear(f"a {char} closes nothing")
        if self._last == ":":
            raise Unclear("a value is missing")
        if self._stack[-1] == "(" and len(self._done.tokens) > 1 and self._done.tokens[-2] == "[" and self._last != ",":
            raise Unclear("one value in parentheses is no list")
        while _PAIRS[self._stack.pop()] != closer:
            self._done.faults.add("missing brackets")
        if self._last == ",":
            self._done.faults.add("a comma too many")
        self._done.tokens.append(closer)
        self._at += 1
        self._is_end_sure = True

    def _separate(self, char: str) -> None:
        if char == ";":
            self._done.faults.add("a wrong separator")
        if self._last == ":":
            raise Unclear("a value is missing")
        if self._last in {",", "{", "["}:
            if self._stack[-1] != "{":
                raise Unclear("a value is missing")
            self._done.faults.add("a comma too many")
        self._done.tokens.append(",")
        self._at += 1
        self._is_end_sure = False

    def _colon(self, char: str) -> None:
        self._at += 2 if self._text.startswith("=>", self._at) else 1
        if char == "=":
            self._done.faults.add("a wrong separator")
        self._done.tokens.append(":")
        self._is_end_sure = False

    def _take_key(self) -> bool:
        """Take a key that lacks quotes."""
        if not self._is_key_due:
            return False
        found = _BARE_KEY.match(self._text, self._at) or _OPEN_KEY.match(self._text, self._at)
        if found is None:
            return False
        self._done.faults.add("missing quotes")
        self._append(found[1], found.end())
        return True

    def _take_value(self) -> None:
        opened = open_quote(self._text, self._at)
        if opened is None:
            self._take_bare()
        else:
            self._take_string(*opened)

    def _take_string(self, quote: str, is_raw: bool) -> None:
        begin = self._at + is_raw + len(quote)
        found = end_of(quote, is_raw=is_raw).match(self._text, begin)
        end = found.end() if found else begin
        after = end + len(quote)
        if not _closes(self._text[end:after], quote):
            raise Unpaired("it ends inside a string")
        body = self._text[begin:end]
        if len(quote) == 3 and (self._text[after : after + 1] == quote[0] or body.startswith(quote[0])):
            raise Unclear("a block of text begins or ends with quotes")
        follows = _AFTER_NAME if self._is_key_due else _AFTER_ITEM if self._stack[-1] == "[" else _AFTER_VALUE
        if not follows.match(self._text, after) and (self._is_key_due or not _NEXT_KEY.match(self._text, after)):
            raise Unpaired("a quote inside a string is not escaped")
        if quote != '"':
            self._done.faults.add("other quotes")
        if is_raw:
            self._done.faults.add("Python words")
        elif "\\" in body:
            self._note_escapes({*_ESCAPE.findall(body)})
        self._append(decode(body, quote, is_raw=is_raw), after)
        self._is_end_sure = True

    def _note_escapes(self, escapes: set[str]) -> None:
        """Refuse a call in which some backslashes are doubled and some are not: it tells nothing of the others."""
        self._has_odd = self._has_odd or bool(escapes - _KNOWN - {'"', "'", "/"})
        self._has_known = self._has_known or bool(escapes & _KNOWN)
        if self._has_odd and self._has_known:
            raise Unclear("some backslashes are doubled and some are not")
        if self._has_odd:
            self._done.faults.add("backslashes")

    def _take_bare(self) -> None:
        found = _BARE.match(self._text, self._at)
        if found is None:
            raise Unpaired(f"{self._text[self._at]!r} is no value")
        word = found[0]
        tail = _TAIL.match(self._text, found.end())
        is_last = tail is not None and (word in CONSTANTS or "\n" in tail[0])
        is_ended = _AFTER_BARE.match(self._text, found.end()) or _NEXT_MEMBER.match(self._text, found.end())
        if not (is_ended or is_last):
            raise Unpaired("a value without quotes has no clear end")
        self._append(self._bare(word), found.end())
        self._is_end_sure = is_last

    def _bare(self, word: str) -> Any:
        if self._is_key_due:
            raise Unpaired("a name without a value")
        if word in CONSTANTS:
            if not word.islower():
                self._done.faults.add("Python words")
            return CONSTANTS[word]
        if number := _NUMBER.fullmatch(word):
            return float(word) if number[1] or number[2] else int(word)
        if _NUMBER_LIKE.fullmatch(word) or "//" in word:
            raise Unclear(f"{word[:40]} is no value")
        self._done.faults.add("missing quotes")
        return word

    def _append(self, value: Any, at: int) -> None:
        if self._last.startswith('"') or self._last in {"}", "]"}:
            if self._stack[-1] != "{":
                raise Unclear("two values stand side by side")
            self._done.faults.add("a missing comma")
        self._done.add_value(value)
        self._at = at
        self._is_end_sure = False


def _closes(found: str, quote: str) -> bool:
    return found == quote if len(quote) == 3 else bool(found) and found in CLOSING[quote]
