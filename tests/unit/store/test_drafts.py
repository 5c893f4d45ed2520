"""Drafts that outlive the program."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId
from trashclaw.store.drafts import KEPT_AT_MOST, Draft, Drafts
from trashclaw.store.lease import Lease

ONE, TWO, THREE = SessionId("one"), SessionId("two"), SessionId("three")


@pytest.fixture
def drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / "drafts", tmp_path / "leases")


def test_a_draft_comes_back_with_its_pastes(drafts: Drafts) -> None:
    drafts.save(ONE, Draft("see [pasted 2 lines]", {"[pasted 2 lines]": "a\nb"}))
    assert drafts.take(ONE, is_new=False) == Draft("see [pasted 2 lines]", {"[pasted 2 lines]": "a\nb"})


def test_nobody_else_may_read_it(drafts: Drafts, tmp_path: Path) -> None:
    drafts.save(ONE, Draft("half a thought"))
    assert stat.S_IMODE((tmp_path / "drafts" / "one.json").stat().st_mode) == 0o600


def test_what_was_sent_is_forgotten(drafts: Drafts, tmp_path: Path) -> None:
    drafts.save(ONE, Draft("half a thought"))
    drafts.save(ONE, Draft(""))
    assert drafts.take(ONE, is_new=False) is None
    assert not list((tmp_path / "drafts").iterdir())


def test_a_new_session_is_given_what_another_left_and_only_once(drafts: Drafts, tmp_path: Path) -> None:
    drafts.save(ONE, Draft("half a thought"))
    lease = Lease(tmp_path / "leases", TWO)
    assert drafts.take(TWO, is_new=True) == Draft("half a thought")
    assert drafts.take(THREE, is_new=True) is None
    assert drafts.take(TWO, is_new=True) == Draft("half a thought")
    lease.release()


def test_a_resumed_session_is_not_given_what_another_left(drafts: Drafts) -> None:
    drafts.save(ONE, Draft("half a thought"))
    assert drafts.take(TWO, is_new=False) is None


def test_what_an_open_session_is_writing_is_not_taken_from_it(drafts: Drafts, tmp_path: Path) -> None:
    drafts.save(ONE, Draft("half a thought"))
    lease = Lease(tmp_path / "leases", ONE)
    assert drafts.take(TWO, is_new=True) is None
    lease.release()
    assert drafts.take(TWO, is_new=True) == Draft("half a thought")


def test_the_newest_comes_first_and_old_ones_are_cleared_away(drafts: Drafts, tmp_path: Path) -> None:
    for number in range(KEPT_AT_MOST + 5):
        name = f"session{number:02}"
        drafts.save(SessionId(name), Draft(name))
        os.utime(tmp_path / "drafts" / f"{name}.json", (number, number))
    assert drafts.take(ONE, is_new=True) == Draft(f"session{KEPT_AT_MOST + 4:02}")
    assert len(list((tmp_path / "drafts").iterdir())) == KEPT_AT_MOST


@pytest.mark.parametrize("data", [b"", b"{", b'{"text": 1}', b'{"text": "  "}', b"\xff\xff"])
def test_what_is_no_draft_is_passed_over(drafts: Drafts, tmp_path: Path, data: bytes) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "one.json").write_bytes(data)
    assert drafts.take(ONE, is_new=False) is None
    assert drafts.take(TWO, is_new=True) is None


def test_what_cannot_be_removed_is_told_and_what_is_no_file_is_passed_over(drafts: Drafts, tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    drafts.save(TWO, Draft("half a thought"))
    (folder / "one.json").mkdir()
    os.mkfifo(folder / "three.json")
    with pytest.raises(StoreError, match=r"one\.json cannot be removed"):
        drafts.save(ONE, Draft(""))
    with pytest.raises(StoreError, match="cannot be kept"):
        drafts.save(ONE, Draft("another"))
    assert sorted(path.name for path in folder.iterdir()) == ["one.json", "three.json", "two.json"]
    assert drafts.take(THREE, is_new=True) is None
    assert drafts.take(SessionId("four"), is_new=True) == Draft("half a thought")


def test_a_draft_too_many_that_cannot_be_removed_keeps_nobody_from_their_own(drafts: Drafts, tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    for number in range(KEPT_AT_MOST):
        drafts.save(SessionId(f"new-{number}"), Draft("later"))
        os.utime(folder / f"new-{number}.json", (1_000.0 + number, 1_000.0 + number))
    (folder / "old.json").mkdir()
    os.utime(folder / "old.json", (1.0, 1.0))
    assert drafts.take(ONE, is_new=True) == Draft("later")
