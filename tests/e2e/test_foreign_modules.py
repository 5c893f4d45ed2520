"""The program in a folder whose files are called like modules that it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.plugin import clean_environment
from tests.support.screen_app import PROJECT


@pytest.mark.parametrize("name", ["logging", "argparse", "pydantic"])
def test_files_of_a_repository_are_not_run_as_modules(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / f"{name}.py").write_text("from pathlib import Path\nPath(__file__).with_name('was-run').touch()\n")
    surroundings = clean_environment(tmp_path) | {"PYTHONPATH": str(PROJECT)}
    argv = [sys.executable, "-m", "trashclaw", "sessions", "list"]
    done = subprocess.run(argv, cwd=folder, env=surroundings, capture_output=True, text=True, timeout=60)
    assert not (folder / "was-run").exists()
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
