"""The context of a running session, as its faces show it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from trashclaw.protocol.items import Compaction
from trashclaw.session.parts import Parts

if TYPE_CHECKING:
    from trashclaw.agent.context_report import ContextReport


def context_of(parts: Parts) -> ContextReport:
    """Return what fills the model's window, item by item, and what reading it has cost."""
    # Late: a session is ready sooner without it.
    from trashclaw.agent.context_listing import make_report

    agent = parts.turns.agent
    compactions = sum(isinstance(entry, Compaction) for entry in parts.journal.transcript.entries)
    report = make_report(agent.history, agent.manner, agent.window, agent.reuse, compactions)
    ahead = parts.read_ahead.totals
    return replace(report, ahead_tokens=ahead.tokens, ahead_s=ahead.seconds)
