"""A copy of the workspace, and what was done to it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.copy_branch import CopyBranch, make_copy
from trashclaw.sandbox.ports import EntryKind

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no cp")


@pytest.fixture
def branch(workspace_folder: Path, tmp_path: Path) -> Iterator[CopyBranch]:
    for name in ("kept", "changed", "moded", "gone", "folder/inner", "folder/other", "became-link"):
        (workspace_folder / name).parent.mkdir(exist_ok=True)
        (workspace_folder / name).write_text(f"{name}\n", encoding="utf-8")
    (workspace_folder / "link").symlink_to("kept")
    (workspace_folder / "out").symlink_to("/etc/passwd")
    marks = make_copy(workspace_folder, tmp_path / "copy")
    yield CopyBranch(workspace_folder, tmp_path / "copy", marks, 0.0, lambda: None)


@pytest.fixture
def copy(tmp_path: Path, branch: CopyBranch) -> Path:
    return tmp_path / "copy"


def test_a_copy_that_nobody_touched_has_no_changes(branch: CopyBranch, copy: Path) -> None:
    assert (copy / "out").is_symlink() and (copy / "folder" / "inner").read_text() == "folder/inner\n"
    assert branch.changes() == ()


def test_every_kind_of_change_is_found(branch: CopyBranch, copy: Path) -> None:
    (copy / "changed").write_text("new")
    (copy / "moded").chmod(0o755)
    (copy / "gone").unlink()
    (copy / "link").unlink()
    (copy / "link").symlink_to("changed")
    (copy / "became-link").unlink()
    (copy / "became-link").symlink_to("/etc/passwd")
    (copy / "folder").rename(copy / "renamed")
    (copy / "new" / "deep").mkdir(parents=True)
    os.mkfifo(copy / "new" / "pipe")
    changes = {change.path: change for change in branch.changes()}
    assert set(changes) == {
        *("changed", "moded", "gone", "link", "became-link", "folder", "folder/inner", "folder/other"),
        *("renamed", "renamed/inner", "renamed/other", "new", "new/deep", "new/pipe"),
    }
    assert [change.path for change in branch.changes()] == sorted(changes)
    moded, pipe, became = changes["moded"], changes["new/pipe"].after, changes["became-link"]
    assert moded.before is not None and moded.after is not None and moded.after.mode == 0o755
    assert pipe is not None and pipe.kind is EntryKind.OTHER
    assert became.after is not None and became.after.kind is EntryKind.LINK
    assert changes["folder/inner"].after is None and changes["renamed"].before is None
    assert branch.read("changed") == b"new" and branch.read("link") == b"changed"


def test_what_was_written_as_it_was_is_no_change(branch: CopyBranch, copy: Path) -> None:
    (copy / "kept").write_text("kept\n")
    (copy / "gone").unlink()
    (copy / "gone").write_text("gone\n")
    assert branch.changes() == ()


def test_what_the_user_changed_meanwhile_is_no_change_of_the_command(
    branch: CopyBranch, copy: Path, workspace_folder: Path
) -> None:
    (workspace_folder / "kept").write_text("by the user")
    (workspace_folder / "folder" / "mine").write_text("by the user")
    (workspace_folder / "gone").unlink()
    (copy / "changed").write_text("by the command")
    assert [change.path for change in branch.changes()] == ["changed"]


def test_what_a_command_locked_is_read_all_the_same(branch: CopyBranch, copy: Path) -> None:
    (copy / "changed").write_text("secret")
    (copy / "changed").chmod(0)
    (copy / "folder" / "inner").write_text("new")
    (copy / "folder").chmod(0)
    assert [change.path for change in branch.changes()] == ["changed", "folder", "folder/inner"]
    assert branch.read("changed") == b"secret"


@pytest.mark.parametrize("path", ["../workspace/kept", "/etc/passwd", "new/pipe", "way/passwd", "missing", "", "."])
def test_only_files_of_the_copy_are_read(branch: CopyBranch, copy: Path, path: str) -> None:
    (copy / "new").mkdir()
    os.mkfifo(copy / "new" / "pipe")
    (copy / "way").symlink_to("/etc")
    with pytest.raises(WorkspaceError):
        branch.read(path)


def test_what_cannot_be_copied_is_told(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="could not be copied"):
        make_copy(tmp_path / "missing", tmp_path / "copy")
