"""Caches that no ignore file names: not asked about and not landed, unless git tracks something in them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.copied_branch import branch_of
from trashclaw.sandbox.effects import gather_effects
from trashclaw.workspace.root import Workspace

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")

Paths = Callable[[str], list[str]]
MADE = "mkdir -p p/__pycache__ .pytest_cache/v; echo x > p/__pycache__/a.pyc; echo y > .pytest_cache/v/ids"
RUN = f"{MADE}; echo z > p/new.py"


@pytest.fixture
def changed(repository: Path, tmp_path: Path) -> Paths:
    """The paths that are to be reviewed after a command."""
    copies = iter(range(10))

    def gather(command: str) -> list[str]:
        branch = branch_of(repository, command, tmp_path / f"copy{next(copies)}")
        return [change.path for change in gather_effects(Workspace(repository), [branch]).patch.changes]

    return gather


def test_what_is_written_into_a_cache_is_let_go(changed: Paths, repository: Path) -> None:
    assert changed(RUN) == ["p/new.py"]
    (repository / ".pytest_cache").mkdir()
    (repository / ".pytest_cache" / "ids").write_text("of the person's own run\n")
    assert changed("echo other > .pytest_cache/ids") == []


def test_removing_a_cache_is_an_effect_like_any_other(changed: Paths, repository: Path) -> None:
    (repository / "__pycache__").mkdir()
    (repository / "__pycache__" / "a.pyc").write_text("x")
    assert "__pycache__/a.pyc" in changed("rm -r __pycache__")


def test_a_folder_in_which_git_tracks_a_file_is_no_cache(changed: Paths, repository: Path) -> None:
    (repository / ".hypothesis").mkdir()
    (repository / ".hypothesis" / "kept").write_text("examples\n")
    subprocess.run(["git", "add", "-f", ".hypothesis"], cwd=repository, check=True)
    assert changed("echo more > .hypothesis/new; mkdir __pycache__; echo x > __pycache__/a.pyc") == [".hypothesis/new"]


def test_without_a_repository_the_names_alone_decide(tmp_path: Path) -> None:
    root = tmp_path / "plain"
    root.mkdir()
    branch = branch_of(root, RUN, tmp_path / "copy")
    paths = [change.path for change in gather_effects(Workspace(root), [branch]).patch.changes]
    assert [path for path in paths if not path.endswith("/")] == ["p/new.py"]
