"""What a command did to git is one effect in git's own words; accepted, the repository is what the command made."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.copied_branch import CopiedBranch, branch_of, snapshot
from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.patches import FileChange, HunkPart, Patch
from trashclaw.sandbox.effects import Effects, gather_effects, land_effects
from trashclaw.workspace.root import Workspace

Run = Callable[[str], Effects]


def sh(folder: Path, command: str) -> str:
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Run:
    def gather(command: str) -> Effects:
        return gather_effects(Workspace(repository), [branch_of(repository, command, tmp_path / "copy")])

    return gather


def git_change(effects: Effects, path: str = ".git") -> FileChange:
    return next(change for change in effects.patch.changes if change.path == path)


def words(effects: Effects) -> str:
    (hunk,) = git_change(effects).hunks
    assert hunk.part is HunkPart.WHOLE
    return hunk.what


def state(folder: Path) -> str:
    """Return what git knows of a repository, in full."""
    asked = (
        "log --all --format='%H %D %s'",
        "status --porcelain=v2 --branch",
        "stash list",
        "ls-files -s",
        "reflog --all",
    )
    return "".join(sh(folder, f"git {command}") for command in asked)


def accept(repository: Path, effects: Effects) -> None:
    landed = land_effects(Workspace(repository), effects, effects.patch)
    assert not landed.rejected.changes


PREPARED = (
    "git checkout -qb other && echo other > README.md && echo o > other.txt && git add ."
    " && git commit -qm 'Other words'"
    " && git checkout -q main && git checkout -qb unlike && echo z > z && git add z && git commit -qm Unlike"
    " && git checkout -q main && echo y > y && git add y && git commit -qm Why"
)
COMMANDS = [
    ("echo more >> README.md; git commit -qam 'Say more'", 'commit `'),
    ("git checkout -qb feature", "branch `feature` created"),
    ("git checkout -q other", "HEAD now on `other`"),
    ("git checkout -q --detach; echo x > x; git add x; git commit -qm X", "HEAD detached at"),
    ("echo more >> README.md; git stash -q", "stash pushed"),
    ("git merge -q other -m Merge", "on `main`"),
    ("echo mine > README.md; git commit -qam Mine; git merge other", "merge in progress"),
    ("echo mine > README.md; git commit -qam Mine; git rebase other", "rebase in progress"),
    ("git rebase -q unlike", "branch `main` moved"),
    ("git rm -q README.md", "1 file staged (`README.md`)"),
    ("git mv README.md READ.md", "2 files staged"),
    ("echo a > a; git add a", "1 file staged (`a`)"),
    ("git gc -q --prune=now", "objects packed"),
    ("git tag v1; git tag -a v2 -m two", "tag `v1` created"),
    ("git branch -D other", "branch `other` deleted"),
    ("git branch -m main trunk", "branch `trunk` created"),
    ("git branch -D other; git branch other/deep", "branch `other/deep` created"),
    ("git pack-refs --all; git branch -D other", "branch `other` deleted"),
    ("git worktree add -q inner other", "work tree inner added"),
    ("for i in 1 2 3 4 5; do git commit -q --allow-empty -m $i; done", "5 commits on `main`, the latest"),
    ("rm -rf .git", "the repository is removed"),
]  # fmt: skip


@pytest.mark.parametrize(("command", "told"), COMMANDS)
def test_git_commands_are_told_and_land_as_a_whole(
    run: Run, repository: Path, tmp_path: Path, command: str, told: str
) -> None:
    sh(repository, PREPARED)
    before = snapshot(repository)
    effects = run(command)
    assert told in words(effects)
    land_effects(Workspace(repository), effects, None)
    assert snapshot(repository) == before
    accept(repository, effects)
    plain = {path: found for path, found in snapshot(tmp_path / "copy").items() if not path.endswith(".lock")}
    assert snapshot(repository) == plain
    assert state(repository) == state(tmp_path / "copy").replace(str(tmp_path / "copy"), str(repository))
    if "worktree" not in command:
        assert "error" not in sh(repository, "git fsck --strict 2>&1") + sh(repository, "git status")


def test_reading_with_git_has_no_effect(run: Run) -> None:
    effects = run("touch README.md src/app.py; git status; git diff; git log; git show")
    assert not (effects.patch.changes or effects.ignored or effects.left_out)


def test_a_commit_can_be_taken_without_what_it_left_in_the_files(run: Run, repository: Path) -> None:
    effects = run("echo a > a; git add a; git commit -qm A; echo b > b")
    land_effects(Workspace(repository), effects, Patch(changes=(git_change(effects),)))
    assert not (repository / "b").exists()
    assert sh(repository, "git log --format=%s -1") == "A\n"
    assert " D a" in sh(repository, "git status --porcelain")


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("echo 'touch /tmp/x' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit", ".git/hooks/pre-commit"),
        ("git config core.fsmonitor ./evil", ".git/config"),
        ("mkdir -p .git/info; echo '* filter=evil' > .git/info/attributes", ".git/info/attributes"),
        ("echo 'src/' >> .git/info/exclude", ".git/info/exclude"),
        ("echo /elsewhere > .git/objects/info/alternates", ".git/objects/info/alternates"),
    ],
)
def test_what_runs_programs_later_has_a_question_of_its_own(
    run: Run, repository: Path, command: str, path: str
) -> None:
    before = snapshot(repository)
    effects = run(f"{command}; git branch more")
    change = git_change(effects, path)
    assert change.warning and change.hunks[0].lines
    land_effects(Workspace(repository), effects, Patch(changes=(git_change(effects),)))
    now = snapshot(repository)
    assert now.get(path) == before.get(path)
    assert ".git/refs/heads/more" in now


def test_a_hook_can_be_accepted_by_name(run: Run, repository: Path, tmp_path: Path) -> None:
    effects = run("echo 'exit 0' > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit; git config a.b c")
    accept(repository, effects)
    assert snapshot(repository) == snapshot(tmp_path / "copy")


def test_files_of_a_configured_hooks_folder_are_warned_about(run: Run, repository: Path) -> None:
    sh(repository, "git config core.hooksPath .husky")
    effects = run("mkdir .husky; echo x > .husky/pre-push")
    assert "hook" in git_change(effects, ".husky/pre-push").warning


LOSING = [
    ("git reset -q --hard", {"README.md": "your uncommitted changes would be lost (1 line)"}),
    ("git checkout -q -- .", {"README.md": "your uncommitted changes"}),
    ("git restore .", {"README.md": "your uncommitted changes"}),
    ("git clean -qfd", {"new.txt": "git has no copy", "folder/deep.txt": "git has no copy"}),
    ("rm README.md", {"README.md": "your uncommitted changes"}),
    ("git stash drop -q", {".git": "what is in the stash is lost"}),
    ("git branch -qD unmerged", {".git": "no branch or tag leads to"}),
    ("git reset -q --hard HEAD~1", {".git": "no branch or tag leads to", "README.md": "your uncommitted changes"}),
    ("git commit -q --amend --allow-empty -m Again", {".git": "no branch or tag leads to"}),
    ("git checkout -qf other", {"README.md": "your uncommitted changes"}),
    ("rm -rf .git", {".git": "whole history"}),
]


@pytest.mark.parametrize(("command", "lost"), LOSING)
def test_work_that_would_be_lost_is_told_from_the_effects(
    run: Run, repository: Path, command: str, lost: dict[str, str]
) -> None:
    sh(repository, PREPARED)
    sh(repository, "git checkout -qb unmerged; echo u > u; git add u; git commit -qm Unmerged; git checkout -q main")
    sh(repository, "echo s > src/app.py; git stash -q; git commit -q --allow-empty -m Second")
    sh(repository, "echo mine >> README.md; echo new > new.txt; mkdir folder; echo deep > folder/deep.txt")
    warnings = {change.path: change.warning for change in run(command).patch.changes if change.warning}
    assert warnings.keys() == lost.keys()
    for path, told in lost.items():
        assert told in warnings[path]


@pytest.mark.parametrize(
    "command",
    [
        "git stash -q",
        "git stash -qu",
        "git commit -qam Kept",
        "git stash pop -q; true",
        "echo x >> README.md",
        "git add -A",
    ],
)
def test_work_that_git_keeps_is_not_called_lost(run: Run, repository: Path, command: str) -> None:
    if "pop" in command:
        sh(repository, "echo s > src/app.py; git stash -q")
    else:
        sh(repository, "echo mine >> README.md; echo new > new.txt")
    assert not [change.warning for change in run(command).patch.changes if change.warning]


def test_a_lock_that_was_left_does_not_land(run: Run, repository: Path) -> None:
    effects = run("touch .git/index.lock; git branch more")
    accept(repository, effects)
    assert not (repository / ".git" / "index.lock").exists()
    assert (repository / ".git" / "refs" / "heads" / "more").exists()


def test_a_stale_lock_can_be_removed(run: Run, repository: Path) -> None:
    (repository / ".git" / "index.lock").touch()
    accept(repository, run("rm .git/index.lock; git add -A; echo a > a; git add a"))
    assert sh(repository, "git status --porcelain") == "A  a\n"


def test_while_git_is_at_work_nothing_lands(run: Run, repository: Path) -> None:
    effects = run("echo a > a; git add a")
    (repository / ".git" / "index.lock").touch()
    before = snapshot(repository)
    with pytest.raises(StaleFile, match="git is at work"):
        accept(repository, effects)
    assert snapshot(repository) == before


def test_a_commit_of_the_users_meanwhile_keeps_the_commands_git_out(repository: Path, tmp_path: Path) -> None:
    branch = branch_of(repository, "echo a > a; git add a; git commit -qm Theirs", tmp_path / "copy")
    sh(repository, "git commit -q --allow-empty -m Mine")
    effects = gather_effects(Workspace(repository), [branch])
    assert [left.path for left in effects.left_out] == [".git"]
    assert [change.path for change in effects.patch.changes] == ["a"]


def test_a_commit_of_the_users_during_the_review_stops_the_landing(run: Run, repository: Path) -> None:
    effects = run("echo a > a; git add a; git commit -qm Theirs")
    sh(repository, "git commit -q --allow-empty -m Mine")
    before = snapshot(repository)
    with pytest.raises(StaleFile):
        accept(repository, effects)
    assert snapshot(repository) == before


def test_in_the_middle_of_a_rebase_it_goes_on(run: Run, repository: Path, tmp_path: Path) -> None:
    sh(repository, f"{PREPARED}; echo mine > README.md; git commit -qam Mine; git rebase other")
    effects = run("echo both > README.md; git add README.md; GIT_EDITOR=true git rebase --continue")
    assert "rebase ended" in words(effects)
    accept(repository, effects)
    assert snapshot(repository) == snapshot(tmp_path / "copy")
    assert state(repository) == state(tmp_path / "copy")


def test_a_submodule_is_told_with_its_name(run: Run, repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "library", symlinks=True)
    allow = "-c protocol.file.allow=always"
    sh(repository, f"git {allow} submodule add -q {tmp_path / 'library'} lib; git commit -qm 'Add lib'")
    effects = run("cd lib; echo x > x; git add x; git commit -qm 'In lib'")
    assert "submodule lib: commit `" in words(effects) and '"In lib" on `main`' in words(effects)
    accept(repository, effects)
    assert snapshot(repository) == snapshot(tmp_path / "copy")
    assert sh(repository / "lib", "git log -1 --format=%s") == "In lib\n"


def test_a_new_submodule_lands_with_its_files(run: Run, repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "library", symlinks=True)
    effects = run(f"git -c protocol.file.allow=always submodule add -q {tmp_path / 'library'} lib")
    accept(repository, effects)
    assert snapshot(repository) == snapshot(tmp_path / "copy")


def test_a_linked_work_tree_has_its_git_folder_in_a_branch_of_its_own(repository: Path, tmp_path: Path) -> None:
    linked = repository.parent / "linked"
    sh(repository, f"git worktree add -q -b side {linked}")
    holder = tmp_path / "copies"
    shutil.copytree(repository, holder / "repository", symlinks=True)
    shutil.copytree(linked, holder / "linked", symlinks=True)
    (holder / "linked" / ".git").write_text(f"gitdir: {holder}/repository/.git/worktrees/linked\n")
    work = CopiedBranch(linked, holder / "linked")
    common = CopiedBranch(repository / ".git", holder / "repository", ".git")
    common.started_at = work.run("echo a > a; git add a; git commit -qm 'On the side'").started_at
    (holder / "linked" / ".git").write_text((linked / ".git").read_text())
    effects = gather_effects(Workspace(linked), [work, common])
    assert words(effects).startswith("commit `") and '"On the side" on `side`' in words(effects)
    accept(linked, effects)
    assert snapshot(repository) == snapshot(holder / "repository")
    assert sh(linked, "git log -1 --format=%s; git status --porcelain") == "On the side\n"


def test_a_bare_folder_is_one_effect(tmp_path: Path, repository: Path) -> None:
    sh(tmp_path, f"git clone -q --bare {repository} bare.git")
    bare = tmp_path / "bare.git"
    branch = branch_of(
        bare, "git branch more; git update-ref refs/tags/x HEAD; echo x > hooks/update", tmp_path / "copy"
    )
    effects = gather_effects(Workspace(bare), [branch])
    assert {change.path: bool(change.warning) for change in effects.patch.changes} == {".": False, "hooks/update": True}
    accept(bare, effects)
    assert snapshot(bare) == snapshot(tmp_path / "copy")


def test_a_new_repository_lands_and_its_settings_are_asked_about(run: Run, repository: Path, tmp_path: Path) -> None:
    effects = run("git init -q sub; cd sub; echo a > a; git add a; git commit -qm First")
    assert "new repository" in git_change(effects, "sub/.git").hunks[0].what
    assert git_change(effects, "sub/.git/config").warning
    accept(repository, effects)
    assert snapshot(repository) == snapshot(tmp_path / "copy")
    assert sh(repository / "sub", "git status --porcelain; git log --format=%s") == "First\n"


def test_a_git_file_that_leads_out_is_warned_about(run: Run) -> None:
    effects = run("mkdir sub; echo 'gitdir: /elsewhere/.git' > sub/.git")
    assert "outside" in git_change(effects, "sub/.git").warning
