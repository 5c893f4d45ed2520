"""A lock on a file of ours that several programs change: held by a database beside it, freed when its holder dies."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from trashclaw.protocol.errors import StoreError

WAIT_S = 5.0


@contextmanager
def locked(file: Path, lock: Path, wait_s: float = WAIT_S) -> Iterator[None]:
    """Keep other programs of ours from `file` by way of `lock`; the operating system frees it, however they die.

    Raises:
        StoreError: it cannot be had in time.
    """
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        db = sqlite3.connect(lock, timeout=wait_s, isolation_level=None)
    except (sqlite3.Error, OSError) as error:
        raise _refusal(file, lock, error) from error
    with closing(db):
        try:
            db.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _refusal(file, lock, error) from error
        yield


def _refusal(file: Path, lock: Path, error: Exception) -> StoreError:
    hint = f"Try it again; if it stays so, check who may write {lock}."
    return StoreError(f"{file} cannot be locked: {error}.", hint)
