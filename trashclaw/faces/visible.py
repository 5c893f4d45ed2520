"""Makes foreign text safe to show: what would steer a terminal is shown as a sign instead of being obeyed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from trashclaw.faces.marks import MARKS

_PLAIN = re.compile(r"[\n\x20-\x7e]*")
_CONTROLS = "\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSEEN = (
    "\u00ad\u115f\u180b-\u180f\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\u3164\ufdd0-\ufdef\ufeff\uffa0"
    "\ufff9-\ufffb\ufffe\uffff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SKIN = "\U0001f3fb-\U0001f3ff"
_FLAGS = "\U0001f1e6-\U0001f1ff"
_IDEOGRAPHS = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_JOINING = "\u0590-\u109f\u1780-\u18af\u1a00-\u1aff\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc"
"""Scripts that are written with joiners and non-joiners."""

_NEAR_MARKS = (
    "\u0300-\u036f\u0483-\u1dff\u20d0-\u20ff\u2cef-\u2cf1\u2d7f-\u2dff\u302a-\u302f\u3099\u309a\ua66f-\uabff"
    "\ud7b0-\ud7ff\ufb1e\ufe20-\ufe2f\U00010000-\U0001efff"
)
"""All of `MARKS` and what stands among them: to look for it takes no table that has to be read at the start."""

_ODD = f"[{_CONTROLS}{_BIDI}{_UNSEEN}{_SELECTORS}{_SKIN}{_FLAGS}\u200c\u200d{_NEAR_MARKS}]"
_STEERING = f"[{_CONTROLS}{_BIDI}{_UNSEEN}{_SELECTORS}{_SKIN}\u200d]|(?<![{_JOINING}])\u200c"
_FLAG = f"[{_FLAGS}]"
_LEFT_OUT = (
    # What makes another picture of an emoji: each terminal has its own width for that.
    f"(?<=[\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f3fa\U0001f400-\U0001faff])"
    f"(?=[\u200d\ufe0e\ufe0f{_SKIN}])[\ufe0e\ufe0f{_SKIN}]?\ufe0f?\u200d?(?![{_SELECTORS}])"
    f"|(?<=[!-~\u00a9\u00ae])[\ufe0e\ufe0f](?![{_SELECTORS}])"
    f"|(?<=[{_IDEOGRAPHS}])[{_SELECTORS}](?![{_SELECTORS}])"
    f"|(?<=[{_JOINING}])\u200d"
    # The flags of England, Scotland and Wales, the only ones that are spelled with tags.
    "|(?<=\U0001f3f4)\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074"
    "|\U000e0077\U000e006c\U000e0073)\U000e007f"
)
_WORD = r"[^\W\d_]{3}"


def visible(text: str, *, keep_tabs: bool = False) -> str:
    """Return text in which nothing steers a terminal and every column is as wide as it is counted.

    Control characters become their pictures (`ESC` is `␛`), C1 controls, direction marks and unseen characters become
    `<U+202E>`, lone surrogates U+FFFD. Joiners, selectors and skin tones of emoji go away and flags become their two
    letters, since terminals disagree about their width; of a pile of marks four stay. Line feeds stay; tabs become
    spaces unless `keep_tabs`.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = text.replace("\r\n", "\n")
    if not keep_tabs and "\t" in text:
        text = text.expandtabs(4)
    if not _compiled(_ODD).search(text):
        return text
    text = _compiled(_STEERING).sub(_sign, _compiled(_FLAG).sub(_letter, _compiled(_LEFT_OUT).sub("", text)))
    pile, no_base = _mark_patterns()
    return no_base.sub("\u25cc", pile.sub(r"\1", text))


def visible_line(text: str) -> str:
    """Return foreign text as one line: line feeds are shown as `⏎`."""
    return visible(text).replace("\n", "⏎")


def telling_line(lines: Sequence[str]) -> str:
    """Return the first line that has a word in it, as test runners draw lines of signs; empty where none has."""
    return next((line for line in lines if _compiled(_WORD).search(line)), "")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern compiled when it is first needed: most of what is shown is plain, at the start all of it."""
    return re.compile(pattern)


@cache
def _mark_patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds the marks beyond four on one character, which paint over other lines, and those on none."""
    return re.compile(f"([{MARKS}]{{4}})[{MARKS}]+"), re.compile(f"(?:^|(?<=\n))(?=[{MARKS}])")


def _letter(match: re.Match[str]) -> str:
    return chr(ord(match.group()) - 0x1F1E6 + ord("A"))


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
