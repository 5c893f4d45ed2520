"""Tasks: what earlier sessions of a workspace did, in a few words that are read from the log when they are wanted.

Nothing more is stored than the log, so a session that ended by `kill -9` is told like any other.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from typing import Any

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId

SESSIONS_LOOKED_AT = 20
"""Of those some may hold no turn at all."""

_BEFORE = "SELECT MAX(session_id) FROM outbox WHERE session_id < ?"
_FIRST = """
SELECT at, json_extract(payload, '$.item.text') FROM outbox
WHERE session_id = ? AND event_type = 'item.completed' ORDER BY seq LIMIT 1
"""
_LAST = "SELECT seq, payload FROM outbox WHERE session_id = ? AND event_type = ? ORDER BY seq DESC LIMIT 1"
_LANDED = """
SELECT json_extract(payload, '$.item.result.metadata.changes') FROM outbox
WHERE session_id = ? AND event_type = 'item.completed' AND instr(payload, '"changes":[{') ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Task:
    """What one session was about."""

    session_id: SessionId
    began_at: float
    """Seconds since the epoch."""

    text: str
    """The person's first words, whole."""

    stop_reason: str
    """How its last turn ended; empty: it did not, or runs still."""

    changed: tuple[str, ...] = ()
    """The files in which something landed, each once."""

    open_entries: tuple[str, ...] = ()
    """What of its plan was not done."""


class Tasks:
    """Reads tasks from the database of a log."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def before(self, session_id: SessionId, count: int) -> list[Task]:
        """Return the tasks of the last sessions in which something was said, the latest last; not the one named.

        Raises:
            StoreError: the log cannot be read.
        """
        found: list[Task] = []
        # Ids sort by time, so each step is one look into the index, however long the log is.
        other, upper = "", "~"
        for _ in range(SESSIONS_LOOKED_AT):
            other = self._query(_BEFORE, upper)[0][0]
            if other is None or len(found) == count:
                break
            task = self._task(SessionId(other)) if other != session_id else None
            found += [task] if task is not None else []
            upper = other
        return found[::-1]

    def _task(self, session_id: SessionId) -> Task | None:
        first = self._query(_FIRST, session_id)
        began = self._last(session_id, "turn.started")
        if not first or began is None or not isinstance(first[0][1], str):
            return None
        ended = self._last(session_id, "turn.completed")
        is_over = ended is not None and ended[0] > began[0]
        plan = self._last(session_id, "plan.updated")
        changes = [entry for row in self._query(_LANDED, session_id) for entry in _entries(_parsed(row[0]))]
        steps = _entries(_within(plan[1], "plan", "entries")) if plan is not None else []
        return Task(
            session_id=session_id,
            began_at=first[0][0],
            text=first[0][1],
            stop_reason=str(_within(ended[1], "stop_reason")) if ended is not None and is_over else "",
            changed=tuple(dict.fromkeys(str(entry.get("path")) for entry in changes)),
            open_entries=tuple(str(step.get("text")) for step in steps if step.get("status") != "completed"),
        )

    def _last(self, session_id: SessionId, event_type: str) -> tuple[int, Any] | None:
        rows = self._query(_LAST, session_id, event_type)
        return (rows[0][0], _parsed(rows[0][1])) if rows else None

    def _query(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"Earlier sessions cannot be read: {error}.") from error


def _parsed(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def _within(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _entries(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
