"""What a person wants remembered stays theirs: a Markdown list that they can edit, of which nothing old is lost."""

from __future__ import annotations

import multiprocessing
import stat
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from trashclaw.protocol.errors import StoreError, UsageError
from trashclaw.store.memories import ENTRIES_AT_MOST, ENTRY_CHARS, Memories


@pytest.fixture
def memories(tmp_path: Path) -> Memories:
    """A memory without entries."""
    return Memories(tmp_path / "config" / "memory.md", tmp_path / "state")


def work(file: Path, locks: Path, name: str, start: Barrier) -> None:
    """Add and take out entries, as another program does."""
    memories = Memories(file, locks)
    start.wait()
    for number in range(20):
        memories.add(f"{name} {number}")
        memories.add(f"{name} {number} again")
        memories.forget(1)


def test_entries_are_added_listed_and_forgotten(memories: Memories) -> None:
    assert memories.entries() == []
    assert memories.add("  use tabs,\n not spaces ") == "use tabs, not spaces"
    memories.add("run make check")
    assert memories.file.read_text() == "- use tabs, not spaces\n- run make check\n"
    assert memories.forget(1) == "use tabs, not spaces"
    assert memories.entries() == ["run make check"]
    assert stat.S_IMODE(memories.file.stat().st_mode) == 0o600


def test_what_a_person_wrote_around_it_stays(memories: Memories) -> None:
    memories.file.parent.mkdir()
    memories.file.write_bytes(b"# Mine\r\n\r\n* first\r\n  goes on\r\n\r\nwords \xff\r\n1. no item\r\n+ second")
    assert memories.entries() == ["first goes on", "second"]
    memories.add("third")
    assert memories.entries() == ["first goes on", "second", "third"]
    memories.forget(1)
    assert memories.file.read_bytes() == b"# Mine\r\n\r\n\r\nwords \xff\r\n1. no item\r\n+ second\n- third\n"


def test_a_link_stays_one(memories: Memories, tmp_path: Path) -> None:
    memories.file.parent.mkdir()
    (tmp_path / "dotfiles.md").write_text("- a\n- b\n")
    memories.file.symlink_to(tmp_path / "dotfiles.md")
    memories.forget(1)
    memories.add("c")
    assert memories.file.is_symlink()
    assert (tmp_path / "dotfiles.md").read_text() == "- b\n- c\n"


def test_what_cannot_be_an_entry_is_refused_with_the_reason(memories: Memories) -> None:
    memories.add("x" * ENTRY_CHARS)
    for text, reason in ((" \n", "nothing to remember"), ("x" * (ENTRY_CHARS + 1), "1,000 characters")):
        with pytest.raises(UsageError, match=reason):
            memories.add(text)
    for number in (0, 2, -1):
        with pytest.raises(UsageError, match="there are 1 to 1"):
            memories.forget(number)
    memories.file.write_text("- x\n" * ENTRIES_AT_MOST)
    with pytest.raises(UsageError, match="200 entries already"):
        memories.add("one more")


def test_a_file_that_cannot_be_used_is_told(memories: Memories) -> None:
    memories.file.parent.mkdir()
    memories.file.write_bytes(b"- x\n" * 100_000)
    with pytest.raises(StoreError, match="larger than 256 KiB"):
        memories.entries()
    memories.file.unlink()
    memories.file.mkdir()
    for change in (memories.entries, lambda: memories.add("x")):
        with pytest.raises(StoreError, match="cannot be read"):
            change()


def test_several_programs_at_once_lose_nothing(memories: Memories, tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(4)
    places = memories.file, tmp_path / "state"
    others = [context.Process(target=work, args=(*places, name, start)) for name in ("a", "b", "c")]
    for other in others:
        other.start()
    work(*places, "mine", start)
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0, 0]
    assert len(memories.entries()) == 4 * 20
    assert list(memories.file.parent.iterdir()) == [memories.file]
