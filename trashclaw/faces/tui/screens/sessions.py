"""The list of stored sessions."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.wording.figures import counted

if TYPE_CHECKING:
    from trashclaw.session.stored import SessionSummary


def sessions_screen(sessions: Sequence[SessionSummary]) -> ChoiceScreen:
    """Return a screen that returns the id of the session to go on with, followed by its title."""
    return ChoiceScreen(
        "Go on with a session",
        [Candidate(f"{summary.session_id}  {summary.title}", _facts(summary)) for summary in sessions],
        "Nothing was said in this workspace yet.",
    )


def _facts(summary: SessionSummary) -> str:
    day = time.strftime("%d %b %H:%M", time.localtime(summary.written_at))
    return f"{counted(summary.turns, 'turn')}  {day}"
