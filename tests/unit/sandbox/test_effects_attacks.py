"""What a hostile command leaves so that something runs later, or lands unseen, is asked about by name."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.copied_branch import CopiedBranch, branch_of, snapshot
from trashclaw.protocol.patches import Patch
from trashclaw.sandbox.effects import Effects, gather_effects, land_effects
from trashclaw.sandbox.ports import BranchChange, Entry, EntryKind
from trashclaw.workspace.root import Workspace

Run = Callable[[str], Effects]

BARE = "mkdir -p {0}/objects {0}/refs; printf 'ref: refs/heads/main\\n' > {0}/HEAD; echo x > {0}/config"


@pytest.fixture
def run(repository: Path, tmp_path: Path) -> Run:
    copies = iter(range(100))

    def gather(command: str) -> Effects:
        return gather_effects(Workspace(repository), [branch_of(repository, command, tmp_path / f"copy{next(copies)}")])

    return gather


def warnings(effects: Effects) -> dict[str, str]:
    return {change.path: change.warning for change in effects.patch.changes if change.warning}


def unwarned(repository: Path, effects: Effects) -> Patch:
    """Land what would land in a mode that asks only about warnings, and return the rest."""
    calm = tuple(change for change in effects.patch.changes if not change.warning)
    land_effects(Workspace(repository), effects, Patch(changes=calm))
    return Patch(changes=tuple(change for change in effects.patch.changes if change.warning))


def sh(folder: Path, command: str) -> None:
    subprocess.run(command, shell=True, cwd=folder, check=True, capture_output=True, timeout=30)


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf .git/hooks; ln -s ../src .git/hooks",
        f"mkdir .git/else; {BARE.format('.git/else')}; mkdir sub; echo 'gitdir: ../.git/else' > sub/.git",
        f"mkdir -p .git/modules/a/info/x; {BARE.format('.git/modules/a/info/x')}",
        "mkdir -p .git/modules/a/info/x/hooks; echo x > .git/modules/a/info/x/hooks/pre-commit",
        "mkdir -p .git/refs/x; echo x > .git/refs/x/config",
        "mkdir -p .git/logs/x; echo x > .git/logs/x/config",
        "ln -s ../src .git/modules",
        "mkdir .git/modules; ln -s ../../src .git/modules/lib",
        "rm .git/HEAD; echo '[core] fsmonitor = evil' >> .git/config",
        "mv .git/info .git/gone; mkdir .git/info; ln -s ../../src/app.py .git/info/attributes",
        "mkdir -p .git/worktrees/w; echo ../../../src > .git/worktrees/w/commondir",
        "echo x > .git/config.worktree",
        "cp /bin/true .git/tool; chmod u+s .git/tool",
    ],
)
def test_no_way_into_a_git_folder_goes_without_a_question(run: Run, command: str) -> None:
    assert warnings(run(command))


@pytest.mark.parametrize(
    "command",
    [
        "git branch hooks/one; git branch config; git branch info/attributes; git commit -q --allow-empty -m x",
        "git tag -a hooks/two -m two; git update-ref refs/remotes/origin/config HEAD; git stash list",
        "echo x > README.md; git stash -q",
    ],
)
def test_branches_of_any_name_are_no_hooks(run: Run, command: str) -> None:
    assert not warnings(run(command))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "mkdir -p evil/objects evil/refs; touch evil/objects/a evil/refs/a; echo x > evil/config",
            "echo x > evil/HEAD",
        ),
        ("mkdir evil other; touch evil/HEAD; echo x > other/config", "echo ../other > evil/commondir"),
        ("mkdir evil; echo x > evil/HEAD; echo x > evil/config", "mkdir evil/objects evil/refs; touch evil/refs/a"),
        ("rm .git/HEAD", "printf 'ref: refs/heads/main\\n' > .git/HEAD"),
    ],
)
def test_a_git_folder_that_comes_bit_by_bit_is_asked_about(run: Run, repository: Path, first: str, second: str) -> None:
    assert unwarned(repository, run(first)).changes or warnings(run(second))


def test_a_git_file_is_always_asked_about(run: Run) -> None:
    effects = run(
        "mkdir -p evil sub other; echo x > evil/HEAD; echo ../other > evil/cd; echo 'gitdir: ../evil' > sub/.git"
    )
    assert "sub/.git" in warnings(effects)


@pytest.mark.parametrize(
    ("prepared", "command", "path"),
    [
        (
            "git config core.hooksPath .husky/_",
            "mkdir -p .husky/_; echo x > .husky/_/pre-commit",
            ".husky/_/pre-commit",
        ),
        ("git config core.fsmonitor build/watch", "mkdir build; echo x > build/watch", "build/watch"),
        (
            "git config include.path ../local.gitconfig; touch local.gitconfig",
            "echo x > local.gitconfig",
            "local.gitconfig",
        ),
        ("git config include.path ../build/more", "mkdir build; echo x > build/more", "build/more"),
        ("git config filter.x.clean './build/clean --all'", "mkdir build; echo x > build/clean", "build/clean"),
        ("git config alias.x '!sh build/alias.sh'", "mkdir build; echo x > build/alias.sh", "build/alias.sh"),
        ("git config core.hooksPath build/hooks", "mkdir build; ln -s ../src build/hooks", "build/hooks"),
        (
            "git config core.attributesFile build/attributes",
            "mkdir build; echo x > build/attributes",
            "build/attributes",
        ),
    ],
)
def test_what_git_would_run_or_obey_is_asked_about_also_where_git_ignores_it(
    run: Run, repository: Path, prepared: str, command: str, path: str
) -> None:
    (repository / ".gitignore").write_text("build/\n_/\n")
    sh(repository, prepared)
    effects = run(command)
    assert path in warnings(effects)
    land_effects(Workspace(repository), effects, None)
    before = snapshot(repository)
    assert before.get(path) is None or before[path][1] == b""


@pytest.mark.parametrize(
    "command",
    [
        "mkdir build; cp /bin/true build/tool; chmod u+s build/tool",
        "mkdir build; echo 'export X=1' > build/.envrc",
        "mkdir build; ln -s /etc build/out",
        "mkdir build; ln -s /nowhere/at/all build/later",
        "mkdir .vscode; echo '{}' > .vscode/tasks.json",
    ],
)
def test_ignored_files_that_act_by_themselves_or_lead_out_are_asked_about(
    run: Run, repository: Path, command: str
) -> None:
    (repository / ".gitignore").write_text("build/\n.vscode/\n.envrc\n")
    effects = run(f"{command}; mkdir -p build; echo o > build/o.o")
    assert len(warnings(effects)) == 1
    assert "build/o.o" in effects.ignored


def test_an_ignored_link_to_a_program_of_the_system_is_what_environments_are_made_of(
    run: Run, repository: Path
) -> None:
    (repository / ".gitignore").write_text("build/\n")
    assert not warnings(run("mkdir -p build/bin; ln -s /bin/sh build/bin/python"))


def test_a_file_that_moves_and_gets_its_owners_rights_is_asked_about(run: Run) -> None:
    assert "owner's rights" in warnings(run("mv README.md tool; chmod 4755 tool"))["tool"]


def test_a_file_named_as_the_bundle_of_ignored_files_is_a_file(run: Run, repository: Path) -> None:
    (repository / ".gitignore").write_text("build/\n")
    effects = run("mkdir build; echo o > build/o; echo x > '(ignored files)'")
    landed = land_effects(Workspace(repository), effects, effects.patch)
    assert (repository / "(ignored files)").read_text() == "x\n"
    assert landed.ignored_error is None and (repository / "build" / "o").exists()


def test_where_git_does_not_answer_nothing_counts_as_ignored(run: Run, repository: Path) -> None:
    (repository / ".gitignore").write_text("*.py\n")
    (repository / ".git" / "index").write_bytes(b"damaged")
    assert [change.path for change in run("echo x > src/app.py").patch.changes] == ["src/app.py"]


def test_the_ignore_files_of_search_hide_nothing(workspace_folder: Path, tmp_path: Path) -> None:
    (workspace_folder / ".rgignore").write_text("quiet/\n")
    (workspace_folder / ".ignore").write_text("quiet/\n")
    branch = branch_of(workspace_folder, "mkdir quiet; echo x > quiet/x", tmp_path / "copy")
    assert [change.path for change in gather_effects(Workspace(workspace_folder), [branch]).patch.changes] == [
        "quiet/x"
    ]


class WithHuge(CopiedBranch):
    """A branch in which one file is larger than any memory, and cannot be read."""

    def changes(self) -> tuple[BranchChange, ...]:
        return (BranchChange("huge", None, Entry(EntryKind.FILE, 0o644, 10**12)), *super().changes())

    def read(self, path: str) -> bytes:
        assert path != "huge"
        return super().read(path)


def test_a_file_too_large_for_the_memory_does_not_land_and_is_not_read(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "copy", symlinks=True)
    branch = WithHuge(repository, tmp_path / "copy").run("echo x > small")
    effects = gather_effects(Workspace(repository), [branch])
    assert [left.path for left in effects.left_out] == ["huge"]
    land_effects(Workspace(repository), effects, effects.patch)
    assert (repository / "small").exists() and not (repository / "huge").exists()


def test_a_huge_file_of_the_persons_can_be_removed(run: Run, repository: Path, tmp_path: Path) -> None:
    sh(repository, "truncate -s 100M data.bin; echo data.bin >> .git/info/exclude; git add -A")
    sh(repository, "git rm -q --cached data.bin || true; sed -i d .git/info/exclude")
    effects = run("rm data.bin")
    (change,) = effects.patch.changes
    assert "large file" in change.hunks[0].what
    land_effects(Workspace(repository), effects, effects.patch)
    assert not (repository / "data.bin").exists()
