"""Paths are jailed, whatever way out they try."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from trashclaw.protocol.errors import OutsideWorkspace, UnsuitableFile, WorkspaceError
from trashclaw.workspace.root import Workspace, names_git


@pytest.fixture
def workspace(workspace_folder: Path) -> Workspace:
    (workspace_folder / "src").mkdir()
    (workspace_folder / "src" / "app.py").write_text("x")
    return Workspace(workspace_folder)


@pytest.mark.parametrize("path", ["src/app.py", "./src/app.py", "src/../src/app.py", "src//app.py", "src/./app.py"])
def test_a_path_inside_is_found_in_every_spelling(workspace: Workspace, path: str) -> None:
    real = workspace.resolve(path)
    assert real == workspace.root / "src" / "app.py"
    assert workspace.relative(real) == "src/app.py"


def test_an_absolute_path_inside_is_allowed(workspace: Workspace) -> None:
    assert workspace.resolve(str(workspace.root / "src" / "new.py")) == workspace.root / "src" / "new.py"


def test_the_root_itself_is_a_dot(workspace: Workspace) -> None:
    assert workspace.relative(workspace.resolve(".")) == "."


@pytest.mark.parametrize(
    "path", ["..", "../x", "src/../../x", "/etc/passwd", "src/../../../../../../etc/passwd", "~", "~/x", "~root/x"]
)
def test_a_path_that_leads_out_is_refused(workspace: Workspace, path: str) -> None:
    with pytest.raises(OutsideWorkspace):
        workspace.resolve(path)


def test_a_folder_whose_name_begins_like_the_root_is_outside(workspace: Workspace) -> None:
    twin = workspace.root.with_name(workspace.root.name + "-twin")
    twin.mkdir()
    with pytest.raises(OutsideWorkspace):
        workspace.resolve(str(twin / "x"))


@pytest.mark.parametrize("path", ["", "a\0b", "\ud800"])
def test_an_impossible_path_is_refused_clearly(workspace: Workspace, path: str) -> None:
    with pytest.raises(UnsuitableFile):
        workspace.resolve(path)


def test_a_name_that_is_too_long_is_refused_clearly(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError):
        workspace.resolve("x" * 5_000)


def test_a_symlink_to_a_file_outside_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s")
    (workspace.root / "innocent").symlink_to(tmp_path / "secret")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("innocent")


def test_a_new_file_below_a_symlinked_folder_outside_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (workspace.root / "folder").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("folder/deep/new.txt", for_write=True)


def test_a_dangling_symlink_to_outside_is_refused(workspace: Workspace, tmp_path: Path) -> None:
    (workspace.root / "dangling").symlink_to(tmp_path / "not there yet")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("dangling", for_write=True)


def test_two_dots_are_read_after_a_symlink_as_the_system_does(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (workspace.root / "link").symlink_to(tmp_path / "a" / "b")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("link/../src/app.py")


def test_a_symlink_inside_leads_to_its_target(workspace: Workspace) -> None:
    (workspace.root / "alias").symlink_to("src/app.py")
    assert workspace.relative(workspace.resolve("alias", for_write=True)) == "src/app.py"


def test_a_loop_of_symlinks_is_refused(workspace: Workspace) -> None:
    (workspace.root / "one").symlink_to("two")
    (workspace.root / "two").symlink_to("one")
    with pytest.raises(WorkspaceError):
        workspace.resolve("one")


def test_a_workspace_reached_through_a_symlink_works(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "door").symlink_to(workspace.root)
    through = Workspace(tmp_path / "door")
    assert through.resolve(str(tmp_path / "door" / "src" / "app.py")) == workspace.root / "src" / "app.py"


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".git",
        "src/.git/hooks/pre-commit",
        ".GIT/config",
        ".Git/x",
        ".git./x",
        ".git /x",
        "git~1/config",
        ".g\u200cit/config",
        "\uff0egit/config",
        ".git::$INDEX_ALLOCATION/config",
    ],
)
def test_what_belongs_to_git_is_read_but_never_written(workspace: Workspace, path: str) -> None:
    workspace.resolve(path)
    with pytest.raises(OutsideWorkspace):
        workspace.resolve(path, for_write=True)


@pytest.mark.parametrize("name", [".gitignore", ".gitattributes", ".github", "git", "x.git", "git~2"])
def test_names_that_only_resemble_git_are_free(name: str) -> None:
    assert not names_git(name)


def test_git_is_not_written_through_a_symlink(workspace: Workspace) -> None:
    (workspace.root / ".git").mkdir()
    (workspace.root / "door").symlink_to(".git")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("door/config", for_write=True)


def test_git_is_not_written_where_its_folder_has_another_name(workspace: Workspace) -> None:
    for part in ("objects", "refs"):
        (workspace.root / "moved" / part).mkdir(parents=True)
    (workspace.root / "moved" / "HEAD").write_text("ref: refs/heads/main\n")
    with pytest.raises(OutsideWorkspace):
        workspace.resolve("moved/config", for_write=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_before_anybody_waits_on_it(workspace: Workspace) -> None:
    os.mkfifo(workspace.root / "pipe")
    with pytest.raises(UnsuitableFile):
        workspace.resolve("pipe")


def test_a_folder_that_was_added_is_inside_and_shown_absolute(workspace: Workspace, tmp_path: Path) -> None:
    added = tmp_path / "library"
    added.mkdir()
    both = Workspace(workspace.root, (added,))
    real = both.resolve(str(added / "x.py"), for_write=True)
    assert both.relative(real) == (added / "x.py").as_posix()
    assert both.resolve(both.relative(real)) == real
    with pytest.raises(OutsideWorkspace):
        both.resolve(str(added / ".git" / "config"), for_write=True)


def test_our_own_state_is_not_written(workspace: Workspace) -> None:
    guarded = Workspace(workspace.root, protected=(workspace.root / "state",))
    with pytest.raises(OutsideWorkspace, match="own state"):
        guarded.resolve("STATE/trust.json", for_write=True)
    assert guarded.resolve("state/log.db")
    with pytest.raises(OutsideWorkspace):
        guarded.resolve("state/log.db", for_write=True)


@pytest.mark.parametrize(
    "path", ["z" * 5_000, "/".join(["d" * 200] * 30), "~" + "z" * 3_000, "/" + "z/" * 2_000, "z" * 300]
)
def test_an_endless_path_is_refused_in_few_words(tmp_path: Path, path: str) -> None:
    with pytest.raises(WorkspaceError) as caught:
        Workspace(tmp_path).resolve(path, for_write=True)
    assert len(caught.value.text) < 400
