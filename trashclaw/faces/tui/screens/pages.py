"""Pages made from the state of a session: what was changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.patch import patch_lines
from trashclaw.faces.tui.screens.overlay import PageScreen
from trashclaw.session.landed import landed_patch
from trashclaw.session.transcript import Transcript


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
