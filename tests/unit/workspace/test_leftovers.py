"""Temporary files that a killed process left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from trashclaw.workspace.leftovers import sweep_leftovers, temporary_beside


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
