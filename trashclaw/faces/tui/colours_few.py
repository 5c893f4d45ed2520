"""The same picture with sixteen colours or none: hues, weight and reverse instead of inks and grounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from trashclaw.config.contrast import contrast
from trashclaw.faces.tui.drawing.look import look_of_theme

if TYPE_CHECKING:
    from textual.app import App
    from textual.theme import Theme

_FEW_HUES = ((0, "red"), (60, "yellow"), (120, "green"), (180, "cyan"), (250, "cyan"), (300, "magenta"), (360, "red"))
"""Degrees of the colour wheel and the nearest of the sixteen; blue is left out, which is hard to read on black."""

_HUES_OF_ROLES = {
    "primary": "cyan",
    "accent": "magenta",
    "success": "green",
    "warning": "yellow",
    "error": "red",
    "cloud": "cyan",
}
_GREY_BELOW = 0.18
_STANDS_OUT = 2.5
"""Contrast of a ground with the usual one from which on it is shown reversed where there are no grounds."""

_MARKED_PLACES = (
    "screen-selection-background",
    "input-selection-background",
    "block-cursor-background",
    "input-cursor-background",
    "scrollbar",
    "scrollbar-hover",
    "scrollbar-active",
)
_MOST_KNOWN = 4096
Key = tuple[object, ...]


class FewColours(LineFilter):
    """Draws on the terminal's own ground: what stood out by its ground is reversed or underlined, ink keeps its hue.

    Without hues, ink that means something is bold, and quiet ink dim.
    """

    def __init__(self, app: App[Any], *, has_hues: bool) -> None:
        super().__init__()
        self._app = app
        self._has_hues = has_hues
        self._inks: _Inks | None = None

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in styles that need no more colours than there are."""
        theme = self._app.current_theme
        inks = self._inks
        if inks is None or inks.theme is not theme:
            inks = self._inks = _Inks(theme, has_hues=self._has_hues)
        made: list[Segment] = []
        for text, style, control in segments:
            if style is not None:
                plain = style.without_color + inks.marks(style.color, style.bgcolor)
                style = plain + Style.from_meta(style.meta) if style.meta else plain
            made.append(Segment(text, style, control))
        return made


class _Inks:
    """What the inks and grounds of one theme mean, and how each is shown without them."""

    def __init__(self, theme: Theme, *, has_hues: bool) -> None:
        self.theme = theme
        self._has_hues = has_hues
        self._known: dict[tuple[RichColor | None, RichColor | None], Style] = {}
        named = {"foreground": theme.foreground, "primary": theme.primary, "accent": theme.accent}
        named |= {"success": theme.success, "warning": theme.warning, "error": theme.error}
        named |= {role: theme.variables.get(role) for role in ("muted", "line", "cloud")}
        self._roles = {_key_of(value): role for role, value in reversed(named.items()) if value is not None}
        look = look_of_theme(theme, is_ascii=False)
        marked = (theme.variables[place] for place in _MARKED_PLACES if place in theme.variables)
        self._marked_grounds = {_key(look.cursor.bgcolor), *map(_key_of, marked)}
        self._changed_grounds = {_key(look.added_words.bgcolor), _key(look.removed_words.bgcolor)}

    def marks(self, ink: RichColor | None, ground: RichColor | None) -> Style:
        """Return what stands for an ink and a ground."""
        found = self._known.get((ink, ground))
        if found is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            found = self._known[ink, ground] = self._find_marks(ink, ground)
        return found

    def _find_marks(self, ink: RichColor | None, ground: RichColor | None) -> Style:
        role = self._roles.get(_key(ink), "")
        is_reversed = ground is not None and (_key(ground) in self._marked_grounds or self._stands_out(ground))
        is_underlined = ground is not None and _key(ground) in self._changed_grounds
        is_loud = role in {"warning", "error"} or (role in {"accent", "cloud"} and not self._has_hues)
        return Style(
            color=self._hue(role, ink) if not is_reversed else None,
            bold=True if is_loud or is_underlined else None,
            dim=True if role in {"muted", "line"} and not is_reversed else None,
            reverse=True if is_reversed else None,
            underline=True if is_underlined else None,
        )

    def _hue(self, role: str, ink: RichColor | None) -> RichColor | None:
        """Return the one of the sixteen colours that an ink is nearest to; none for grey, left to the terminal."""
        if not self._has_hues or ink is None or ink.triplet is None:
            return ink if self._has_hues else None
        if role:
            named = _HUES_OF_ROLES.get(role)
            return RichColor.parse(named) if named else None
        hue, saturation, _ = Color.from_rich_color(ink).hsv
        if saturation < _GREY_BELOW:
            return None
        return RichColor.parse(min(_FEW_HUES, key=lambda entry: abs(entry[0] - hue * 360))[1])

    def _stands_out(self, ground: RichColor) -> bool:
        usual = Color.parse(self.theme.background or "ansi_default")
        if ground.triplet is None or usual.ansi is not None:
            return False
        return contrast(ground.triplet.hex, usual.hex6) >= _STANDS_OUT


def _key(colour: RichColor | None) -> Key:
    """Return what is the same for two colours that look the same, however they are called."""
    return (colour.type, colour.number, colour.triplet) if colour is not None else ()


def _key_of(value: str) -> Key:
    return _key(Color.parse(value).rich_color)
