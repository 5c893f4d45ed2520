"""The audit: every decision of the gate, a row each, in the file of the log; rows are added and never changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trashclaw.protocol.errors import StoreError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    id INTEGER PRIMARY KEY,
    at REAL NOT NULL,
    session_id TEXT NOT NULL,
    turn_id TEXT,
    tool TEXT NOT NULL,
    title TEXT NOT NULL,
    decision TEXT NOT NULL,
    rule TEXT NOT NULL,
    verdict TEXT NOT NULL,
    scope TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    arguments_sha256 TEXT NOT NULL,
    hosts JSON NOT NULL,
    paths JSON NOT NULL
);
CREATE TRIGGER IF NOT EXISTS audit_is_kept BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_is_complete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END;
"""
_COLUMNS = (
    "at, session_id, turn_id, tool, title, decision, rule, verdict, scope, decided_by, arguments_sha256, hosts, paths"
)
_INSERT = f"INSERT INTO audit ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_BUSY_TIMEOUT_S = 5.0
MAX_PATHS = 200


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One decision."""

    at: float
    """Seconds since the epoch."""

    session_id: str
    turn_id: str | None
    tool: str
    title: str
    decision: str
    """`allow`, `ask` or `deny`."""

    rule: str
    verdict: str
    """`accepted`, `rejected` or `cancelled`."""

    scope: str
    by: str
    arguments_sha256: str
    hosts: Sequence[str] = ()
    paths: Sequence[str] = ()
    """At most `MAX_PATHS` of them."""


class Audit:
    """Adds rows, each a transaction of its own, as the log does; reads them in their order."""

    def __init__(self, path: Path, shared: sqlite3.Connection | None = None) -> None:
        """Open the audit; the file is that of the log, whose connection may be shared.

        Raises:
            StoreError: it cannot be opened.
        """
        self._path = path
        self._db = _open(path, shared)

    def append(self, row: AuditRow) -> None:
        """Store a row.

        Raises:
            StoreError: it cannot be stored.
        """
        values = (row.at, row.session_id, row.turn_id, row.tool, row.title, row.decision, row.rule, row.verdict)
        lists = json.dumps(list(row.hosts)), json.dumps(list(row.paths[:MAX_PATHS]))
        try:
            self._db.execute(_INSERT, (*values, row.scope, row.by, row.arguments_sha256, *lists))
        except (sqlite3.Error, UnicodeError) as error:
            raise StoreError(f"The audit in {self._path} cannot be written: {error}.", "Free the disk.") from error

    def read(self, limit: int = 1_000) -> list[AuditRow]:
        """Return the newest rows, oldest first.

        Raises:
            StoreError: they cannot be read.
        """
        query = f"SELECT {_COLUMNS} FROM audit ORDER BY id DESC LIMIT ?"
        try:
            return [_row(found) for found in reversed(self._db.execute(query, (limit,)).fetchall())]
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(f"The audit in {self._path} cannot be read: {error}.") from error

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _open(path: Path, shared: sqlite3.Connection | None) -> sqlite3.Connection:
    db = shared
    try:
        if db is None:
            db = sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
            db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(_SCHEMA)
    except sqlite3.Error as error:
        if db is not None and shared is None:
            db.close()
        hint = "Free the disk or fix the permissions, or move the file away to start afresh."
        raise StoreError(f"The audit in {path} cannot be opened: {error}.", hint) from error
    return db


def _row(found: tuple[Any, ...]) -> AuditRow:
    hosts, paths = (tuple(json.loads(text)) for text in found[-2:])
    row = (*found[:-2], hosts, paths)
    return AuditRow(**dict(zip(AuditRow.__slots__, row, strict=True)))
