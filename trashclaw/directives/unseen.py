"""Takes out of a text what a person does not see and a model reads: the usual way to hide orders in a file."""

from __future__ import annotations

import re

_TAGS = "\U000e0000-\U000e0fff"
_FILLERS = "\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0"
_ZERO_WIDTH = "\u200b\u2028\u2029\u2060-\u206f\ufeff\ufff0-\ufffb"
_DIRECTION = "\u061c\u200e\u200f\u202a-\u202e"
_UNSEEN = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff{_FILLERS}{_ZERO_WIDTH}{_DIRECTION}{_TAGS}]")
_JOINERS = re.compile("[\u200c\u200d\ufe00-\ufe0f]+")
_JOINED_AT_MOST = 2
_KEYCAP = "\u20e3"
_NAME = re.compile(r"[\w./@+~=-]+")
_GAPS = re.compile(r"[\W_]+")
_WORDS_AT_MOST = 10
"""In one part of a path: `test_of_the_old_form.py` has six."""

NAME_CHARS = 80


def without_unseen(text: str) -> tuple[str, int]:
    """Return a text with plain line ends and no unseen characters, and how many there were.

    Those are control characters but for tabs and line feeds, marks of direction, characters without width, tags,
    fillers and lone surrogates. Joiners and selectors stay where a script or an emoji needs them: one or two behind a
    character that is not ASCII, and the selector of a keycap.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        return text, 0
    seen, count = _UNSEEN.subn("", text)
    kept = _JOINERS.sub(_needed, seen)
    return kept, count + len(seen) - len(kept)


def is_plain_name(path: str) -> bool:
    """Tell whether a path can be told to a model as what it is: short, without spaces and signs, no sentence in it."""
    parts = path.split("/")
    return (
        len(path) <= NAME_CHARS
        and _NAME.fullmatch(path) is not None
        and all(len(_GAPS.split(part)) <= _WORDS_AT_MOST for part in parts)
    )


def _needed(match: re.Match[str]) -> str:
    run, text = match.group(), match.string
    before = text[match.start() - 1] if match.start() else " "
    is_needed = before > "\x7f" and not before.isspace() and len(run) <= _JOINED_AT_MOST
    is_keycap = len(run) == 1 and text[match.end() : match.end() + 1] == _KEYCAP
    return run if is_needed or is_keycap else ""
