"""The same picture with 256 colours: near the theme's, and as readable as with all of them."""

from __future__ import annotations

from functools import lru_cache

from rich.color import Color as RichColor
from rich.color import ColorType
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from trashclaw.config.contrast import TEXT_RATIO, contrast

_STEPS = (0, 95, 135, 175, 215, 255)
_CUBE = [ColorTriplet(red, green, blue) for red in _STEPS for green in _STEPS for blue in _STEPS]
_GREYS = [ColorTriplet(level, level, level) for level in range(8, 239, 10)]
_TABLE = [*enumerate([*_CUBE, *_GREYS], start=16)]
"""The 240 of the 256 colours that look the same on every terminal, by number; the first sixteen are the person's."""


class ManyColours(LineFilter):
    """Takes the nearest of the 256 colours for a ground, and for an ink the nearest that is read as well on it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments in colours that there are."""
        made: list[Segment] = []
        for text, style, control in segments:
            if style is not None and (style.color is not None or style.bgcolor is not None):
                style = style + _near(style.color, style.bgcolor)
            made.append(Segment(text, style, control))
        return made


@lru_cache(maxsize=4096)
def _near(ink: RichColor | None, ground: RichColor | None) -> Style:
    near_ground = _near_ground(ground.triplet) if ground is not None and ground.triplet is not None else None
    below = _triplet_of(near_ground) if near_ground is not None else None
    near_ink = None
    if ink is not None and ink.triplet is not None:
        needed = 0.0
        if ground is not None and ground.triplet is not None:
            # A line or a shade that is faint on purpose stays so.
            needed = min(contrast(ink.triplet.hex, ground.triplet.hex), TEXT_RATIO)
        near_ink = _near_ink(ink.triplet, below, needed)
    return Style(color=near_ink, bgcolor=near_ground)


@lru_cache(maxsize=1024)
def _near_ground(wanted: ColorTriplet) -> RichColor:
    return _colour(min(_TABLE, key=lambda entry: _distance(entry[1], wanted))[0])


def _near_ink(wanted: ColorTriplet, ground: ColorTriplet | None, needed: float) -> RichColor:
    by_distance = sorted(_TABLE, key=lambda entry: _distance(entry[1], wanted))
    if ground is None:
        return _colour(by_distance[0][0])
    return _colour(next((number for number, near in by_distance if contrast(near.hex, ground.hex) >= needed), 231))


def _distance(one: ColorTriplet, other: ColorTriplet) -> float:
    """Return how different two colours look, roughly: the eye sees green best, and blue least."""
    middle = (one.red + other.red) / 2
    red, green, blue = one.red - other.red, one.green - other.green, one.blue - other.blue
    return (2 + middle / 256) * red * red + 4 * green * green + (2 + (255 - middle) / 256) * blue * blue


def _triplet_of(colour: RichColor) -> ColorTriplet:
    return dict(_TABLE)[colour.number or 16]


def _colour(number: int) -> RichColor:
    return RichColor(f"color({number})", ColorType.EIGHT_BIT, number=number)
