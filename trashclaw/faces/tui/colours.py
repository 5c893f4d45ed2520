"""How many colours the terminal has, and which filter draws the same picture with that many."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from textual.filter import Monochrome, NoColor

if TYPE_CHECKING:
    from textual.app import App
    from textual.filter import LineFilter

_DEEP_TERMINALS = ("kitty", "ghostty", "alacritty", "foot", "wezterm", "-direct", "iterm", "contour", "rio")
"""Parts of `TERM` that stand for 16 million colours, also where ssh has not brought `COLORTERM` along."""

_DEEP_PROGRAMS = frozenset({"iTerm.app", "WezTerm", "ghostty", "vscode", "WarpTerminal", "rio"})


class Depth(Enum):
    """How many colours there are."""

    NONE = 0
    SIXTEEN = 16
    MANY = 256
    ALL = 2**24


_SYSTEMS = {
    Depth.NONE: ColorSystem.STANDARD,
    Depth.SIXTEEN: ColorSystem.STANDARD,
    Depth.MANY: ColorSystem.EIGHT_BIT,
    Depth.ALL: ColorSystem.TRUECOLOR,
}


def depth_of(environ: Mapping[str, str]) -> Depth:
    """Return how many colours a terminal shows, by what it says of itself."""
    if environ.get("NO_COLOR"):
        return Depth.NONE
    term = environ.get("TERM", "").strip().lower()
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Depth.ALL
    is_wrapped = bool(environ.get("TMUX") or environ.get("STY"))
    is_deep = any(part in term for part in _DEEP_TERMINALS) or environ.get("TERM_PROGRAM") in _DEEP_PROGRAMS
    if not is_wrapped and (is_deep or environ.get("WT_SESSION")):
        return Depth.ALL
    if "256color" in term:
        return Depth.MANY
    return Depth.NONE if term in {"vt100", "vt102", "vt220", "vt320"} else Depth.SIXTEEN


def settle_colours(app: App[Any], environ: Mapping[str, str]) -> None:
    """Let an app draw with the colours that there are; called once, when it is made."""
    depth = depth_of(environ)
    app._filters = [known for known in app._filters if not isinstance(known, (Monochrome, NoColor))]
    app.console._color_system = _SYSTEMS[depth]
    if depth is not Depth.ALL:
        app._filters.append(_filter_for(app, depth))


def _filter_for(app: App[Any], depth: Depth) -> LineFilter:
    if depth is Depth.MANY:
        from trashclaw.faces.tui.colours_many import ManyColours

        return ManyColours()
    from trashclaw.faces.tui.colours_few import FewColours

    return FewColours(app, has_hues=depth is Depth.SIXTEEN)
