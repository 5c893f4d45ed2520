"""What a person wants remembered stays theirs: a Markdown list that they can edit, of which nothing old is lost."""

from __future__ import annotations

import multiprocessing
import os
import stat
import subprocess
import sys
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

from trashclaw.protocol.errors import StoreError, UsageError
from trashclaw.store.memories import ENTRIES_AT_MOST, ENTRY_CHARS, Memories

_ON_A_FULL_DISK = """
import resource, sys
from pathlib import Path
from trashclaw.protocol.errors import StoreError
from trashclaw.store.memories import Memories
memories = Memories(Path(sys.argv[1]), Path(sys.argv[2]))
# The lock is a file, too.
memories._lock = Path(":memory:")
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    memories.add("y" * 100)
except StoreError as error:
    print(error.text)
"""


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
    memories.file.rmdir()
    memories.file.write_bytes("- größer\n".encode("utf-16"))
    for change in (memories.entries, lambda: memories.add("x")):
        with pytest.raises(StoreError, match="not a text in UTF-8"):
            change()


def test_a_place_without_room_for_a_lock_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    memories = Memories(tmp_path / "memory.md", tmp_path / "state")
    for change in (lambda: memories.add("x"), lambda: memories.forget(1)):
        with pytest.raises(StoreError, match="cannot be locked"):
            change()
    assert not memories.file.exists()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_nobody_waits_at_a_pipe(memories: Memories) -> None:
    memories.file.parent.mkdir()
    os.mkfifo(memories.file)
    with pytest.raises(StoreError, match="no plain file"):
        memories.entries()


def test_what_an_editor_puts_at_the_head_hides_no_entry(memories: Memories) -> None:
    memories.file.parent.mkdir()
    memories.file.write_bytes(b"\xef\xbb\xbf- first\r\n<<<<<<< ours\n- second\n=======\n- third\n>>>>>>> theirs\n")
    assert memories.entries() == ["first", "second", "third"]
    assert memories.forget(1) == "first"
    assert memories.entries() == ["second", "third"]


def test_a_full_disk_leaves_no_half_of_an_entry(memories: Memories, tmp_path: Path) -> None:
    pytest.importorskip("resource")
    memories.add("x" * 500)
    before = memories.file.read_bytes()
    places = str(memories.file), str(tmp_path / "state"), str(len(before) + 20)
    done = subprocess.run([sys.executable, "-c", _ON_A_FULL_DISK, *places], capture_output=True, text=True, check=True)
    assert "memory.md cannot be written: File too large." in done.stdout
    assert memories.file.read_bytes() == before
    assert list(memories.file.parent.iterdir()) == [memories.file]


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
