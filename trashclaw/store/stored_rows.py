"""What is done with the rows of whole sessions: looked through, copied, removed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import CheckpointId, SessionId
from trashclaw.store.rows import COLUMNS, INSERT, envelope_of, row_of, transaction

_OUTLINE = """
SELECT seq, event_type, turn_id, json_extract(shape, '$.item.item_id'), json_extract(shape, '$.item.kind'),
    json_extract(shape, '$.item.origin')
FROM (
    SELECT seq, event_type, turn_id,
        CASE WHEN event_type IN ('item.started', 'item.completed') AND json_valid(payload) THEN payload END AS shape
    FROM outbox WHERE session_id = ?
) ORDER BY seq
"""
_COPY = """
INSERT INTO outbox (agent, event_type, payload, created_at, v, session_id, seq, at, turn_id, cause)
SELECT agent, event_type, payload, created_at, v, ?, seq, at, turn_id, cause
FROM outbox WHERE session_id = ? AND seq <= ? ORDER BY seq
"""
_CHECKPOINTS = """
SELECT DISTINCT json_extract(payload, '$.' || field.value)
FROM outbox, json_each('["checkpoint_id", "redo_id", "since_id"]') AS field
WHERE event_type = 'checkpoint.created' AND json_valid(payload) AND (session_id = ?) = ?
"""
_CURSORS = "UPDATE cursors SET last_seen_id = MIN(last_seen_id, (SELECT COALESCE(MAX(id), 0) FROM outbox))"
_ALSO_KEPT = ("tasks", "summaries")
"""Tables that hold something of each session, made when they are first needed."""

_PAGES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Line:
    """The outline of one entry."""

    seq: int
    event_type: str
    turn_id: str | None
    item_id: str | None
    kind: str | None
    origin: str | None


class StoredRows:
    """Works on the database of a log; what changes it is one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def outline(self, session_id: SessionId) -> list[Line]:
        """Return the outline of every entry, in order.

        Raises:
            StoreError: they cannot be read.
        """
        return [Line(*row) for row in self._query(_OUTLINE, session_id)]

    def pick(self, session_id: SessionId, seqs: Sequence[int]) -> list[Envelope]:
        """Return some entries, in the order given.

        Raises:
            StoreError: one of them cannot be read.
        """
        query = f"SELECT {COLUMNS} FROM outbox WHERE session_id = ? AND seq = ?"
        return [envelope_of(row) for seq in seqs for row in self._query(query, session_id, seq)]

    def last(self, session_id: SessionId, count: int, event_types: Sequence[str]) -> list[Envelope]:
        """Return the last entries of some types, in order.

        Raises:
            StoreError: one of them cannot be read.
        """
        marks = ", ".join("?" * len(event_types))
        query = f"""
            SELECT {COLUMNS} FROM outbox WHERE session_id = ? AND event_type IN ({marks}) ORDER BY seq DESC LIMIT ?
        """
        return [envelope_of(row) for row in reversed(self._query(query, session_id, *event_types, count))]

    def end(self, session_id: SessionId) -> int:
        """Return the place of the last entry; 0 where there is none.

        Raises:
            StoreError: it cannot be read.
        """
        return int(self._query("SELECT COALESCE(MAX(seq), 0) FROM outbox WHERE session_id = ?", session_id)[0][0])

    def _checkpoints(self, session_id: SessionId) -> frozenset[CheckpointId]:
        """Return the checkpoints that a session names and no other one does."""
        own, others = (
            {CheckpointId(str(row[0])) for row in self._query(_CHECKPOINTS, session_id, is_own) if row[0] is not None}
            for is_own in (1, 0)
        )
        return frozenset(own - others)

    def copy(self, session_id: SessionId, last_seq: int, target_id: SessionId, behind: Sequence[Envelope]) -> None:
        """Copy a session up to an entry under a new id, with further envelopes behind it.

        Raises:
            StoreError: it cannot be written, or was deleted meanwhile; nothing of it was written.
        """
        try:
            with transaction(self._db):
                copied = self._db.execute(_COPY, (target_id, session_id, last_seq)).rowcount
                if not copied:
                    raise StoreError(f"The session {session_id} was deleted meanwhile.", "There is nothing to copy.")
                self._db.executemany(INSERT, map(row_of, behind))
        except sqlite3.Error as error:
            raise _unwritten(error) from error

    def remove(self, session_id: SessionId) -> frozenset[CheckpointId]:
        """Remove everything of a session but what the audit says of it, and overwrite it where it stood.

        Returns the checkpoints that no other session names: in one step, since others may fork it meanwhile.

        Raises:
            StoreError: it cannot be written; nothing was removed.
        """
        try:
            self._db.execute("PRAGMA secure_delete=ON")
            with transaction(self._db):
                checkpoint_ids = self._checkpoints(session_id)
                self._db.execute("DELETE FROM outbox WHERE session_id = ?", (session_id,))
                for table in self._tables():
                    self._db.execute(f"DELETE FROM {table} WHERE session_id = ?", (session_id,))
                # The places of rows that are gone are given again.
                self._db.execute(_CURSORS)
        except sqlite3.Error as error:
            raise _unwritten(error) from error
        # What was removed is gone; that its room is given back can wait.
        with suppress(sqlite3.Error):
            self._give_back()
        return checkpoint_ids

    def _tables(self) -> Iterator[str]:
        there = {row[0] for row in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        yield from (table for table in _ALSO_KEPT if table in there)

    def _give_back(self) -> None:
        """Give free pages back to the disk, some at a time: others append meanwhile."""
        free = int(self._db.execute("PRAGMA freelist_count").fetchone()[0])
        for _ in range(0, free, _PAGES_AT_ONCE):
            # `execute` would stop at the first page: the pragma has a step for each and no column.
            self._db.executescript(f"PRAGMA incremental_vacuum({_PAGES_AT_ONCE})")
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def _query(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"The stored sessions cannot be read: {error}.") from error


def _unwritten(error: sqlite3.Error) -> StoreError:
    return StoreError(f"The log cannot be written: {error}.", "Check the free space, and try it again.")
