"""A lease on a session, so that two programs never write to the same conversation."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId


class Lease:
    """Held while a session is open; the operating system frees it when the holder dies, however it dies."""

    def __init__(self, folder: Path, session_id: SessionId) -> None:
        """Take the lease.

        Raises:
            StoreError: somebody else holds it.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / f"{session_id}.lease"
        self._db = sqlite3.connect(self._path, timeout=0, isolation_level=None)
        try:
            self._db.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            self._db.close()
            hint = "Close the other one, or fork the session."
            raise StoreError(f"The session {session_id} is open in another trashclaw.", hint) from error

    def release(self) -> None:
        """Give the lease back."""
        self._db.close()
        self._path.unlink(missing_ok=True)
