"""The progress line of a replay."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import spread

if TYPE_CHECKING:
    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.faces.tui.replay import Replay

_BAR_CELLS = 24
_BAR_FROM = 100
"""Cells from which a line has room for the bar."""

_TIMES = ("%d %b %Y %H:%M:%S", "%H:%M:%S")
"""When it was, the longer form first; where neither has room it is left out, and nothing else is cut."""

_GAP = 2

AT_ONCE = float("inf")


def replay_line(replay: Replay, speed: float, width: int, look: Look, *, is_playing: bool) -> Text:
    """Return where the replay stands, when that was, and how fast it goes."""
    left = Text(end="")
    sign, word = (look.signs.running, "playing") if is_playing else (look.signs.pending, "paused")
    word = "at its end" if replay.is_over else word
    left.append(f"{sign} replay, {word}", style=look.accent + Style(bold=True))
    left.append(f"   {speed_words(speed)}", style=look.text)
    left.append(f"   turn {replay.turn}/{len(replay.turns)}", style=look.text)
    left.append(f"   {replay.step}/{len(replay.stops)}", style=look.muted)
    if replay.transcript.approvals or replay.transcript.questions:
        left.append("   waited for the person here", style=look.warning)
    right = Text(end="")
    if width >= _BAR_FROM:
        done = round(_BAR_CELLS * replay.place / max(1, replay.end))
        right.append(look.signs.full * done, style=look.accent)
        right.append(look.signs.empty * (_BAR_CELLS - done), style=look.faint)
        right.append("  ")
    if replay.place:
        room = width - left.cell_len - right.cell_len - _GAP
        said = (time.strftime(form, time.localtime(replay.at)) for form in _TIMES)
        right.append(next((words for words in said if len(words) <= room), ""), style=look.muted)
    return spread(left, right, width, look)


def speed_words(speed: float) -> str:
    """Return a speed for a person: `0.5x`, `at once`."""
    return "at once" if speed == AT_ONCE else f"{speed:g}x"
