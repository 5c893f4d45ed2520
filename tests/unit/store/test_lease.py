"""The lease on a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId
from trashclaw.store.lease import Lease

ONE = SessionId("one")


def test_it_is_held_once_and_can_be_taken_again(tmp_path: Path) -> None:
    first = Lease(tmp_path / "leases", ONE)
    with pytest.raises(StoreError, match="open in another"):
        Lease(tmp_path / "leases", ONE)
    other = Lease(tmp_path / "leases", SessionId("two"))
    first.release()
    Lease(tmp_path / "leases", ONE).release()
    other.release()


def test_releasing_it_never_lets_two_hold_it(tmp_path: Path) -> None:
    first = Lease(tmp_path, ONE)
    file = tmp_path / "one.lease"
    inode = file.stat().st_ino
    first.release()
    # Whoever opened the file before the release must meet whoever opens it after.
    assert file.stat().st_ino == inode


def test_a_folder_that_cannot_be_used_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be") as caught:
        Lease(tmp_path / "file", ONE)
    assert "another" not in str(caught.value)


def test_a_damaged_lease_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "one.lease").write_bytes(b"not a database at all, but long enough to be read as one" * 20)
    with pytest.raises(StoreError, match="cannot be"):
        Lease(tmp_path, ONE)
