"""The terminal's background: it is asked for, so that the theme of somebody who chose none is light on a light one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from textual.message import Message

QUERY = "\x1b]11;?\x1b\\"
"""OSC 11; a terminal that does not know it says nothing."""

HELD_S = 0.1
"""The rest of an answer that has begun comes within this."""

ANSWER_S = 0.2
"""An answer comes within this after the question, or most likely never."""

_ANSWER = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F/]{5,19})(?:\x07|\x1b\\)")
_BEGUN = re.compile(r"\x1b\]1[^\x07\x1b]{0,40}\x1b?\Z")
"""Not the first two characters alone: those are Alt+]."""

_PASTE = re.compile(r"\x1b\[20([01])~")
_PASTE_BEGUN = re.compile(r"\x1b(?:\[(?:2(?:0[01]?)?)?)?\Z")
"""Where a piece ends in the mark of a paste's beginning or end, as far as it came."""

_BARE = frozenset({"linux", "dumb"})
"""By `TERM`: consoles that may draw a question that they do not know."""

_MIDDLE = 0.18
"""The luminance that is as far from black as from white, for the eye."""


class GroundTold(Message):
    """The terminal has said whether its background is light."""

    def __init__(self, *, is_light: bool) -> None:
        super().__init__()
        self.is_light = is_light


class GroundAnswer:
    """Takes the answer out of what the terminal sends, which is keys but for that."""

    def __init__(self) -> None:
        self.is_light: bool | None = None
        """What the answer says, once it came."""

        self._held = ""
        self._is_pasting = False
        self._mark = ""
        """What came last of a mark that may go on as that of a paste; it has been handed on."""

    @property
    def is_begun(self) -> bool:
        """Whether something is held back that may be the beginning of the answer."""
        return bool(self._held)

    def take(self, text: str) -> str:
        """Return the keys in what came; what may go on as the answer is held back.

        What is pasted is never the answer, whatever it looks like.
        """
        text, self._held = self._held + text, ""
        keys, typed = [], ""
        for is_pasted, part in self._parts(text):
            typed = "" if is_pasted else part
            if not is_pasted and self.is_light is None and (found := _ANSWER.search(part)) is not None:
                part = part[: found.start()] + part[found.end() :]
                self.is_light = _is_light(found[1])
            keys.append(part)
        if typed and self.is_light is None and (begun := _BEGUN.search(keys[-1])):
            keys[-1], self._held = keys[-1][: begun.start()], begun[0]
        return "".join(keys)

    def _parts(self, text: str) -> Iterator[tuple[bool, str]]:
        """Yield the parts of a text, each with whether it is pasted, or the mark of a paste."""
        known, whole, at = len(self._mark), self._mark + text, 0
        for mark in _PASTE.finditer(whole):
            yield self._is_pasting, whole[max(at, known) : mark.start()]
            self._is_pasting, at = mark[1] == "0", mark.end()
            yield True, whole[max(mark.start(), known) : at]
        begun = _PASTE_BEGUN.search(whole, at)
        self._mark = begun[0] if begun is not None else ""
        yield self._is_pasting, whole[max(at, known) :]

    def give_up(self) -> str:
        """Return what was held back: it did not go on, so it is keys."""
        held, self._held = self._held, ""
        return held


def can_be_asked(environ: Mapping[str, str]) -> bool:
    """Tell whether a terminal may be asked: not one that has said so already, nor a bare console."""
    return environ.get("TERM", "") not in _BARE and not environ.get("COLORFGBG")


def _is_light(answer: str) -> bool | None:
    """Return whether a colour, as `ffff/e6/0` with one to four digits each, is light; `None` if it is no colour."""
    from trashclaw.config.contrast import luminance

    parts = answer.split("/")[:3]
    if len(parts) < 3 or not all(1 <= len(part) <= 4 for part in parts):
        return None
    colour = "".join(f"{int(part, 16) * 255 // (16 ** len(part) - 1):02x}" for part in parts)
    return luminance(f"#{colour}") > _MIDDLE
