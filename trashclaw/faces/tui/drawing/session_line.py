"""One session in a list: its title, how long and when, and where it is open."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, spread
from trashclaw.faces.wording.figures import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.faces.tui.session_rows import SessionRow
    from trashclaw.session.stored import SessionSummary

_DEEPEST = 6
_MODEL_FROM = 72
"""Cells from which a row has room for the model."""

HERE = "here"


def row_height(row: SessionRow) -> int:
    """Return how many lines a row takes."""
    return 1 if row.match is None else 2


def row_lines(row: SessionRow, place: str, width: int, look: Look, *, is_current: bool) -> Sequence[Text]:
    """Return a row at a width in cells; `place` says where the session is open, and is empty where it is not."""
    summary = row.summary
    right = Text(end="")
    if place:
        right.append(f"{place}  ", style=look.accent if place.startswith((HERE, "tab")) else look.warning)
    if width >= _MODEL_FROM:
        right.append(f"{cut(summary.model, 18, look)}  ", style=look.muted)
    right.append(f"{summary.turns:>3} {'turn ' if summary.turns == 1 else 'turns'}  ", style=look.muted)
    right.append(when(summary.written_at), style=look.muted)
    depth = min(row.depth, _DEEPEST)
    branch = "  " * (depth - 1) + f"{look.signs.goes_on} " if depth else ""
    left = Text(branch, style=look.faint, end="")
    left.append_text(plain(" ".join(summary.title.split()) or "(no words)", look.strong if is_current else look.text))
    lines = [pointed(spread(left, right, width - 2, look), look, width, is_current=is_current)]
    if row.match is not None:
        excerpt = plain(cut(row.match.excerpt, width - 6, look), look.muted)
        behind = Text("    ", end="").append_text(excerpt)
        behind.append(" " * max(0, width - behind.cell_len))
        if is_current:
            behind.stylize_before(look.cursor)
        lines.append(behind)
    return lines


def facts(summary: SessionSummary, look: Look) -> str:
    """Return what stands over the preview of a session."""
    parts = [
        summary.model,
        counted(summary.turns, "turn"),
        f"begun {when(summary.started_at).strip()}",
        summary.session_id,
    ]
    if summary.parent_id is not None:
        parts.insert(3, f"fork of {summary.parent_id}")
    return f" {look.signs.dot} ".join(part for part in parts if part)


def when(at: float) -> str:
    """Return when something was: the time today, the day this year, else the year too; always as wide."""
    then, now = time.localtime(at), time.localtime()
    if then[:3] == now[:3]:
        return time.strftime(" today %H:%M", then)
    return time.strftime("%d %b %H:%M" if then[0] == now[0] else " %d %b %Y", then)
