"""Makes foreign text safe to show: what would steer a terminal is shown as a sign instead of being obeyed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_PLAIN = re.compile(r"[\n\x20-\x7e]*")
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = "\u00ad\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_STEERING = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff{_BIDI}{_UNSEEN}]")
_JOINED = re.compile("(?<=[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff])[\u200d\ufe0e\ufe0f]+")
_LONE_SELECTOR = re.compile("[\ufe0e\ufe0f]")
_MANY_MARKS = 4
_WORD = re.compile(r"[^\W\d_]{3}")


def visible(text: str, *, keep_tabs: bool = False) -> str:
    """Return text in which nothing steers a terminal and every column is as wide as it is counted.

    Control characters become their pictures (`ESC` is `␛`), C1 controls, direction marks and unseen characters become
    `<U+202E>`, lone surrogates U+FFFD. Joiners and selectors between emoji go away, since terminals disagree about
    their width. Line feeds stay; tabs become spaces unless `keep_tabs`.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n")
    if not keep_tabs and "\t" in text:
        text = text.expandtabs(4)
    text = _STEERING.sub(_sign, text)
    text = _LONE_SELECTOR.sub("", _JOINED.sub("", text))
    return text if text.isascii() else _bounded_marks(text)


def visible_line(text: str) -> str:
    """Return foreign text as one line: line feeds are shown as `⏎`."""
    return visible(text).replace("\n", "⏎")


def telling_line(lines: Sequence[str]) -> str:
    """Return the first line that has a word in it, as test runners draw lines of signs; empty where none has."""
    return next((line for line in lines if _WORD.search(line)), "")


def _sign(match: re.Match[str]) -> str:
    character = match.group()
    code = ord(character)
    if character == "\t":
        return character
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"<U+{code:04X}>"


def _bounded_marks(text: str) -> str:
    """Drop combining marks beyond a few on one character; a pile of them paints over other lines."""
    if not any(unicodedata.combining(character) for character in text):
        return text
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MANY_MARKS:
            kept.append(character)
    return "".join(kept)
