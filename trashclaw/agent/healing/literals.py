"""Strings as models write them: under other quotes, with escapes that JSON does not know."""

from __future__ import annotations

import json
import re


class Unclear(Exception):
    """A text that cannot be read without guessing; the message says why."""


class Unpaired(Unclear):
    """Its quotes do not pair up: some of them may belong to a value."""


CLOSING = {
    '"': '"',
    "'": "'",
    "`": "`",
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{RIGHT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{DOUBLE LOW-9 QUOTATION MARK}": "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    "\N{RIGHT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
    '"""': '"""',
    "'''": "'''",
}
"""By the quote that opens a string: the characters that close it (a triple one as a whole)."""

OPENING = "".join(quote for quote in CLOSING if len(quote) == 1)
_OPEN = re.compile(rf"([rR]?)(\"\"\"|'''|[{OPENING}])")
_ESCAPE = re.compile(r'\\(u[0-9a-fA-F]{4}|.)|"', re.DOTALL)
_KEPT = re.compile(r"[A-Zac-eg-moqsvwyzu1-9.;()\[\]|+?{}^]\Z")
"""What stands behind a backslash that nobody would write as an escape: the backslash was meant."""

_PYTHON_ONLY = frozenset("av123456789NU/")


def end_of(quote: str, *, is_raw: bool = False) -> re.Pattern[str]:
    """Return the pattern of a string's text up to its end; it runs in linear time."""
    if len(quote) == 3:
        return re.compile(rf"[^\\{quote[0]}]*+(?:(?:\\.|{quote[0]}(?!{quote[0]}{{2}}))[^\\{quote[0]}]*+)*", re.DOTALL)
    if is_raw:
        return re.compile(rf"[^{CLOSING[quote]}]*+")
    return re.compile(rf"[^\\{CLOSING[quote]}]*+(?:\\.[^\\{CLOSING[quote]}]*+)*", re.DOTALL)


def open_quote(text: str, at: int) -> tuple[str, bool] | None:
    """Return the quote that opens a string here and whether it is a raw one of Python's, or nothing."""
    found = _OPEN.match(text, at)
    return (found[2], bool(found[1])) if found else None


def decode(body: str, quote: str, *, is_raw: bool = False) -> str:
    """Return what a string stands for.

    Raises:
        Unclear: an escape in it can be meant in two ways.
    """
    if "\\" not in body:
        return body
    if is_raw:
        if f"\\{quote[0]}" in body or body.endswith("\\"):
            raise Unclear("a raw string holds an escaped quote")
        return body
    if len(quote) == 3 or quote == "`":
        raise Unclear("a backslash in a block of text can be meant in two ways")
    return _unescaped(body, quote)


def _unescaped(body: str, quote: str) -> str:
    kept = known = bell = quoted = False
    for found in _ESCAPE.finditer(body):
        escape = found[1]
        if escape is None:
            continue
        if escape in {'"', quote}:
            quoted = True
            continue
        if escape in {"n", "t", "r", "\\"} or len(escape) > 1 or (escape == "/" and quote != "'"):
            known = True
        elif escape in {"b", "f"}:
            bell = True
        elif _KEPT.match(escape) and not (quote == "'" and escape in _PYTHON_ONLY):
            kept = True
        else:
            raise Unclear(f"the escape \\{escape} can be meant in two ways")
    if bell and not kept:
        raise Unclear("the escapes \\b and \\f can be meant in two ways")
    if kept and (known or quoted):
        raise Unclear("some backslashes are doubled and some are not")
    try:
        value = json.loads(f'"{_ESCAPE.sub(_as_json, body)}"', strict=False)
    except ValueError as error:
        raise Unclear(str(error)) from error
    return str(value)


def _as_json(found: re.Match[str]) -> str:
    escape = found[1]
    if escape is None or escape == '"':
        return '\\"'
    if escape == "'":
        return "'"
    return found[0] if len(escape) > 1 or escape in "ntr\\/" else f"\\\\{escape}"
