"""Where a session is kept: its log, and the lease that keeps others from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.ids import SessionId, new_session_id
from trashclaw.session.stored import find_session
from trashclaw.store.lease import Lease
from trashclaw.store.log import Log

LOG_NAME = "log.sqlite3"
LEASES = "leases"
CHECKPOINTS = "checkpoints"


@dataclass(frozen=True, slots=True)
class Store:
    """Where a session is kept; `log` and `lease` are `None` when it is not."""

    folder: Path
    session_id: SessionId
    log: Log | None = None
    lease: Lease | None = None

    def close(self) -> None:
        """Let go of both."""
        if self.lease is not None:
            self.lease.release()
        if self.log is not None:
            self.log.close()


def open_store(folder: Path, resume: str | None, *, is_stored: bool) -> Store:
    """Open the log of a folder for a new session, or for a stored one (its id, a part of it, or `last`).

    Raises:
        UsageError: there is no such session, or another program has it.
        StoreError: the log cannot be used.
    """
    if not is_stored:
        return Store(folder, new_session_id())
    log = Log(folder / LOG_NAME)
    try:
        session_id = find_session(log, resume) if resume else new_session_id()
        return Store(folder, session_id, log, Lease(folder / LEASES, session_id))
    except BaseException:
        log.close()
        raise
