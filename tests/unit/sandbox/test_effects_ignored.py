"""Ignored files land without a question, or are dropped; never over somebody else's change."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.support.copied_branch import branch_of, snapshot
from trashclaw.sandbox.effects import gather_effects, land_effects
from trashclaw.workspace.root import Workspace

COMMAND = (
    "mkdir -p build/deep cache; echo o > build/deep/o.o; echo x > src/x.pyc; echo c > cache/kept; echo s > src/seen;"
    " ln -s ../src build/link; rm -rf old.log; echo forced > tracked.log"
)


@pytest.fixture
def root(repository: Path) -> Path:
    (repository / ".gitignore").write_text("build/\n*.pyc\n*.log\n")
    (repository / "tracked.log").write_text("tracked\n")
    subprocess.run("git add -f . && git commit -qm Ignore", shell=True, cwd=repository, check=True, timeout=30)
    (repository / "old.log").write_text("old\n")
    return repository


def test_ignored_files_are_merged_without_being_shown(root: Path, tmp_path: Path) -> None:
    effects = gather_effects(Workspace(root), [branch_of(root, COMMAND, tmp_path / "copy")])
    assert [change.path for change in effects.patch.changes] == ["cache/kept", "src/seen", "tracked.log"]
    assert {"build/deep/o.o", "src/x.pyc", "old.log"} <= set(effects.also)
    land_effects(Workspace(root), effects, None)
    assert (root / "build" / "deep" / "o.o").read_text() == "o\n"
    assert not (root / "old.log").exists() and not (root / "src" / "seen").exists()
    land_effects(Workspace(root), gather_effects(Workspace(root), [branch_of(root, "true", tmp_path / "c2")]), None)
    again = gather_effects(Workspace(root), [branch_of(root, COMMAND, tmp_path / "c3")])
    land_effects(Workspace(root), again, again.patch)
    assert snapshot(root) == snapshot(tmp_path / "c3")


def test_ignored_files_are_dropped_where_the_setting_says_so(root: Path, tmp_path: Path) -> None:
    before = snapshot(root)
    effects = gather_effects(Workspace(root), [branch_of(root, COMMAND, tmp_path / "copy")], ignored="discard")
    assert effects.ignored and not effects.also
    land_effects(Workspace(root), effects, None)
    assert snapshot(root) == before


def test_what_the_command_made_ignored_is_shown_all_the_same(root: Path, tmp_path: Path) -> None:
    branch = branch_of(root, "echo '*' > .gitignore; echo x > hidden", tmp_path / "copy")
    paths = [change.path for change in gather_effects(Workspace(root), [branch]).patch.changes]
    assert paths == [".gitignore", "hidden"]


def test_an_ignored_file_that_somebody_changed_meanwhile_stays(root: Path, tmp_path: Path) -> None:
    branch = branch_of(root, "echo theirs > old.log; echo x > new.log", tmp_path / "copy")
    (root / "old.log").write_text("mine\n")
    effects = gather_effects(Workspace(root), [branch])
    assert [left.path for left in effects.left_out] == ["old.log"]
    land_effects(Workspace(root), effects, None)
    assert (root / "old.log").read_text() == "mine\n"
    assert (root / "new.log").exists()


def test_without_a_repository_the_ignore_files_count(workspace_folder: Path, tmp_path: Path) -> None:
    (workspace_folder / ".gitignore").write_text("build/\n")
    branch = branch_of(workspace_folder, "mkdir build; echo x > build/x; echo y > y", tmp_path / "copy")
    effects = gather_effects(Workspace(workspace_folder), [branch])
    assert [change.path for change in effects.patch.changes] == ["y"]
    assert "build/x" in effects.ignored


def test_a_repository_inside_has_rules_of_its_own(root: Path, tmp_path: Path) -> None:
    subprocess.run("git init -q inner; echo '*.tmp' > inner/.gitignore", shell=True, cwd=root, check=True, timeout=30)
    branch = branch_of(root, "echo x > inner/a.tmp; echo x > a.tmp; echo y > inner/y", tmp_path / "copy")
    effects = gather_effects(Workspace(root), [branch])
    assert [change.path for change in effects.patch.changes] == ["a.tmp", "inner/y"]
    assert effects.ignored == ("inner/a.tmp",)
