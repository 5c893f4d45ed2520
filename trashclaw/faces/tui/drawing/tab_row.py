"""The row of sessions: number, title, and what each of them does."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.faces.tui.drawing.look import Look

NEW_TAB = "+"
"""Stands for a new tab among the ends of a row."""

_LEAST_TITLE = 8
_MOST_TITLE = 28
_GAP = 2


class TabState(Enum):
    """What the row of tabs says of a session; the value is the word for it."""

    QUIET = ""
    OPENING = "opening"
    RUNNING = "running"
    WAITING = "waits for you"
    FAILED = "failed"
    DONE = "done"
    """A turn ended while another tab was in front."""


class TabFace(NamedTuple):
    """What the row of tabs shows of one."""

    mode: str
    number: int
    title: str
    state: TabState
    is_current: bool
    is_fork: bool = False


def tab_row(faces: Sequence[TabFace], width: int, look: Look) -> tuple[Text, list[tuple[int, str]]]:
    """Return the row, and for each tab on it the cell behind its end with its mode.

    Titles get shorter as room gets short, then the words go and the signs stay, then tabs far from the current one go.
    """
    at = next((place for place, face in enumerate(faces) if face.is_current), 0)
    for has_words in (True, False):
        fixed = sum(_fixed_cells(face, look, has_words=has_words) + _GAP for face in faces) + len(NEW_TAB)
        title = min(_MOST_TITLE, (width - fixed) // max(1, len(faces)))
        if title >= _LEAST_TITLE:
            return _joined(faces, title, look, has_words=has_words)
    shown = _near(faces, at, width, look)
    return _joined(shown, _LEAST_TITLE, look, has_words=False)


def _near(faces: Sequence[TabFace], at: int, width: int, look: Look) -> Sequence[TabFace]:
    """Return as many tabs around the current one as there is room for; one that waits for the person goes last."""
    cells = max(_fixed_cells(face, look, has_words=False) for face in faces) + _LEAST_TITLE + _GAP
    room = max(1, (width - len(NEW_TAB)) // cells)
    by_worth = sorted(
        range(len(faces)),
        key=lambda place: (place != at, faces[place].state is not TabState.WAITING, abs(place - at)),
    )
    return [faces[place] for place in sorted(by_worth[:room])]


def _joined(faces: Sequence[TabFace], title: int, look: Look, *, has_words: bool) -> tuple[Text, list[tuple[int, str]]]:
    line = Text(end="")
    ends: list[tuple[int, str]] = []
    for face in faces:
        line.append_text(_drawn(face, title, look, has_words=has_words))
        ends.append((line.cell_len, face.mode))
        line.append(" " * _GAP)
    line.append(NEW_TAB, style=look.muted)
    ends.append((line.cell_len, NEW_TAB))
    return line, ends


def _drawn(face: TabFace, title: int, look: Look, *, has_words: bool) -> Text:
    is_waiting = face.state is TabState.WAITING and not face.is_current
    ink = look.strong if face.is_current else look.muted
    text = Text(end="")
    text.append(f" {face.number} ", style=look.accent + Style(bold=True) if face.is_current else look.muted)
    text.append(
        cut(f"{look.signs.goes_on} {face.title}" if face.is_fork else face.title, title, look),
        style=look.warning + Style(bold=True) if is_waiting else ink,
    )
    sign = _sign(face, look)
    if sign:
        told = f" {sign} {face.state.value}" if has_words else f" {sign}"
        text.append(told, style=_ink(face, look))
    text.append(" ")
    if face.is_current:
        text.stylize_before(look.cursor)
    return text


def _sign(face: TabFace, look: Look) -> str:
    signs = look.signs
    return {
        TabState.QUIET: "",
        TabState.OPENING: signs.pending,
        TabState.RUNNING: signs.running,
        TabState.WAITING: signs.waiting,
        TabState.FAILED: signs.failed,
        TabState.DONE: signs.done,
    }[face.state]


def _ink(face: TabFace, look: Look) -> Style:
    match face.state:
        case TabState.WAITING:
            return look.warning + Style(bold=True)
        case TabState.FAILED:
            return look.error
        case TabState.DONE:
            return look.success
        case _:
            return look.muted


def _fixed_cells(face: TabFace, look: Look, *, has_words: bool) -> int:
    """Return the cells of a tab without its title."""
    sign = _sign(face, look)
    words = (cell_len(face.state.value) + 1 if has_words else 0) + 2 if sign else 0
    return len(f" {face.number} ") + words + 1
