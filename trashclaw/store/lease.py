"""A lease on a session, so that two programs never write to the same conversation."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId

_LOOK_S = 0.2
"""So long may somebody look whether a lease is held, and be in the way of whoever takes it."""


class Lease:
    """Held while a session is open; the operating system frees it when the holder dies, however it dies.

    Its empty file stays behind: were it removed, somebody who has just opened it could hold the lease of a file that is
    gone, beside somebody who holds the new one.
    """

    def __init__(self, folder: Path, session_id: SessionId) -> None:
        """Take the lease.

        Raises:
            StoreError: somebody else holds it, or it cannot be taken in this folder.
        """
        path = folder / f"{session_id}.lease"
        db: sqlite3.Connection | None = None
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            db = sqlite3.connect(path, timeout=_LOOK_S, isolation_level=None)
            db.execute("BEGIN EXCLUSIVE")
        except (sqlite3.Error, OSError) as error:
            if db is not None:
                db.close()
            raise _refusal(session_id, path, error) from error
        self._db = db

    def release(self) -> None:
        """Give the lease back."""
        self._db.close()


def is_held(folder: Path, session_id: SessionId) -> bool:
    """Tell whether somebody holds a lease; one that cannot be looked at is held by nobody."""
    path = folder / f"{session_id}.lease"
    if not path.exists():
        return False
    db: sqlite3.Connection | None = None
    try:
        db = sqlite3.connect(path, timeout=0, isolation_level=None)
        db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    finally:
        if db is not None:
            db.close()
    return False


def _refusal(session_id: SessionId, path: Path, error: sqlite3.Error | OSError) -> StoreError:
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        hint = "Close the other one, or start a new session."
        return StoreError(f"The session {session_id} is open in another trashclaw.", hint)
    hint = f"Check the free space and the permissions of {path.parent}."
    return StoreError(f"The lease {path} cannot be taken: {error}.", hint)
