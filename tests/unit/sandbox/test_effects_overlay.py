"""Effects of commands in the real sandbox land as if they had been run plainly."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.confined import confined
from tests.support.copied_branch import snapshot
from trashclaw.sandbox.effects import gather_effects, land_effects
from trashclaw.sandbox.overlay.probe import probe
from trashclaw.workspace.root import Workspace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")

WITH_DATES = "export GIT_AUTHOR_DATE=2026-02-02T12:00:00Z GIT_COMMITTER_DATE=2026-02-02T12:00:00Z; "
NAMED = "git config user.name Ada; git config user.email ada@example.org"
COMMANDS = [
    "mv src lib; chmod 755 README.md; ln -s lib link; printf 'a\\0b' > bin; mkdir -p e/f",
    "rm -rf src; echo x > src",
    "rm README.md; mkdir README.md; echo x > README.md/below",
    "echo more >> README.md; git commit -qam More",
    "git checkout -qb feature; git rm -q README.md; git mv src/app.py app.py; git commit -qm Move",
    "echo more >> README.md; git stash -q",
    (
        "git checkout -qb other; echo o > README.md; git commit -qam O; git checkout -q main; echo m > README.md;"
        " git commit -qam M; git rebase other"
    ),
    "git gc -q --prune=now",
    "rm -rf ./* .git",
]


def sh(folder: Path, command: str) -> str:
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
async def test_what_is_accepted_is_what_the_plain_command_makes(repository: Path, tmp_path: Path, command: str) -> None:
    if reason := await probe(tmp_path / "state"):
        pytest.skip(reason)
    sh(repository, NAMED)
    plain = tmp_path / "plain"
    shutil.copytree(repository, plain, symlinks=True)
    sh(plain, WITH_DATES + command)
    workspace = Workspace(repository)
    before = snapshot(repository)
    async with confined(repository, tmp_path / "state") as box:
        await box.run(WITH_DATES + command)
        assert box.last is not None
        effects = gather_effects(workspace, box.last.branches)
        land_effects(workspace, effects, None)
        assert snapshot(repository) == before
        landed = land_effects(workspace, effects, effects.patch)
    assert not effects.left_out and not landed.rejected.changes
    assert files(repository) == files(plain)
    for question in ("log --all --format='%H %D'", "status --porcelain", "ls-files -s", "stash list", "fsck --strict"):
        assert sh(repository, f"git {question}") == sh(plain, f"git {question}")


async def test_reading_with_git_has_no_effect(repository: Path, tmp_path: Path) -> None:
    if reason := await probe(tmp_path / "state"):
        pytest.skip(reason)
    async with confined(repository, tmp_path / "state") as box:
        await box.run("touch README.md; git status; git diff; git log")
        assert box.last is not None
        effects = gather_effects(Workspace(repository), box.last.branches)
        assert not (effects.patch.changes or effects.ignored or effects.left_out)


def files(root: Path) -> dict[str, object]:
    """Return the work tree; what git keeps holds times and is compared by git."""
    return {path: found for path, found in snapshot(root).items() if not path.startswith(".git/")}
