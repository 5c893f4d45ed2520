"""The log: the append-only outbox of durable envelopes, in one SQLite file a workspace."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId
from trashclaw.store.audit import Audit
from trashclaw.store.looking import Looking
from trashclaw.store.rows import COLUMNS, INSERT, SEQ, envelope_of, envelopes_to_fold, row_of
from trashclaw.store.stored_rows import StoredRows
from trashclaw.store.summaries import Summaries
from trashclaw.store.tasks import Tasks

SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    id INTEGER PRIMARY KEY,
    agent TEXT NOT NULL,
    event_type TEXT NOT NULL,
    payload JSON NOT NULL,
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    v INTEGER NOT NULL DEFAULT 1,
    session_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    turn_id TEXT,
    cause TEXT,
    UNIQUE (session_id, seq)
);
CREATE TABLE IF NOT EXISTS cursors (
    consumer TEXT PRIMARY KEY,
    last_seen_id INTEGER DEFAULT 0
);
"""
_MOVE_CURSOR = """
INSERT INTO cursors (consumer, last_seen_id) VALUES (?, ?)
ON CONFLICT (consumer) DO UPDATE SET last_seen_id = excluded.last_seen_id
"""
_BUSY_TIMEOUT_S = 5.0
_ROWS_AT_ONCE = 500


class Log:
    """Appends and reads envelopes. Every append is a transaction of its own, so `kill -9` loses nothing that was told.

    `synchronous=NORMAL` in WAL mode: a power cut may lose the newest events, never break the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._db = _open(path)

    def append(self, envelope: Envelope) -> None:
        """Store a durable envelope.

        Raises:
            StoreError: the disk is full, the file is read-only, or the place in the log is taken.
        """
        try:
            self._db.execute(INSERT, row_of(envelope))
        except sqlite3.IntegrityError as error:
            hint = "Another trashclaw writes to this conversation; close it, or start a new one with /new."
            raise StoreError(f"Place {envelope.seq} of the log is taken.", hint) from error
        except sqlite3.Error as error:
            hint = f"Check the free space and the permissions of {self.path.parent}."
            raise StoreError(f"The log cannot be written: {error}.", hint) from error

    def read(self, session_id: SessionId, after_seq: int = 0) -> Iterator[Envelope]:
        """Yield the envelopes of a session in order, from the one after `after_seq`.

        Raises:
            StoreError: an entry cannot be read.
        """
        for rows in self._in_pieces(session_id, after_seq):
            yield from map(envelope_of, rows)

    def read_to_fold(self, session_id: SessionId) -> Iterator[Envelope]:
        """Yield the envelopes of a session in order, for folds in which an item's end replaces its beginning.

        Of an item that ends soon after it began only the end is read; `item.started` brings that one, too.

        Raises:
            StoreError: an entry cannot be read.
        """
        for rows in self._in_pieces(session_id, 0):
            yield from envelopes_to_fold(rows)

    def read_new(self, consumer: str, limit: int = 1000) -> list[Envelope]:
        """Return the envelopes of all sessions that a consumer has not seen, and move its cursor past them."""
        seen = self._query("SELECT last_seen_id FROM cursors WHERE consumer = ?", (consumer,))
        last = int(seen[0][0]) if seen else 0
        query = f"SELECT {COLUMNS}, id FROM outbox WHERE id > ? ORDER BY id LIMIT ?"
        rows = self._query(query, (last, limit))
        if rows:
            self._query(_MOVE_CURSOR, (consumer, rows[-1][-1]))
        return [envelope_of(row[:-1]) for row in rows]

    def session_ids(self) -> list[SessionId]:
        """Return the ids of all sessions in the log, the one written to last first."""
        rows = self._query("SELECT session_id FROM outbox GROUP BY session_id ORDER BY MAX(id) DESC", ())
        return [SessionId(row[0]) for row in rows]

    def first_of(self, session_id: SessionId, event_type: str) -> Envelope | None:
        """Return a session's first envelope of a type."""
        query = f"SELECT {COLUMNS} FROM outbox WHERE session_id = ? AND event_type = ? ORDER BY seq LIMIT 1"
        rows = self._query(query, (session_id, event_type))
        return envelope_of(rows[0]) if rows else None

    def audit(self) -> Audit:
        """Return the audit, which is kept in the same file and closed with it.

        Raises:
            StoreError: it cannot be opened.
        """
        return Audit(self.path, self._db)

    def tasks(self) -> Tasks:
        """Return what the sessions of the log were about."""
        return Tasks(self._db)

    def summaries(self) -> Summaries:
        """Return what a list shows of each session."""
        return Summaries(self._db)

    def stored(self) -> StoredRows:
        """Return what is done with the rows of whole sessions."""
        return StoredRows(self._db)

    def looking(self) -> Looking:
        """Return what finds entries by words."""
        return Looking(self._db)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _in_pieces(self, session_id: SessionId, after_seq: int) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of a session, some at a time: together they may be more than there is memory for."""
        query = f"SELECT {COLUMNS} FROM outbox WHERE session_id = ? AND seq > ? ORDER BY seq LIMIT {_ROWS_AT_ONCE}"
        while rows := self._query(query, (session_id, after_seq)):
            yield rows
            after_seq = rows[-1][SEQ]

    def _query(self, query: str, values: tuple[object, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(
                f"The log {self.path} cannot be read: {error}.", "Move it away to start afresh."
            ) from error


def _open(path: Path) -> sqlite3.Connection:
    db: sqlite3.Connection | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            # It counts before there are tables: then what a deleted session leaves goes back to the disk.
            db.execute("PRAGMA auto_vacuum=INCREMENTAL")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        if version == 0:
            db.executescript(_SCHEMA)
            db.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    except (sqlite3.Error, OSError) as error:
        if db is not None:
            db.close()
        hint = "Free the disk or fix the permissions, or move the file away to start afresh."
        raise StoreError(f"The log {path} cannot be opened: {error}.", hint) from error
    if version > SCHEMA_VERSION:
        db.close()
        raise StoreError(f"The log {path} was written by a newer trashclaw.", "Update trashclaw to read it.")
    return db
