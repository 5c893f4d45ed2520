"""The window as a bar: what fills it group by group, what is free, and the room that is kept for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style
from rich.text import Text

from trashclaw.agent.context_report import ContextGroup, ContextReport
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.wording.figures import tokens

LETTERS = {
    ContextGroup.SYSTEM_PROMPT: "S",
    ContextGroup.TOOLS: "T",
    ContextGroup.INSTRUCTIONS: "I",
    ContextGroup.YOUR_WORDS: "Y",
    ContextGroup.ATTACHMENTS: "@",
    ContextGroup.ANSWERS: "A",
    ContextGroup.REASONING: "R",
    ContextGroup.CALLS: "C",
    ContextGroup.RESULTS_WHOLE: "W",
    ContextGroup.RESULTS_STUBS: "s",
    ContextGroup.SUMMARIES: "M",
    ContextGroup.NOTES: "N",
}
"""What stands for a group beside its colour, so that colour is never the only sign."""

_TONES = {
    ContextGroup.SYSTEM_PROMPT: ("primary", 0.0),
    ContextGroup.TOOLS: ("primary", 0.3),
    ContextGroup.INSTRUCTIONS: ("primary", 0.6),
    ContextGroup.YOUR_WORDS: ("accent", 0.0),
    ContextGroup.ATTACHMENTS: ("accent", 0.4),
    ContextGroup.ANSWERS: ("success", 0.0),
    ContextGroup.REASONING: ("success", 0.35),
    ContextGroup.CALLS: ("success", 0.65),
    ContextGroup.RESULTS_WHOLE: ("warning", 0.0),
    ContextGroup.RESULTS_STUBS: ("warning", 0.5),
    ContextGroup.SUMMARIES: ("cloud", 0.0),
    ContextGroup.NOTES: ("cloud", 0.5),
}
"""Who a group belongs to is its colour; members of a family differ by how much grey is in it."""

_GREY = ColorTriplet(128, 128, 128)
_DARK, _LIGHT = ColorTriplet(0, 0, 0), ColorTriplet(255, 255, 255)


@dataclass(frozen=True, slots=True)
class Room:
    """What the window has beside what is used."""

    free_tokens: int
    answer_tokens: int
    """As much of the room for an answer as is left."""

    whole_tokens: int
    """What the bar stands for: the window, or what is used where that is more or the window is not known."""


def room_of(report: ContextReport) -> Room:
    """Return what is left of a window."""
    whole = max(report.limit_tokens, report.used_tokens, 1)
    left = whole - report.used_tokens if report.limit_tokens else 0
    answer = min(report.answer_tokens, left)
    return Room(left - answer, answer, whole)


def chip(group: ContextGroup, look: Look) -> Text:
    """Return the letter of a group on its colour, three cells wide."""
    return Text(end="").append(f" {LETTERS[group]} ", style=_on(_tone(group, look)))


def ink(group: ContextGroup, look: Look) -> Style:
    """Return the colour of a group."""
    return Style(color=_tone(group, look))


def bar_lines(report: ContextReport, width: int, look: Look, *, height: int = 1) -> list[Text]:
    """Return the bar, and below it where the high-water mark stands."""
    room = room_of(report)
    lines = [_bar(report, room, width, look, has_letters=not row) for row in range(height)]
    return [*lines, _mark(report, room, width, look)] if report.limit_tokens else lines


def _bar(report: ContextReport, room: Room, width: int, look: Look, *, has_letters: bool) -> Text:
    bar = Text(end="")
    spent, at = 0, 0
    for group, size in report.in_groups().items():
        spent += size
        end = round(spent / room.whole_tokens * width)
        _append_group(bar, group, end - at, look, has_letters=has_letters)
        at = end
    free_end = round((spent + room.free_tokens) / room.whole_tokens * width)
    bar.append(look.signs.empty * (free_end - at), style=look.faint)
    bar.append(look.signs.kept * (width - max(free_end, at)), style=look.muted)
    return bar


def plain_bar(parts: Sequence[tuple[int, Style]], whole: int, width: int, look: Look) -> Text:
    """Return a bar of some parts of a whole, the rest of it empty."""
    bar, spent = Text(end=""), 0
    for size, style in parts:
        at = bar.cell_len
        spent += size
        bar.append(look.signs.full * max(0, min(width, round(spent / max(1, whole) * width)) - at), style=style)
    bar.append(look.signs.empty * (width - bar.cell_len), style=look.faint)
    return bar


def _append_group(bar: Text, group: ContextGroup, cells: int, look: Look, *, has_letters: bool) -> None:
    if cells < 1:
        return
    tone, letter = _tone(group, look), LETTERS[group]
    if look.signs.full.isascii():
        bar.append(letter * cells, style=_on(tone))
        return
    if has_letters:
        bar.append(letter, style=_on(tone))
    bar.append(look.signs.full * (cells - has_letters), style=Style(color=tone))


def _mark(report: ContextReport, room: Room, width: int, look: Look) -> Text:
    """Return the line that points at the high-water mark."""
    at = min(width - 1, round(report.high_water_tokens / room.whole_tokens * width))
    is_past = report.used_tokens > report.high_water_tokens
    words = f"compacted past {tokens(report.high_water_tokens)}"
    sign, style = look.signs.up, look.warning if is_past else look.muted
    if at + 2 + len(words) <= width:
        return Text(" " * at + f"{sign} {words}", style=style)
    return Text(f"{words} {sign}".rjust(at + 1)[-(at + 1) :], style=style)


def _tone(group: ContextGroup, look: Look) -> Color:
    name, grey = _TONES[group]
    style: Style = getattr(look, name)
    own = style.color.get_truecolor() if style.color is not None else _GREY
    mixed = [round(part * (1 - grey) + other * grey) for part, other in zip(own, _GREY, strict=True)]
    return Color.from_rgb(*mixed)


def _on(ground: Color) -> Style:
    """Return a style for words on a colour: dark or light, whichever is read more easily."""
    red, green, blue = ground.get_truecolor()
    is_bright = 0.299 * red + 0.587 * green + 0.114 * blue > 130
    return Style(color=Color.from_triplet(_DARK if is_bright else _LIGHT), bgcolor=ground, bold=True)
