"""What may stand between the app and the terminal: tmux or screen, and how a control sequence gets through them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from trashclaw.faces.tui.programs import run_program

_SCREEN_CHARS = 500
"""What screen takes in one string is 768 bytes, the frame included."""

_ASKED = "#{allow-passthrough} #{client_termname} #{client_termtype}"
_ASK_S = 1.0


class Multiplexer(Enum):
    """What shows several terminals in one."""

    NONE = "none"
    TMUX = "tmux"
    SCREEN = "screen"


class Outside(NamedTuple):
    """What tmux says of the terminal around it."""

    passes_through: bool = False
    """Whether a sequence wrapped by `through_tmux` is handed on."""

    terminal: str = ""
    """The name and the kind of that terminal, as far as it told them: `xterm-kitty`, `iTerm2 3.5`."""


def multiplexer_of(environ: Mapping[str, str]) -> Multiplexer:
    """Tell what is in between."""
    if environ.get("TMUX"):
        return Multiplexer.TMUX
    if environ.get("STY") or environ.get("TERM", "").startswith("screen"):
        return Multiplexer.SCREEN
    return Multiplexer.NONE


def through_tmux(sequence: str) -> str:
    """Wrap a sequence so that tmux hands it on to the terminal around it, unless `allow-passthrough` is off."""
    return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"


def through_screen(sequence: str) -> str:
    """Wrap a sequence so that screen hands it on, in as many pieces as it takes."""
    pieces = [sequence[start : start + _SCREEN_CHARS] for start in range(0, len(sequence), _SCREEN_CHARS)]
    return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)


async def ask_tmux() -> Outside:
    """Ask the tmux around us what it passes on, and to which terminal; nothing known where it does not answer."""
    told = await run_program(["tmux", "display-message", "-p", _ASKED], limit_s=_ASK_S)
    if told is None:
        return Outside()
    passes, _, terminal = told.decode("utf-8", "replace").strip().partition(" ")
    return Outside(passes in {"on", "all", "1"}, terminal.strip())
