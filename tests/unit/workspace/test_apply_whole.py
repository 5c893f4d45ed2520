"""What lands is all there or not at all, also on a disk that is full, read-only, or shared with somebody faster."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.copied_branch import CopiedBranch, branch_of, snapshot
from trashclaw.protocol.errors import StaleFile, WorkspaceError
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.sandbox.effects import gather_effects, land_effects
from trashclaw.sandbox.ports import BranchChange
from trashclaw.workspace.apply import apply_patch
from trashclaw.workspace.diff import make_change, make_patch, select
from trashclaw.workspace.files import digest
from trashclaw.workspace.proposed import is_result
from trashclaw.workspace.root import Workspace

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX modes and limits")

MANY = "for i in 1 2 3; do head -c 60000 /dev/urandom > new$i; done; rm gone; mkdir d; mv kept d/kept; ln -s d link"


@pytest.fixture
def root(workspace_folder: Path) -> Path:
    (workspace_folder / "gone").write_text("gone\n")
    (workspace_folder / "kept").write_text("kept\n")
    return workspace_folder


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[None]:
    """Mount a small file system of its own; only the superuser may."""
    made = subprocess.run(["mount", *options, str(folder)], capture_output=True, check=False, timeout=30)
    if made.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {made.stderr.decode()[:80]}")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=30)


def test_a_file_too_large_for_the_disk_leaves_everything_as_it_was(root: Path, tmp_path: Path) -> None:
    effects = gather_effects(Workspace(root), [branch_of(root, MANY, tmp_path / "copy")])
    before = snapshot(root)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, old[1]))
    try:
        with pytest.raises(WorkspaceError, match="new1"):
            land_effects(Workspace(root), effects, effects.patch)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert snapshot(root) == before


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    with mounted(small, "-t", "tmpfs", "-o", "size=140k", "tmpfs"):
        (small / "gone").write_text("gone\n")
        (small / "kept").write_text("kept\n")
        effects = gather_effects(Workspace(small), [branch_of(small, MANY, tmp_path / "copy")])
        before = snapshot(small)
        with pytest.raises(WorkspaceError, match="no space left"):
            land_effects(Workspace(small), effects, effects.patch)
        assert snapshot(small) == before


def test_a_read_only_file_system_is_told(root: Path, tmp_path: Path) -> None:
    effects = gather_effects(Workspace(root), [branch_of(root, MANY, tmp_path / "copy")])
    before = snapshot(root)
    with mounted(root, "--bind", str(root)):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(root)], check=True, timeout=30)
        with pytest.raises(WorkspaceError, match="read-only file system"):
            land_effects(Workspace(root), effects, effects.patch)
        assert snapshot(root) == before


class MeddledBranch:
    """A branch in which somebody edits the real file while its new bytes are read."""

    def __init__(self, branch: CopiedBranch) -> None:
        self._branch = branch
        self.root, self.started_at = branch.root, branch.started_at
        self.is_meddling = False

    def changes(self) -> tuple[BranchChange, ...]:
        return self._branch.changes()

    def read(self, path: str) -> bytes:
        if self.is_meddling and path == "zz":
            (self.root / path).write_text("mine\n")
        return self._branch.read(path)

    def discard(self) -> None:
        self._branch.discard()


def test_a_step_that_fails_midway_takes_all_before_it_back(root: Path, tmp_path: Path) -> None:
    (root / "zz").write_bytes(b"z\0")
    command = f"{MANY}; printf 'y\\0' > zz; rmdir empty; chmod 700 shut"
    (root / "empty").mkdir()
    (root / "shut").mkdir()
    branch = MeddledBranch(branch_of(root, command, tmp_path / "copy"))
    effects = gather_effects(Workspace(root), [branch])
    before = snapshot(root)
    branch.is_meddling = True
    with pytest.raises(StaleFile, match="zz changed while it was written"):
        land_effects(Workspace(root), effects, effects.patch)
    assert (root / "zz").read_text() == "mine\n"
    (root / "zz").write_bytes(b"z\0")
    assert snapshot(root) == before


def test_new_files_keep_the_group_that_their_folder_hands_down(root: Path, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser has other groups at hand")
    (root / "shared").mkdir()
    os.chown(root / "shared", -1, 12_345)
    (root / "shared").chmod(0o2775)
    effects = gather_effects(Workspace(root), [branch_of(root, "echo x > shared/x", tmp_path / "copy")])
    land_effects(Workspace(root), effects, effects.patch)
    assert (root / "shared" / "x").stat().st_gid == 12_345


def test_a_link_that_took_the_place_of_a_folder_is_not_followed(root: Path, tmp_path: Path) -> None:
    (root / "d").mkdir()
    effects = gather_effects(Workspace(root), [branch_of(root, "echo x > d/x", tmp_path / "copy")])
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "d").rmdir()
    (root / "d").symlink_to(outside)
    landed = land_effects(Workspace(root), effects, effects.patch)
    assert not landed.landed and landed.rejected.changes
    with pytest.raises(WorkspaceError):
        apply_patch(Workspace(root), effects.patch, effects.contents)
    assert not list(outside.iterdir())


def test_bytes_that_are_not_those_reviewed_do_not_land(root: Path, tmp_path: Path) -> None:
    branch = branch_of(root, "printf 'a\\0b' > bin", tmp_path / "copy")
    effects = gather_effects(Workspace(root), [branch])
    (branch.folder / "bin").write_bytes(b"evil\0")
    with pytest.raises(StaleFile, match="not what was reviewed"):
        land_effects(Workspace(root), effects, effects.patch)
    assert not (root / "bin").exists()


def test_a_mode_alone_needs_no_contents(root: Path) -> None:
    hunk = (
        make_change("", None, "", None).hunks[0].model_copy(update={"part": HunkPart.MODE, "what": "mode 644 -> 755"})
    )
    change = FileChange(
        path="kept", kind=ChangeKind.MODIFIED, hunks=(hunk,), before_sha256=digest(b"kept\n"), after_mode=0o100755
    )
    apply_patch(Workspace(root), Patch(changes=(change,)))
    assert (root / "kept").stat().st_mode & 0o777 == 0o755


def test_a_whole_hunk_without_contents_is_refused(root: Path) -> None:
    hunk = Hunk(
        hunk_id=make_change("", None, "", None).hunks[0].hunk_id, before=0, after=0, lines=(), part=HunkPart.WHOLE
    )
    change = FileChange(path="x", kind=ChangeKind.ADDED, hunks=(hunk,))
    with pytest.raises(WorkspaceError, match="no contents"):
        apply_patch(Workspace(root), Patch(changes=(change,)))


def test_the_result_of_a_whole_change_is_known(root: Path, tmp_path: Path) -> None:
    effects = gather_effects(
        Workspace(root), [branch_of(root, "printf 'a\\0b' > bin; mv kept moved", tmp_path / "copy")]
    )
    by_path = {change.path: change for change in effects.patch.changes}
    assert is_result(by_path["bin"], b"a\0b") and not is_result(by_path["bin"], b"a\0c")
    assert is_result(by_path["moved"], b"kept\n")
    assert select(effects.patch, effects.patch.hunk_ids) == make_patch(effects.patch.changes)
