"""The terminal's background: it is asked for, so that the theme of somebody who chose none is light on a light one."""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.message import Message

QUERY = "\x1b]11;?\x1b\\"
"""OSC 11; a terminal that does not know it says nothing."""

HELD_S = 0.1
"""The rest of an answer that has begun comes within this."""

_ANSWER = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F/]{5,19})(?:\x07|\x1b\\)")
_BEGUN = re.compile(r"\x1b\]1[^\x07\x1b]{0,40}\x1b?\Z")
"""Not the first two characters alone: those are Alt+]."""

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

    @property
    def is_begun(self) -> bool:
        """Whether something is held back that may be the beginning of the answer."""
        return bool(self._held)

    def take(self, text: str) -> str:
        """Return the keys in what came; what may go on as the answer is held back."""
        text, self._held = self._held + text, ""
        if (found := _ANSWER.search(text)) is not None:
            text = text[: found.start()] + text[found.end() :]
            self.is_light = _is_light(found[1])
        elif begun := _BEGUN.search(text):
            text, self._held = text[: begun.start()], begun[0]
        return text

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
