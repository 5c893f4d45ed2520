"""What of a text decides how many tokens it is: the kinds of signs in it, and what a known tokenizer makes of them."""

from __future__ import annotations

import re
import string
from collections.abc import Callable

Count = Callable[[str], int]
Features = tuple[float, ...]

TEXT_KINDS = ("ascii_tokens", "letters", "digits", "spaces", "marks", "two", "three", "cjk", "four", "other_tokens")
"""The entries of `text_features`, in order.

Tokens are those of the known tokenizer, in the ASCII part and in the rest; the others are numbers of characters, those
beyond ASCII by their length in UTF-8, with Chinese, Japanese and Korean apart: that is where tokenizers differ most.
"""

NOTHING: Features = (0.0,) * len(TEXT_KINDS)

_BYTES_A_TOKEN = 3.6
"""Before the first answer: source code and English in the tokenizers of current local models."""

_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_ALL = frozenset(range(256))


def _but(*kept: range | bytes) -> bytes:
    """Return what to delete of a text's bytes so that only these stay."""
    return bytes(sorted(_ALL.difference(*kept)))


_LETTERS = _but(string.ascii_letters.encode())
_DIGITS = _but(string.digits.encode())
_SPACES = _but(string.whitespace.encode())
_TWO, _THREE, _CJK, _FOUR = (
    _but(range(0xC2, 0xE0)),
    _but(range(0xE0, 0xE3), range(0xEE, 0xF0)),
    _but(range(0xE3, 0xEE)),
    _but(range(0xF0, 0xF8)),
)
"""The first bytes of characters; a character has one of them."""


def count_roughly(text: str) -> int:
    """Estimate the tokens of a text from its size alone."""
    return int(len(text.encode("utf-8", "replace")) / _BYTES_A_TOKEN) + 1 if text else 0


def text_features(text: str, count: Count) -> Features:
    """Return the figures of a text, in the order of `TEXT_KINDS`; `count` is the known tokenizer."""
    if not text:
        return NOTHING
    data = text.encode("utf-8", "replace")
    tokens = count(text)
    letters, digits, spaces = (len(data.translate(None, other)) for other in (_LETTERS, _DIGITS, _SPACES))
    if len(data) == len(text):
        marks = len(data) - letters - digits - spaces
        return (tokens, letters, digits, spaces, marks, 0.0, 0.0, 0.0, 0.0, 0.0)
    two, three, cjk, four = (len(data.translate(None, other)) for other in (_TWO, _THREE, _CJK, _FOUR))
    marks = len(text) - letters - digits - spaces - two - three - cjk - four
    foreign = min(tokens, count("".join(_FOREIGN.findall(text))))
    return (tokens - foreign, letters, digits, spaces, max(0, marks), two, three, cjk, four, foreign)
