"""The page of /manner: how the model is talked to, why, what changed since, and what was mended in its calls."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.lines import plain, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.manner import RUNGS, change_lines, manner_facts, reasons
from trashclaw.faces.tui.drawing.table import column_lines
from trashclaw.faces.tui.screens.overlay import PageScreen
from trashclaw.faces.wording.figures import counted, tokens
from trashclaw.protocol.events import DialectChosen
from trashclaw.protocol.items import ToolRun
from trashclaw.session.transcript import Transcript, mendings

_EXAM = re.compile(r"exam of (\d{1,2} \w{3} \d{4})")
_HOW = (
    "trashclaw models exam examines a model on this machine; the next session follows what it found. The settings "
    "under manner, or --dialect and --tool-set, hold against it."
)


def manner_page(transcript: Transcript) -> PageScreen:
    """Return the page."""
    return PageScreen("Manner", lambda width, look: manner_lines(transcript, width, look))


def manner_lines(transcript: Transcript, width: int, look: Look) -> Sequence[Text]:
    """Return the lines of the page."""
    manner = transcript.manner
    if manner is None:
        return [Text("It is not known yet how the model is talked to.", style=look.muted)]
    changes = [entry for entry in transcript.entries if isinstance(entry, DialectChosen)]
    chosen = _chosen(transcript.first_manner or manner, changes)
    context = transcript.live.context
    window = context.limit_tokens if context is not None else transcript.limit_tokens
    exams = sorted(set(_EXAM.findall(chosen.reason)))
    rows = [
        ("model", f"{transcript.model} ({transcript.provider})"),
        ("window", f"{tokens(window)} tokens"),
        *manner_facts(manner),
        ("exam", ", ".join(exams) if exams else "none was used"),
    ]
    lines = _columns(rows, width, look)
    lines += _section("Why it began so", _columns(_told(chosen), width - 2, look), look)
    after = changes[changes.index(chosen) + 1 :] if chosen in changes else changes
    for change in after:
        lines += _section("Changed in this session", change_lines(change, width - 2, look), look)
    lines += _section("Calls mended before they ran", _mended(transcript, width - 2, look), look)
    return [*lines, Text(), *wrap(Text(_HOW, style=look.muted), width, look)]


def _chosen(first: DialectChosen, changes: Sequence[DialectChosen]) -> DialectChosen:
    """Return the last manner that was chosen as a whole, for a model, and not changed on the way."""
    whole = (change for change in reversed(changes) if len(reasons(change)) > 1)
    return next(whole, first)


def _told(chosen: DialectChosen) -> list[tuple[str, str]]:
    names = {"": "why", "limit tokens": "window", "think": "thinking"}
    return [(names.get(name, name), why) for name, why in reasons(chosen).items()] or [("why", "nothing was told")]


def _mended(transcript: Transcript, width: int, look: Look) -> list[Text]:
    runs = [mendings(entry, transcript.manner) for entry in transcript.entries if isinstance(entry, ToolRun)]
    if not transcript.mended_calls:
        return [Text("None: every call came well formed, or there were none.", style=look.muted)]
    rows = [(f"{counted(transcript.mended_calls, 'call')} mended", "")]
    for rung, words in RUNGS.items():
        count = sum(any(mending.rung is rung for mending in mended) for mended in runs)
        if count:
            rows.append((f"  {words}", str(count)))
    return _columns(rows, width, look)


def _columns(rows: Sequence[tuple[str, str]], width: int, look: Look) -> list[Text]:
    cells = [(Text(name, style=look.muted), plain(value, look.text)) for name, value in rows]
    return column_lines(cells, max(20, width), look)


def _section(title: str, rows: Sequence[Text], look: Look) -> list[Text]:
    return [Text(), Text(title, style=look.strong), *prefixed(Text("  "), Text("  "), rows)]
