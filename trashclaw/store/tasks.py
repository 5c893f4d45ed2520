"""Tasks: what earlier sessions of a workspace did, in a few words that are a fold of the log.

What was folded is kept beside the log, so that each entry is looked at once; a session that ended by `kill -9` is
folded when somebody asks for it next.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from typing import Any

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId

SESSIONS_LOOKED_AT = 20
"""Of those some may hold no turn at all."""

PATHS_AT_MOST = 100
_SCHEMA = "CREATE TABLE IF NOT EXISTS tasks (session_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, task JSON NOT NULL)"
_KNOWN = "SELECT seq, task FROM tasks WHERE session_id = ?"
_KEEP = "INSERT OR REPLACE INTO tasks (session_id, seq, task) VALUES (?, ?, ?)"
_BEFORE = "SELECT MAX(session_id) FROM outbox WHERE session_id < ?"
_LAST = "SELECT COALESCE(MAX(seq), 0) FROM outbox WHERE session_id = ?"
_NEW = """
SELECT what, at, CASE what
    WHEN 'plan' THEN json_extract(payload, '$.plan.entries')
    WHEN 'end' THEN json_extract(payload, '$.stop_reason')
    WHEN 'changes' THEN json_extract(payload, '$.item.result.metadata.changes')
    WHEN 'words' THEN substr(json_extract(payload, '$.item.text'), 1, 2000)
END
FROM (
    SELECT seq, at, payload, CASE
        WHEN event_type = 'turn.started' THEN 'start'
        WHEN event_type = 'turn.completed' THEN 'end'
        WHEN event_type = 'plan.updated' THEN 'plan'
        WHEN event_type = 'session.forked' THEN 'fork'
        WHEN event_type <> 'item.completed' THEN NULL
        WHEN instr(payload, '"changes":[{') THEN 'changes'
        WHEN instr(payload, '"kind":"user_message"') THEN 'words'
    END AS what
    FROM outbox WHERE session_id = ? AND seq > ? AND seq <= ?
) WHERE what IS NOT NULL AND json_valid(payload) ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Task:
    """What one session was about."""

    session_id: SessionId
    began_at: float = 0.0
    """Seconds since the epoch; 0: nothing was said."""

    text: str = ""
    """The person's first words."""

    stop_reason: str = ""
    """How its last turn ended; empty: it did not, or runs still."""

    changed: tuple[str, ...] = ()
    """The files in which something landed, each once; the first of them, where they are many."""

    left: int = 0
    """How many entries of its plan were not done. Their words are the model's, and maybe those of what it read."""


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
            task = self.of(SessionId(other)) if other != session_id else None
            found += [task] if task is not None and task.began_at else []
            upper = other
        return found[::-1]

    def of(self, session_id: SessionId) -> Task:
        """Return what one session is about, as far as its log goes.

        Raises:
            StoreError: the log cannot be read.
        """
        self._query(_SCHEMA)
        known = self._query(_KNOWN, session_id)
        seq, task = _restored(session_id, *known[0]) if known else (0, Task(session_id))
        last = self._query(_LAST, session_id)[0][0]
        if last == seq:
            return task
        for what, at, value in self._query(_NEW, session_id, seq, last):
            task = _fold(task, what, at, value)
        # Where nothing can be written it is folded again the next time.
        with suppress(sqlite3.Error):
            self._db.execute(_KEEP, (session_id, last, json.dumps(asdict(task))))
        return task

    def _query(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"Earlier sessions cannot be read: {error}.") from error


def _fold(task: Task, what: str, at: float, value: Any) -> Task:
    match what:
        case "fork":
            # What it was given of another session is that one's task.
            return Task(task.session_id)
        case "start":
            return replace(task, stop_reason="")
        case "end":
            return replace(task, stop_reason=str(value))
        case "words" if not task.began_at:
            return replace(task, began_at=at, text=str(value))
        case "plan":
            return replace(task, left=sum(entry.get("status") != "completed" for entry in _entries(value)))
        case "changes":
            paths = (str(entry.get("path")) for entry in _entries(value))
            return replace(task, changed=tuple(dict.fromkeys([*task.changed, *paths]))[:PATHS_AT_MOST])
    return task


def _restored(session_id: SessionId, seq: int, text: str) -> tuple[int, Task]:
    """Return what was kept; what cannot be read was not."""
    try:
        kept = json.loads(text)
        began_at, changed, left = float(kept["began_at"]), tuple(map(str, kept["changed"])), int(kept["left"])
        return seq, Task(session_id, began_at, str(kept["text"]), str(kept["stop_reason"]), changed, left)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0, Task(session_id)


def _entries(value: Any) -> list[dict[str, Any]]:
    try:
        parsed = json.loads(value) if isinstance(value, str) else None
    except (ValueError, RecursionError):
        return []
    return [entry for entry in parsed if isinstance(entry, dict)] if isinstance(parsed, list) else []
