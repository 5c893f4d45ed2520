"""A proposed file in the person's hands: its text, and the change that their version makes."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.protocol.errors import StaleFile, UnsuitableFile, UsageError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.session.editing import edited_change, proposed_text
from trashclaw.workspace.apply import apply_patch
from trashclaw.workspace.diff import make_change, make_patch
from trashclaw.workspace.files import digest
from trashclaw.workspace.root import Workspace

OLD = "".join(f"line {number}\r\n" for number in range(40))
NEW = OLD.replace("line 3\r", "LINE 3\r").replace("line 33\r", "LINE 33\r")


@pytest.fixture
def change(tmp_path: Path) -> FileChange:
    """A change of a file in two places."""
    (tmp_path / "a.txt").write_bytes(OLD.encode())
    return make_patch([make_change("a.txt", OLD, NEW, digest(OLD.encode()))]).changes[0]


def test_the_text_is_that_of_the_hunks_which_are_on(tmp_path: Path, change: FileChange) -> None:
    assert proposed_text(tmp_path, change, {HunkId("1"), HunkId("2")}) == NEW
    assert proposed_text(tmp_path, change, {HunkId("2")}) == OLD.replace("line 33\r", "LINE 33\r")


def test_what_lands_is_the_text_as_the_person_left_it(tmp_path: Path, change: FileChange) -> None:
    wanted = NEW.replace("LINE 3\r", "line three\r") + "end"
    edited = edited_change(tmp_path, change, wanted)
    assert not {hunk.hunk_id for hunk in edited.hunks} & {hunk.hunk_id for hunk in change.hunks}
    again = edited_change(tmp_path, edited, wanted + "!")
    assert not {hunk.hunk_id for hunk in again.hunks} & {hunk.hunk_id for hunk in edited.hunks}
    apply_patch(Workspace(tmp_path), Patch(changes=(edited,)))
    assert (tmp_path / "a.txt").read_bytes() == wanted.encode()


def test_the_mode_that_was_proposed_stays_beside_the_edited_text(tmp_path: Path, change: FileChange) -> None:
    mode = Hunk(hunk_id=HunkId("3"), before=0, after=0, lines=(), part=HunkPart.MODE, what="mode 644 -> 755")
    both = change.model_copy(update={"hunks": (*change.hunks, mode)})
    assert proposed_text(tmp_path, both, {HunkId("1"), HunkId("2"), HunkId("3")}) == NEW
    assert edited_change(tmp_path, both, NEW + "end").hunks[-1] == mode


def test_a_file_that_moved_on_is_refused(tmp_path: Path, change: FileChange) -> None:
    (tmp_path / "a.txt").write_text("mine")
    with pytest.raises(StaleFile):
        proposed_text(tmp_path, change, {HunkId("1")})
    with pytest.raises(StaleFile):
        edited_change(tmp_path, change, "other")


def test_a_text_that_changes_nothing_or_cannot_be_written_is_refused(tmp_path: Path) -> None:
    old = "caf\xe9\n".encode("latin-1") * 3
    (tmp_path / "a.txt").write_bytes("\ufeffx\n".encode("utf-16-le"))
    (tmp_path / "b.txt").write_bytes(old)
    same = make_change("a.txt", "x\n", "y\n", digest((tmp_path / "a.txt").read_bytes()))
    with pytest.raises(UsageError, match="would stay as it is"):
        edited_change(tmp_path, same, "x\n")
    with pytest.raises(UnsuitableFile):
        edited_change(tmp_path, same, "\udc80")


@pytest.mark.parametrize("kind", [ChangeKind.DELETED, ChangeKind.RENAMED])
def test_what_has_no_new_text_cannot_be_edited(tmp_path: Path, change: FileChange, kind: ChangeKind) -> None:
    with pytest.raises(UsageError):
        proposed_text(tmp_path, change.model_copy(update={"kind": kind}), {HunkId("1")})


def test_a_binary_cannot_be_edited(tmp_path: Path) -> None:
    whole = Hunk(hunk_id=HunkId("1"), before=0, after=0, lines=(), part=HunkPart.WHOLE, what="binary file")
    change = FileChange(path="a.png", kind=ChangeKind.MODIFIED, hunks=(whole,))
    with pytest.raises(UsageError):
        proposed_text(tmp_path, change, {HunkId("1")})
