"""One session in a list: its title, how long and when, and where it is open."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, spread
from trashclaw.faces.wording.figures import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.faces.tui.session_rows import SessionRow
    from trashclaw.session.stored import SessionSummary

_DEEPEST = 6
_TITLE = 24
"""Cells that a title has before anything else is told of a session, but where it is open."""

_MORE_TITLE = 5
"""Cells more that it has before the model is told, which stands below the list as well."""

_MODEL = 18

HERE = "here"


def row_height(row: SessionRow) -> int:
    """Return how many lines a row takes."""
    return 1 if row.match is None else 2


def row_lines(row: SessionRow, place: str, width: int, look: Look, *, is_current: bool) -> Sequence[Text]:
    """Return a row at a width in cells; `place` says where the session is open, and is empty where it is not."""
    summary = row.summary
    depth = min(row.depth, _DEEPEST)
    branch = "  " * (depth - 1) + f"{look.signs.goes_on} " if depth else ""
    left = Text(branch, style=look.faint, end="")
    left.append_text(plain(" ".join(summary.title.split()) or "(no words)", look.strong if is_current else look.text))
    right = Text(end="")
    if place:
        right.append(f"{place}  ", style=look.accent if place.startswith((HERE, "tab")) else look.warning)
    room = width - 2 - cell_len(branch) - _TITLE - 1 - right.cell_len
    right.append(_known(summary, room, look), style=look.muted)
    lines = [pointed(spread(left, right, width - 2, look), look, width, is_current=is_current)]
    if row.match is not None:
        excerpt = plain(cut(row.match.excerpt, width - 6, look), look.muted)
        behind = Text("    ", end="").append_text(excerpt)
        behind.append(" " * max(0, width - behind.cell_len))
        if is_current:
            behind.stylize_before(look.cursor)
        lines.append(behind)
    return lines


def _known(summary: SessionSummary, room: int, look: Look) -> str:
    """Return what a row tells of a session: turns, model and date. What gives way first stands first."""
    date = when(summary.written_at)
    turns = f"{summary.turns:>3} {'turn ' if summary.turns == 1 else 'turns'}  "
    model = cut(summary.model, _MODEL, look)
    model = f"{model}{' ' * (_MODEL - cell_len(model))}  "
    with_model = next((way for way in (turns + model + date, model + date) if cell_len(way) <= room - _MORE_TITLE), "")
    return with_model or next((way for way in (date, _short(summary.written_at)) if cell_len(way) <= room), "")


def facts(summary: SessionSummary) -> list[str]:
    """Return what stands below the preview of a session, what may be left out where there is no room in the middle."""
    parts = [
        summary.model,
        counted(summary.turns, "turn"),
        f"begun {when(summary.started_at).strip()}",
        summary.session_id,
    ]
    if summary.parent_id is not None:
        parts.insert(3, f"fork of {summary.parent_id}")
    return [part for part in parts if part]


def when(at: float) -> str:
    """Return when something was: the time today, the day this year, else the year too; always as wide."""
    if _is_today(at):
        return time.strftime(" today %H:%M", time.localtime(at))
    return time.strftime("%d %b %H:%M" if _is_this_year(at) else " %d %b %Y", time.localtime(at))


def _short(at: float) -> str:
    """Return when something was in half the cells: the time today, the day this year, else the year."""
    form = "%H:%M" if _is_today(at) else "%d %b" if _is_this_year(at) else "%Y"
    return time.strftime(form, time.localtime(at)).rjust(6)


def _is_today(at: float) -> bool:
    return time.localtime(at)[:3] == time.localtime()[:3]


def _is_this_year(at: float) -> bool:
    return time.localtime(at).tm_year == time.localtime().tm_year
