"""Whether a theme can be read: WCAG contrast of everything that is written, on everything it is written on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

CURSOR_PART = 0.12
SELECTION_PART = 0.24
LINE_PART = 0.12
WORD_PART = 0.28
"""How much of a colour is mixed into the background for the current row, a selection, a changed line and word."""

TEXT_RATIO = 4.5
SIGN_RATIO = 3.0
"""What WCAG 2.2 AA asks for text, and for large text, borders and signs."""

_GROUNDS = ("background", "surface", "panel")
_INKS = ("primary", "accent", "success", "warning", "error", "cloud")


class Pair(NamedTuple):
    """An ink on a ground of a theme."""

    ink: str
    ground: str
    ratio: float
    needed: float

    def __str__(self) -> str:
        """Return it for a person: `muted on panel 3.90:1, needs 4.5:1`."""
        # Rounded down: 4.49 is not 4.5.
        return f"{self.ink} on {self.ground} {int(self.ratio * 100) / 100:.2f}:1, needs {self.needed:g}:1"


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` as WCAG 2.2 defines it, from 0 to 1."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast of two colours `#rrggbb`, from 1 to 21."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(ground: str, colour: str, part: float) -> str:
    """Return a ground `#rrggbb` with a part of a colour in it."""
    pairs = ((int(ground[at : at + 2], 16), int(colour[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{int(below + (above - below) * part):02x}" for below, above in pairs)


def grounds(colours: Mapping[str, str]) -> dict[str, str]:
    """Return every ground that something is written on, by name."""
    base = colours["background"]
    return {name: colours[name] for name in _GROUNDS} | {
        "current row": mixed(base, colours["accent"], CURSOR_PART),
        "selection": mixed(base, colours["accent"], SELECTION_PART),
        "added line": mixed(base, colours["success"], LINE_PART),
        "removed line": mixed(base, colours["error"], LINE_PART),
        "added words": mixed(base, colours["success"], WORD_PART),
        "removed words": mixed(base, colours["error"], WORD_PART),
    }


def pairs(colours: Mapping[str, str]) -> Iterator[Pair]:
    """Yield every ink on every ground that it is used on, with what it needs there.

    Changed words and what is selected are written in the foreground only; colours are text on background and
    surface, and signs on the others.
    """
    for ground, below in grounds(colours).items():
        inks = {"foreground": TEXT_RATIO}
        if not ground.endswith(("words", "selection")):
            inks["muted"] = TEXT_RATIO
            inks |= dict.fromkeys(_INKS, TEXT_RATIO if ground in _GROUNDS[:2] else SIGN_RATIO)
        if ground == "background":
            inks["border"] = SIGN_RATIO
        for ink, needed in inks.items():
            yield Pair(ink, ground, contrast(colours[ink], below), needed)


def shortfalls(colours: Mapping[str, str]) -> Sequence[Pair]:
    """Return what of a theme is too faint; of the terminal's own colours nothing can be told."""
    if colours["background"].startswith("ansi_"):
        return ()
    return [pair for pair in pairs(colours) if pair.ratio < pair.needed]
