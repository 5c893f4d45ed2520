"""Git answers, and a hostile repository gets nothing executed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.waiting import until
from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.git import Git, StatusEntry, read_branch
from trashclaw.workspace.git_process import GitProcess
from trashclaw.workspace.root import Workspace


def run_git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, timeout=30, capture_output=True)


@pytest.fixture
def git(repository: Path) -> Git:
    return Git(Workspace(repository))


async def test_status_tells_branch_and_files(repository: Path, git: Git) -> None:
    (repository / "README.md").write_text("changed\n")
    (repository / "new file\nwith a line end").write_text("x")
    run_git(repository, "mv", "src/app.py", "src/shop é.py")
    status = await git.status()
    assert (status.branch, status.upstream) == ("main", None)
    assert set(status.entries) == {
        StatusEntry("README.md", ".", "M"),
        StatusEntry("src/shop é.py", "R", ".", "src/app.py"),
        StatusEntry("new file\nwith a line end", "?", "?"),
    }


async def test_ahead_and_behind_are_counted(repository: Path, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "-q", str(repository), "clone")
    clone = tmp_path / "clone"
    (clone / "README.md").write_text("x")
    run_git(clone, "commit", "-qam", "Change")
    status = await Git(Workspace(clone)).status()
    assert (status.upstream, status.ahead, status.behind) == ("origin/main", 1, 0)


async def test_a_conflict_is_told(repository: Path, git: Git) -> None:
    run_git(repository, "checkout", "-qb", "other")
    (repository / "README.md").write_text("other\n")
    run_git(repository, "commit", "-qam", "Other")
    run_git(repository, "checkout", "-q", "main")
    (repository / "README.md").write_text("main\n")
    run_git(repository, "commit", "-qam", "Main")
    subprocess.run(["git", "merge", "other"], cwd=repository, timeout=30, capture_output=True)
    assert (await git.status()).entries == (StatusEntry("README.md", "U", "U"),)


async def test_a_diff_is_of_the_tree_or_of_the_index(repository: Path, git: Git) -> None:
    (repository / "README.md").write_text("# Shop\n\nA large shop.\n")
    run_git(repository, "add", "README.md")
    (repository / "src" / "app.py").write_text("pass\n")
    assert "+A large shop." in (await git.diff(staged=True)).text
    assert "+pass" in (await git.diff()).text
    assert (await git.diff("README.md")).text == ""


async def test_a_path_that_looks_like_an_option_is_a_path(repository: Path, git: Git) -> None:
    with pytest.raises(GitFailed):
        await Git(Workspace(repository), timeout_s=0.0).diff()
    assert (await git.diff("--output=stolen")).text == ""
    assert not (repository / "stolen").exists()


async def test_the_log_is_typed(git: Git) -> None:
    (commit,) = await git.log(5)
    assert (commit.author, commit.subject, commit.date[:10]) == ("Ada", "Open the shop", "2026-01-01")
    assert await git.log(5, "no/such/path") == ()


async def test_a_repository_without_commits_has_an_empty_log(workspace_folder: Path) -> None:
    run_git(workspace_folder, "init", "-q", "-b", "trunk")
    git = Git(Workspace(workspace_folder))
    assert await git.log() == ()
    assert (await git.status()).branch == "trunk"
    assert git.branch() == "trunk"


async def test_outside_a_repository_it_says_so(workspace_folder: Path) -> None:
    git = Git(Workspace(workspace_folder))
    assert not git.is_repository
    assert git.branch() is None
    with pytest.raises(GitFailed, match="no git repository"):
        await git.status()


def test_the_branch_is_read_without_a_process(repository: Path, tmp_path: Path) -> None:
    assert read_branch(repository / "src") == "main"
    run_git(repository, "worktree", "add", "-q", "-b", "feature/x", str(tmp_path / "tree"))
    assert read_branch(tmp_path / "tree") == "feature/x"
    run_git(repository, "checkout", "-q", "--detach")
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=repository, capture_output=True, text=True, check=True)
    assert read_branch(repository) == commit.stdout[:8]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_head_that_is_a_pipe_does_not_hang_the_status_bar(workspace_folder: Path) -> None:
    (workspace_folder / ".git").mkdir()
    os.mkfifo(workspace_folder / ".git" / "HEAD")
    assert read_branch(workspace_folder) is None


HOSTILE = {
    "core.fsmonitor": "touch pwned-fsmonitor",
    "core.pager": "touch pwned-pager",
    "core.hooksPath": "hooks",
    "core.sshCommand": "touch pwned-ssh",
    "diff.external": "touch pwned-external",
    "diff.evil.textconv": "touch pwned-textconv; cat",
    "diff.evil.command": "touch pwned-command",
    "filter.evil.clean": "touch pwned-clean; cat",
    "filter.evil.smudge": "touch pwned-smudge; cat",
    "filter.evil.process": "touch pwned-process",
    "filter.evil.required": "true",
    "filter.a=b.clean": "touch pwned-equals; cat",
    "log.showSignature": "true",
    "gpg.program": "hooks/post-index-change",
    "alias.status": "!touch pwned-alias",
}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell lines")
async def test_nothing_of_a_hostile_repository_is_executed(repository: Path, git: Git) -> None:
    for name, value in HOSTILE.items():
        run_git(repository, "config", name, value)
    (repository / "hooks").mkdir()
    (repository / "hooks" / "post-index-change").write_text("#!/bin/sh\ntouch pwned-hook\n")
    (repository / "hooks" / "post-index-change").chmod(0o755)
    (repository / ".gitattributes").write_text("*.md filter=evil diff=evil\n*.py filter=a=b diff=evil\n")
    (repository / "README.md").write_text("# Shop\n\nchanged\n")
    (repository / "src" / "app.py").write_text("changed\n")
    assert len((await git.status()).entries) == 4
    assert "+changed" in (await git.diff()).text
    await git.diff(staged=True)
    await git.log(5, "README.md")
    assert not [path.name for path in repository.rglob("pwned*")]


async def test_much_output_is_bounded(repository: Path) -> None:
    (repository / "README.md").write_text("long line\n" * 200_000)
    said = await Git(Workspace(repository)).diff()
    assert said.is_truncated
    assert len(said.text) <= 400_000


async def test_a_slow_git_is_stopped(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow_git(tmp_path, monkeypatch)
    with pytest.raises(GitFailed, match="took longer"):
        await Git(Workspace(repository), timeout_s=0.1).status()


async def test_a_cancelled_question_ends_its_process(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_git(tmp_path, monkeypatch)
    task = asyncio.create_task(Git(Workspace(repository)).status())
    await until((tmp_path / "started").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_process_that_was_killed_before_it_began_ends_at_once(repository: Path) -> None:
    process = GitProcess(repository, 30, 1_000)
    process.kill()
    with pytest.raises(GitFailed):
        process.run((), ["status"])


def slow_git(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a `git` first on the path that never ends."""
    (folder / "bin").mkdir()
    (folder / "bin" / "git").write_text(f"#!/bin/sh\ntouch '{folder}/started'\nexec sleep 600\n")
    (folder / "bin" / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(folder / "bin"), prepend=os.pathsep)
