"""The look: styles, signs and the console with which panes turn values into lines."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from io import StringIO
from typing import NamedTuple

from rich.color import Color as RichColor
from rich.console import Console
from rich.style import Style
from textual.color import Color
from textual.theme import Theme

from trashclaw.config.contrast import CURSOR_PART, LINE_PART, WORD_PART


class Signs(NamedTuple):
    """The signs that stand beside a colour, so that colour is never the only one. All one cell wide."""

    user: str = "▌"
    done: str = "✓"
    running: str = "▸"
    pending: str = "·"
    failed: str = "✗"
    waiting: str = "?"
    left_out: str = "–"
    thought: str = "∴"
    notice: str = "●"
    folded: str = "▸"
    unfolded: str = "▾"
    bullet: str = "•"
    quote: str = "│"
    rule: str = "─"
    ellipsis: str = "…"
    goes_on: str = "↪"
    """Stands before what is left of a line that did not fit."""

    dot: str = "·"
    prompt: str = "❯"
    point: str = "›"
    on: str = "■"
    off: str = "□"
    partly: str = "◧"
    warns: str = "!"
    progress: tuple[str, ...] = ("·", "•", "●", "•")
    down: str = "↓"
    up: str = "▲"
    full: str = "█"
    empty: str = "░"
    kept: str = "▒"


ASCII = Signs(
    user="|",
    done="+",
    running=">",
    pending=".",
    failed="x",
    waiting="?",
    left_out="-",
    thought="~",
    notice="*",
    folded=">",
    unfolded="v",
    bullet="*",
    quote="|",
    rule="-",
    ellipsis="~",
    goes_on="\\",
    dot="-",
    prompt=">",
    point=">",
    on="x",
    off=" ",
    partly="-",
    progress=(".", "o", "O", "o"),
    down="v",
    up="^",
    full="#",
    empty=".",
    kept="=",
)
"""For terminals and fonts that have nothing else."""


class Look(NamedTuple):
    """Everything that pure rendering functions need to know of the screen they draw for."""

    text: Style
    strong: Style
    muted: Style
    faint: Style
    primary: Style
    accent: Style
    success: Style
    warning: Style
    error: Style
    cloud: Style
    code: Style
    added: Style
    removed: Style
    added_words: Style
    removed_words: Style
    cursor: Style
    signs: Signs
    console: Console


def plain_console() -> Console:
    """Return a console that only lays out text: it writes nowhere and interprets nothing."""
    return Console(
        file=StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        markup=False,
        emoji=False,
        highlight=False,
        width=80,
    )


def look_of_theme(theme: Theme, *, is_ascii: bool) -> Look:
    """Return the look of a theme made by `themes.py`; the same one for the same colours."""
    colours = {"primary": theme.primary, "accent": theme.accent, "surface": theme.surface, "panel": theme.panel}
    colours |= {"foreground": theme.foreground, "success": theme.success, "warning": theme.warning}
    colours |= {"error": theme.error, "background": theme.background}
    known = {name: colour for name, colour in colours.items() if colour is not None}
    ours = {name: theme.variables[name] for name in ("muted", "line", "cloud")}
    return _shared_look(tuple(sorted((known | ours).items())), is_ascii)


@lru_cache(maxsize=8)
def _shared_look(colours: tuple[tuple[str, str], ...], is_ascii: bool) -> Look:
    return look_of(dict(colours), ASCII if is_ascii else Signs())


def look_of(variables: Mapping[str, str], signs: Signs) -> Look:
    """Return the look for colours by name: those of `themes.COLOURS`, where `line` is the border's."""

    def colour(name: str) -> Color:
        return Color.parse(variables[name])

    def ink(name: str, *, bold: bool = False) -> Style:
        return Style(color=_rich(colour(name)), bold=bold or None)

    is_ansi = colour("background").ansi is not None

    def tint(name: str, part: float) -> Style:
        return Style(bgcolor=_rich(colour("background").blend(colour(name), part, alpha=1.0)))

    # The terminal's own colours cannot be mixed: lines take the ink itself, and what stands out is turned round.
    turned = Style(reverse=True)

    return Look(
        text=ink("foreground"),
        strong=ink("foreground", bold=True),
        muted=ink("muted"),
        faint=ink("line"),
        primary=ink("primary"),
        accent=ink("accent"),
        success=ink("success"),
        warning=ink("warning"),
        error=ink("error"),
        cloud=ink("cloud"),
        code=ink("primary") if is_ansi else Style(bgcolor=_rich(colour("panel"))),
        added=ink("success") if is_ansi else tint("success", LINE_PART),
        removed=ink("error") if is_ansi else tint("error", LINE_PART),
        added_words=ink("success") + turned if is_ansi else ink("foreground") + tint("success", WORD_PART),
        removed_words=ink("error") + turned if is_ansi else ink("foreground") + tint("error", WORD_PART),
        cursor=turned if is_ansi else tint("accent", CURSOR_PART),
        signs=signs,
        console=plain_console(),
    )


def _rich(color: Color) -> RichColor:
    return color.rich_color
