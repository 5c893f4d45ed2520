"""Stored sessions, as a list to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.protocol.errors import StoreError, UsageError
from trashclaw.protocol.events import ItemCompleted, SessionStarted
from trashclaw.protocol.ids import SessionId
from trashclaw.protocol.items import UserMessage
from trashclaw.store.log import Log

_TITLE_CHARS = 80
_DAMAGED = "(damaged: it cannot be read)"


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line about a stored session; times in seconds since the epoch."""

    session_id: SessionId
    title: str
    started_at: float
    written_at: float
    turns: int
    model: str


def list_sessions(log: Log, limit: int = 100) -> list[SessionSummary]:
    """Return the sessions of a workspace in which something was said, the latest first."""
    summaries = (_summary(log, session_id) for session_id in log.session_ids()[:limit])
    return [summary for summary in summaries if summary.turns]


def find_session(log: Log, wanted: str) -> SessionId:
    """Return the session whose id is, begins or ends with `wanted`; `last` is the one written to last.

    Raises:
        UsageError: there is none, or more than one.
    """
    session_ids = [session_id for session_id in log.session_ids() if log.extent(session_id)[1]]
    if wanted == "last" and session_ids:
        return session_ids[0]
    found = [session_id for session_id in session_ids if session_id.startswith(wanted) or session_id.endswith(wanted)]
    if wanted in found:
        return SessionId(wanted)
    if len(found) == 1:
        return found[0]
    known = ", ".join(session_ids[:5]) or "none yet"
    if found:
        raise UsageError(f"More than one session fits {wanted!r}: {', '.join(found[:5])}.", "Give more of the id.")
    raise UsageError(f"There is no session {wanted!r} in this workspace.", f"The latest are: {known}.")


def _summary(log: Log, session_id: SessionId) -> SessionSummary:
    _, turns, started_at, written_at = log.extent(session_id)
    try:
        model, title = _model(log, session_id), _title(log, session_id)
    except StoreError:
        model, title = "", _DAMAGED
    return SessionSummary(session_id, title, started_at, written_at, turns, model)


def _model(log: Log, session_id: SessionId) -> str:
    started = log.first_of(session_id, "session.started")
    return started.event.model if started and isinstance(started.event, SessionStarted) else ""


def _title(log: Log, session_id: SessionId) -> str:
    first = log.first_of(session_id, "item.completed")
    if first and isinstance(first.event, ItemCompleted) and isinstance(first.event.item, UserMessage):
        return " ".join(first.event.item.text.split())[:_TITLE_CHARS]
    return ""
