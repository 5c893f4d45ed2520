"""Summaries: what a list shows of each stored session, as a fold of the log.

What was folded is kept beside the log, so that each entry is looked at once: a list of a thousand sessions reads one
row of each that has grown since, however long they are.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId
from trashclaw.store.rows import transaction

_PROMPT_CHARS = 400
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS summaries (session_id TEXT PRIMARY KEY, seq INTEGER NOT NULL, summary JSON NOT NULL)"
)
_KNOWN = "SELECT session_id, summary FROM summaries"
_KEEP = "INSERT OR REPLACE INTO summaries (session_id, seq, summary) VALUES (?, ?, ?)"
_ENDS = """
WITH RECURSIVE ids(id) AS (
    SELECT MIN(session_id) FROM outbox
    UNION ALL
    SELECT (SELECT MIN(session_id) FROM outbox WHERE session_id > ids.id) FROM ids WHERE ids.id IS NOT NULL
)
SELECT outbox.session_id, outbox.seq, outbox.at
FROM ids JOIN outbox ON outbox.session_id = ids.id
    AND outbox.seq = (SELECT MAX(seq) FROM outbox WHERE session_id = ids.id)
ORDER BY outbox.id DESC
"""
"""One step through the index for each session: nothing else of the log is read."""

_NEW = f"""
SELECT what, at, is_valid, CASE WHEN is_valid THEN CASE what
    WHEN 'opened' THEN json_extract(payload, '$.model')
    WHEN 'title' THEN json_extract(payload, '$.title')
    WHEN 'forked' THEN json_extract(payload, '$.parent_id') || ' ' || json_extract(payload, '$.parent_seq')
    WHEN 'person' THEN substr(json_extract(payload, '$.item.text'), 1, {_PROMPT_CHARS})
END END
FROM (
    SELECT seq, at, payload, what, json_valid(payload) AS is_valid FROM (
        SELECT seq, at, payload, CASE event_type
            WHEN 'turn.started' THEN 'turn'
            WHEN 'item.completed' THEN CASE
                WHEN instr(substr(payload, 1, 80), '"kind":"user_message"') THEN 'person'
                WHEN instr(substr(payload, 1, 80), '"kind":"agent_message"') THEN 'model'
            END
            WHEN 'session.started' THEN 'opened'
            WHEN 'settings.changed' THEN 'opened'
            WHEN 'session.ended' THEN 'ended'
            WHEN 'session.renamed' THEN 'title'
            WHEN 'session.forked' THEN 'forked'
        END AS what
        FROM outbox WHERE session_id = ? AND seq > ? AND seq <= ?
    ) WHERE what IS NOT NULL
) ORDER BY seq
"""


@dataclass(frozen=True, slots=True)
class Summary:
    """What is known of one stored session; times in seconds since the epoch."""

    session_id: SessionId
    seq: int = 0
    """The last entry."""

    began_at: float = 0.0
    written_at: float = 0.0
    turns: int = 0
    messages: int = 0
    """What the person and the model said."""

    model: str = ""
    """The one that it had last."""

    prompt: str = ""
    """The beginning of the person's first words."""

    title: str = ""
    """The name that it was given, if any."""

    parent_id: SessionId | None = None
    parent_seq: int | None = None
    is_ended: bool = False
    """It was closed properly, and not opened since."""

    is_damaged: bool = False


class Summaries:
    """Reads summaries from the database of a log."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def all(self) -> list[Summary]:
        """Return one for each session in the log, that written to last first.

        Raises:
            StoreError: the log cannot be read.
        """
        try:
            known = self._known()
            found, changed = [], []
            for session_id, seq, at in self._db.execute(_ENDS).fetchall():
                summary = known.get(session_id)
                if summary is None or summary.seq != seq:
                    summary = self._grown(session_id, summary, seq, at)
                    changed.append(summary)
                found.append(summary)
        except sqlite3.Error as error:
            raise StoreError(f"The stored sessions cannot be read: {error}.") from error
        # Where nothing can be written, or somebody else writes, it is folded again the next time.
        with suppress(sqlite3.Error):
            self._keep(changed)
        return found

    def _known(self) -> dict[SessionId, Summary]:
        try:
            rows = self._db.execute(_KNOWN).fetchall()
        except sqlite3.OperationalError:
            return {}
        return {session_id: summary for session_id, text in rows if (summary := _restored(session_id, text))}

    def _grown(self, session_id: SessionId, known: Summary | None, seq: int, at: float) -> Summary:
        summary = known if known is not None and known.seq < seq else Summary(session_id)
        for what, row_at, is_valid, value in self._db.execute(_NEW, (session_id, summary.seq, seq)):
            summary = _fold(summary, what, row_at, value) if is_valid else _damaged(summary, what)
        return replace(summary, seq=seq, began_at=summary.began_at or at, written_at=at)

    def _keep(self, changed: list[Summary]) -> None:
        if not changed:
            return
        waiting_ms = self._db.execute("PRAGMA busy_timeout").fetchone()[0]
        self._db.execute("PRAGMA busy_timeout=0")
        try:
            self._db.execute(_SCHEMA)
            with transaction(self._db):
                self._db.executemany(_KEEP, [(one.session_id, one.seq, json.dumps(asdict(one))) for one in changed])
        finally:
            self._db.execute(f"PRAGMA busy_timeout={waiting_ms}")


def _fold(summary: Summary, what: str, at: float, value: Any) -> Summary:
    match what:
        case "turn":
            return replace(summary, turns=summary.turns + 1, is_ended=False)
        case "person":
            return replace(summary, messages=summary.messages + 1, prompt=summary.prompt or str(value or ""))
        case "model":
            return replace(summary, messages=summary.messages + 1)
        case "opened":
            model = str(value or "") or summary.model
            return replace(summary, began_at=summary.began_at or at, model=model, is_ended=False)
        case "ended":
            return replace(summary, is_ended=True)
        case "title":
            return replace(summary, title=str(value or ""))
        case _:
            parent_id, _, parent_seq = str(value or "").rpartition(" ")
            if not parent_seq.isdecimal():
                return summary
            return replace(summary, parent_id=SessionId(parent_id), parent_seq=int(parent_seq), began_at=at)


def _damaged(summary: Summary, what: str) -> Summary:
    return replace(summary, turns=summary.turns + (what == "turn"), is_damaged=True)


def _restored(session_id: SessionId, text: str) -> Summary | None:
    """Return what was kept; what cannot be read was not."""
    try:
        kept = json.loads(text)
        if kept.keys() != {field.name for field in fields(Summary)} or kept["session_id"] != session_id:
            return None
        return Summary(**kept)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None
