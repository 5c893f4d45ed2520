"""The git folder of a workspace is its own: a hostile `.git` neither breaks anything nor shows a stranger's files."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.git import Git, read_branch
from trashclaw.workspace.git_folder import find_git_folder, find_work_tree, outer_git_folders
from trashclaw.workspace.root import Workspace


def run_git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "protocol.file.allow=always", *arguments]
    done = subprocess.run(command, cwd=folder, check=True, timeout=30, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "a.txt").write_text("a\n")
    return folder


@pytest.mark.parametrize(
    "name", ["a" * 300, "a\0b", "", "/", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1")]
)
def test_a_git_file_that_leads_nowhere_is_no_repository(hostile: Path, name: str) -> None:
    (hostile / ".git").write_text(f"gitdir: {name}\n")
    assert find_git_folder(hostile) is None
    assert read_branch(hostile) is None
    assert not Git(Workspace(hostile)).is_repository


def test_a_git_file_without_the_word_is_no_repository(hostile: Path) -> None:
    (hostile / ".git").write_bytes(b"\xff" * 100_000)
    assert find_git_folder(hostile) is None


@pytest.mark.parametrize("is_link", [False, True], ids=["git file", "symlink"])
async def test_another_repository_is_not_borrowed(repository: Path, hostile: Path, is_link: bool) -> None:
    if is_link:
        (hostile / ".git").symlink_to(repository / ".git", target_is_directory=True)
    else:
        (hostile / ".git").write_text(f"gitdir: {repository / '.git'}\n")
    assert find_git_folder(hostile) is None
    with pytest.raises(GitFailed, match="no git repository"):
        await Git(Workspace(hostile)).log()


async def test_the_folders_that_branches_and_objects_come_from_are_its_own(repository: Path, hostile: Path) -> None:
    run_git(hostile, "init", "-q", "-b", "main")
    assert find_git_folder(hostile) == hostile / ".git"
    (hostile / ".git" / "commondir").write_text(f"{repository / '.git'}\n")
    assert find_git_folder(hostile) is None
    (hostile / ".git" / "commondir").unlink()
    shutil.rmtree(hostile / ".git" / "refs")
    (hostile / ".git" / "refs").symlink_to(repository / ".git" / "refs", target_is_directory=True)
    assert find_git_folder(hostile) is None


async def test_a_linked_worktree_is_its_own(repository: Path, tmp_path: Path) -> None:
    run_git(repository, "worktree", "add", "-q", "-b", "feature", str(tmp_path / "tree"))
    found = find_work_tree(tmp_path / "tree" / "src")
    assert found is not None
    assert found.top == tmp_path / "tree"
    (tmp_path / "tree" / "README.md").write_text("changed\n")
    assert "+changed" in (await Git(Workspace(tmp_path / "tree")).diff()).text
    assert len(await Git(Workspace(tmp_path / "tree")).log()) == 1


async def test_a_submodule_is_its_own(repository: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "outer")
    run_git(tmp_path / "outer", "submodule", "add", "-q", str(repository), "inner")
    inner = tmp_path / "outer" / "inner"
    (inner / "README.md").write_text("changed\n")
    assert find_git_folder(inner) == tmp_path / "outer" / ".git" / "modules" / "inner"
    assert "+changed" in (await Git(Workspace(inner)).diff()).text


async def test_a_separate_git_folder_counts_once_it_names_its_work_tree(tmp_path: Path) -> None:
    run_git(tmp_path, "init", "-q", "-b", "trunk", f"--separate-git-dir={tmp_path / 'kept'}", "tree")
    with pytest.raises(GitFailed) as caught:
        await Git(Workspace(tmp_path / "tree")).status()
    assert caught.value.hint is not None
    assert "core.worktree" in caught.value.hint
    run_git(tmp_path / "tree", "config", "core.worktree", str(tmp_path / "tree"))
    assert (await Git(Workspace(tmp_path / "tree")).status()).branch == "trunk"


async def test_the_configured_work_tree_does_not_widen_the_jail(hostile: Path) -> None:
    (hostile.parent / "secret.txt").write_text("TOP SECRET\n")
    run_git(hostile, "init", "-q", "-b", "main")
    blob = run_git(hostile, "hash-object", "-w", "a.txt")
    run_git(hostile, "update-index", "--add", "--cacheinfo", f"100644,{blob},secret.txt")
    run_git(hostile, "config", "core.worktree", str(hostile.parent))
    git = Git(Workspace(hostile))
    said = (await git.diff()).text
    assert "secret.txt" in said
    assert "TOP SECRET" not in said
    assert {entry.path for entry in (await git.status()).entries} == {"a.txt", "secret.txt"}


async def test_a_workspace_below_the_top_sees_its_own_part_alone(repository: Path) -> None:
    (repository / "README.md").write_text("beside\n")
    (repository / "src" / "app.py").write_text("inside\n")
    git = Git(Workspace(repository / "src"))
    said = (await git.diff()).text
    assert "+inside" in said
    assert "+beside" not in said
    assert [entry.path for entry in (await git.status()).entries] == ["src/app.py"]


async def test_a_bare_repository_among_the_files_does_not_govern_them(repository: Path) -> None:
    run_git(repository, "init", "-q", "--bare", "src/fixture")
    with pytest.raises(GitFailed):
        await Git(Workspace(repository / "src" / "fixture")).status()


async def test_a_damaged_git_folder_hides_the_repository_around_it(repository: Path) -> None:
    (repository / "src" / ".git").mkdir()
    (repository / "src" / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    with pytest.raises(GitFailed):
        await Git(Workspace(repository / "src")).log()


def test_git_folders_outside_of_a_workspace_are_found(tmp_path: Path) -> None:
    top = tmp_path / "top"
    run_git(tmp_path, "init", "-q", str(top))
    run_git(top, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first")
    run_git(top, "worktree", "add", "-q", str(tmp_path / "linked"))
    (top / "below").mkdir()
    assert outer_git_folders(top) == []
    assert outer_git_folders(top / "below") == [top / ".git"]
    assert outer_git_folders(tmp_path / "linked") == [top / ".git"]
    assert outer_git_folders(tmp_path) == []
