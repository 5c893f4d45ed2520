"""Temporary files that a killed process left behind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from trashclaw.protocol.patches import Patch
from trashclaw.workspace.apply import apply_patch
from trashclaw.workspace.diff import make_change
from trashclaw.workspace.leftovers import private_folder, sweep_leftovers, temporary_beside
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.staging import land_steps
from trashclaw.workspace.steps import Step


def dead_process_id() -> int:
    done = subprocess.Popen([sys.executable, "-c", "pass"])
    done.wait(timeout=30)
    return done.pid


def test_what_a_dead_process_left_is_removed(tmp_path: Path) -> None:
    left = tmp_path / f".trashclaw-{dead_process_id()}-0123456789ab.tmp"
    left.write_text("half")
    assert sweep_leftovers(tmp_path) == (left.name,)
    assert list(tmp_path.iterdir()) == []


def test_what_a_living_process_writes_stays(tmp_path: Path) -> None:
    mine = temporary_beside(tmp_path / "app.py")
    mine.write_text("half")
    assert sweep_leftovers(tmp_path) == ()
    assert mine.exists()


def test_nothing_else_is_touched(tmp_path: Path) -> None:
    names = {".trashclaw-notes.tmp", ".trashclaw-99-xyz.tmp", "app.py", f".trashclaw-{10**30}-0123456789ab.tmp"}
    for name in names:
        (tmp_path / name).write_text("mine")
    assert sweep_leftovers(tmp_path) == ()
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_folder_that_is_gone_is_nothing_to_sweep(tmp_path: Path) -> None:
    assert sweep_leftovers(tmp_path / "missing") == ()


def test_what_waits_for_its_turn_lies_where_the_next_start_looks(
    workspace_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace_folder / "deep" / "er").mkdir(parents=True)
    change = make_change("deep/er/a.txt", None, "new\n", None)
    places = []

    def look_first(steps: Sequence[Step], base: Path) -> None:
        places.append(base)
        land_steps(steps, base)

    monkeypatch.setattr("trashclaw.workspace.apply.land_steps", look_first)
    apply_patch(Workspace(workspace_folder), Patch(changes=(change,)))
    assert places == [workspace_folder]
    assert (workspace_folder / "deep" / "er" / "a.txt").read_text() == "new\n"


def test_a_private_folder_is_made_and_those_of_gone_processes_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    gone = dead_process_id()
    (tmp_path / f"trashclaw-gate-{gone}-abc").mkdir()
    (tmp_path / f"trashclaw-other-{gone}-abc").mkdir()
    made = private_folder("gate")
    again = private_folder("gate")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        [made.name, again.name, f"trashclaw-other-{gone}-abc"]
    )
    assert made.stat().st_mode & 0o777 == 0o700
