"""Pages made from the state of a session: what fills the window, what was changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.figures import tokens
from trashclaw.faces.tui.drawing.landed import landed_patch
from trashclaw.faces.tui.drawing.lines import plain, spread
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.patch import patch_lines
from trashclaw.faces.tui.screens.overlay import PageScreen
from trashclaw.session.transcript import Transcript


def context_page(transcript: Transcript) -> PageScreen:
    """Return the page of /context."""
    return PageScreen("Context", lambda width, look: context_lines(transcript, width, look))


def context_lines(transcript: Transcript, width: int, look: Look) -> Sequence[Text]:
    """Return the window's use, and what the session has cost so far."""
    measured = transcript.live.context
    limit = measured.limit_tokens if measured else transcript.limit_tokens
    used = measured.used_tokens if measured else 0
    share = min(1.0, used / limit) if limit else 0.0
    room = max(10, width - 2)
    full = round(share * room)
    bar = Text(look.signs.full * full, style=look.warning if share > 0.8 else look.accent)
    bar.append(look.signs.empty * (room - full), style=look.faint)
    is_estimate = measured is not None and measured.is_estimate
    rows = [
        ("model", f"{transcript.model} ({transcript.provider})"),
        ("window", f"{tokens(limit)} tokens"),
        ("used", f"{tokens(used)} tokens, {share:.0%}{' (estimated)' if is_estimate else ''}"),
        ("reused from the cache", tokens(measured.reused_tokens) if measured and measured.reused_tokens else "unknown"),
        ("read in this session", f"{tokens(transcript.usage.prompt_tokens)} tokens"),
        ("written in this session", f"{tokens(transcript.usage.completion_tokens)} tokens"),
    ]
    lines = [spread(Text(name, style=look.muted), plain(value, look.text), min(room, 60), look) for name, value in rows]
    return [bar, Text(), *lines, Text(), Text("/compact makes room.", style=look.muted)]


def diff_page(transcript: Transcript) -> PageScreen:
    """Return the page of /diff."""
    return PageScreen("Changes of this session", lambda width, look: _diff_lines(transcript, width, look))


def _diff_lines(transcript: Transcript, width: int, look: Look) -> Sequence[Text]:
    lines: list[Text] = []
    for entry in transcript.entries:
        patch = landed_patch(entry)
        if patch is not None:
            lines.extend([*([Text()] if lines else []), *patch_lines(patch, width, look, None).lines])
    return lines or [Text("This session has changed no file.", style=look.muted)]
