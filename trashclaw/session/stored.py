"""Stored sessions, as a list to choose from and as a tree of forks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import SessionId
from trashclaw.store.log import Log
from trashclaw.store.summaries import Summary

TITLE_CHARS = 80
_DAMAGED = "(damaged: it cannot be read)"


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """One line about a stored session; times in seconds since the epoch."""

    session_id: SessionId
    title: str
    """The name that it was given, or else the beginning of its first prompt."""

    started_at: float
    """Of a fork: when it was forked."""

    written_at: float
    turns: int
    model: str
    """The one that it had last."""

    messages: int = 0
    """What the person and the model said."""

    is_named: bool = False
    """Whether the title is a name that it was given."""

    parent_id: SessionId | None = None
    """The session that it is a fork of; it may be gone."""

    parent_seq: int | None = None
    """The last entry that it was given of its parent."""

    is_open: bool = False
    """Whether a program has it open now."""


def list_sessions(
    log: Log, limit: int | None = 100, *, is_open: Callable[[SessionId], bool] = lambda session_id: False
) -> list[SessionSummary]:
    """Return the sessions of a workspace in which something was said, the latest first; forks always count.

    `is_open` is asked about those that were not closed.

    Raises:
        StoreError: the log cannot be read.
    """
    kept = [summary for summary in log.summaries().all() if summary.turns or summary.parent_id is not None]
    return [_summary(summary, is_open) for summary in kept[:limit]]


def find_session(log: Log, wanted: str) -> SessionId:
    """Return the session whose id is, begins or ends with `wanted`; `last` is the one written to last.

    Raises:
        UsageError: there is none, or more than one.
    """
    session_ids = [summary.session_id for summary in list_sessions(log, None)]
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


def in_tree(summaries: Iterable[SessionSummary]) -> Sequence[tuple[int, SessionSummary]]:
    """Return sessions with how deep each stands in the tree of forks: a fork below its parent, else in their order.

    Whose parent is not among them stands at the top.
    """
    given = list(summaries)
    there = {summary.session_id for summary in given}
    children: dict[SessionId | None, list[SessionSummary]] = {}
    for summary in given:
        children.setdefault(summary.parent_id if summary.parent_id in there else None, []).append(summary)
    ordered: dict[SessionId, tuple[int, SessionSummary]] = {}
    # Behind those at the top come all others: only in a log that was tampered with are some not reached before.
    waiting = [(0, summary) for summary in reversed([*children.get(None, []), *given])]
    while waiting:
        depth, summary = waiting.pop()
        if summary.session_id not in ordered:
            ordered[summary.session_id] = depth, summary
            waiting += [(depth + 1, child) for child in reversed(children.get(summary.session_id, []))]
    return list(ordered.values())


def as_title(text: str) -> str:
    """Return a text as a title: in one line, and not too long."""
    return " ".join(text.split())[:TITLE_CHARS]


def _summary(summary: Summary, is_open: Callable[[SessionId], bool]) -> SessionSummary:
    title = as_title(summary.title or summary.prompt)
    return SessionSummary(
        session_id=summary.session_id,
        title=_DAMAGED if summary.is_damaged else title,
        started_at=summary.began_at,
        written_at=summary.written_at,
        turns=summary.turns,
        model=summary.model,
        messages=summary.messages,
        is_named=bool(as_title(summary.title)),
        parent_id=summary.parent_id,
        parent_seq=summary.parent_seq,
        is_open=not summary.is_ended and is_open(summary.session_id),
    )
