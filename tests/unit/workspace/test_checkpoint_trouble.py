"""Checkpoints where the ground is bad: odd repositories, odd names, a store that cannot be written, old age."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace import checkpoint
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.legs import Leg
from trashclaw.workspace.root import Workspace


def git(folder: Path, *argv: str, is_fine: bool = True) -> None:
    options = ("-c", "protocol.file.allow=always")
    subprocess.run(["git", *options, *argv], cwd=folder, check=is_fine, timeout=30, capture_output=True)


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


async def undone(root: Path, store: Path, path: str = "f") -> None:
    """A change of a file, undone, leaves every byte below the folder as it was."""
    checkpoints = Checkpoints(Workspace(root), store)
    before = bytes_of(root)
    first = await checkpoints.create("before")
    (root / path).write_text("agent\n")
    (root / "new").write_text("agent\n")
    after = await checkpoints.create("after")
    restored = await checkpoints.restore_legs([Leg(first, after)])
    assert set(restored.paths) == {path, "new"}
    assert bytes_of(root) == before


async def test_in_the_middle_of_a_rebase(repository: Path, tmp_path: Path) -> None:
    git(repository, "checkout", "-q", "-b", "side")
    (repository / "README.md").write_text("side\n")
    git(repository, "commit", "-qam", "side")
    git(repository, "checkout", "-q", "-")
    (repository / "README.md").write_text("main\n")
    git(repository, "commit", "-qam", "main")
    git(repository, "rebase", "side", is_fine=False)
    assert (repository / ".git" / "rebase-merge").exists()
    assert "<<<<" in (repository / "README.md").read_text()
    await undone(repository, tmp_path / "store", "README.md")


async def test_in_a_linked_worktree(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "linked"))
    before = bytes_of(repository / ".git")
    await undone(tmp_path / "linked", tmp_path / "store", "README.md")
    assert bytes_of(repository / ".git") == before


async def test_beside_a_submodule_and_inside_of_one(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(repository), "other")
    git(repository, "submodule", "add", "-q", str(tmp_path / "other"), "sub")
    await undone(repository, tmp_path / "store", "README.md")
    await undone(repository / "sub", tmp_path / "store of sub", "README.md")


async def test_in_a_bare_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    (tmp_path / "bare.git" / "f").write_text("mine\n")
    await undone(tmp_path / "bare.git", tmp_path / "store")


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes")
async def test_names_of_any_bytes(workspace_folder: Path, tmp_path: Path) -> None:
    for name in (b"new\nline", b"\xff\xfe", b"-x", b" ", b'"quoted"', b"*", b":(glob)**", "é".encode()):
        (workspace_folder / os.fsdecode(name)).write_bytes(name)
    await undone(workspace_folder, tmp_path / "store", os.fsdecode(b"\xff\xfe"))
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    before = bytes_of(workspace_folder)
    first = await checkpoints.create("before")
    for path in list(workspace_folder.iterdir()):
        path.unlink()
    after = await checkpoints.create("after")
    await checkpoints.restore(first, since=after)
    assert bytes_of(workspace_folder) == before


async def test_a_mode_that_changes_twice_within_a_second_is_seen(workspace_folder: Path, tmp_path: Path) -> None:
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    (workspace_folder / "f").write_text("x")
    modes = (0o644, 0o600, 0o640, 0o400, 0o755, 0o700, 0o644)
    ids = []
    for mode in modes:
        (workspace_folder / "f").chmod(mode)
        ids.append(await checkpoints.create("one"))
    for mode, checkpoint_id in zip(modes, ids, strict=True):
        await checkpoints.restore(checkpoint_id)
        assert (workspace_folder / "f").stat().st_mode & 0o777 == mode


async def test_a_private_file_comes_back_private(workspace_folder: Path, tmp_path: Path) -> None:
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    for name in ("a", "b", "key"):
        (workspace_folder / name).write_text(name)
    (workspace_folder / "key").chmod(0o600)
    first = await checkpoints.create("before")
    (workspace_folder / "key").unlink()
    await checkpoints.restore(first)
    assert (workspace_folder / "key").stat().st_mode & 0o777 == 0o600


async def test_a_store_of_before_permissions_were_noted_still_works(workspace_folder: Path, tmp_path: Path) -> None:
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    (workspace_folder / "f").write_text("old")
    (workspace_folder / "key").write_text("old")
    (workspace_folder / "key").chmod(0o600)
    first = await checkpoints.create("before")
    git(tmp_path / "store", "update-ref", "-d", f"refs/permissions/{first}")
    (tmp_path / "store" / "permissions").unlink()
    (workspace_folder / "f").write_text("new")
    second = await checkpoints.create("after")
    (workspace_folder / "key").unlink()
    await checkpoints.restore(second)
    assert (workspace_folder / "key").stat().st_mode & 0o777 == 0o600
    assert (await checkpoints.restore(first)).paths == ("f",)


async def test_a_store_that_cannot_be_written_is_told_and_leaves_no_copy(
    workspace_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "store").write_text("in the way")
    with pytest.raises(GitFailed, match="cannot be written"):
        await Checkpoints(Workspace(workspace_folder), tmp_path / "store").create("x")
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "other")
    (workspace_folder / "f").write_text("1")
    await checkpoints.create("one")
    (tmp_path / "other" / "permissions").unlink()
    (tmp_path / "other" / "permissions").mkdir()
    with pytest.raises(GitFailed, match="cannot be written"):
        await checkpoints.create("two")
    assert list((tmp_path / "other").glob("index.*")) == []


async def test_only_old_checkpoints_that_nobody_needs_are_let_go(
    workspace_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    ids = []
    for text in "abcde":
        (workspace_folder / "f").write_text(text)
        ids.append(await checkpoints.create(text))
    await checkpoints.tidy(())
    assert await checkpoints.changed_paths(ids[0], ids[4]) == ("f",)
    monkeypatch.setattr(checkpoint, "KEPT_AT_MOST", 0)
    await checkpoints.tidy(ids[3:])
    assert await checkpoints.changed_paths(ids[3], ids[4]) == ("f",)
    for gone in ids[:3]:
        with pytest.raises(GitFailed, match="no checkpoint"):
            await checkpoints.restore(gone)
    git(tmp_path / "store", "gc", "-q", "--prune=now")
    await checkpoints.restore(ids[3])
    assert (workspace_folder / "f").read_text() == "d"


async def test_a_recorded_checkpoint_has_the_named_paths_as_they_are_and_all_others_as_before(
    workspace_folder: Path, tmp_path: Path
) -> None:
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    for name in ("a", "gone", "mine", "d/x", "d/y"):
        (workspace_folder / name).parent.mkdir(exist_ok=True)
        (workspace_folder / name).write_text("old")
    first = await checkpoints.create("before")
    for name in ("a", "mine", "new/z", "d/x"):
        (workspace_folder / name).parent.mkdir(exist_ok=True)
        (workspace_folder / name).write_text("new")
    (workspace_folder / "gone").unlink()
    (workspace_folder / "d" / "y").unlink()
    after = await checkpoints.record(first, "after", ["a", "gone", "new", "d", "never", "../out", ".git/index"])
    assert await checkpoints.changed_paths(first, after) == ("a", "d/x", "d/y", "gone", "new/z")
