"""The program inside a git hook or alias, which point git at a repository of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_folder_counts_and_not_what_a_hook_points_at(repository: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    subprocess.run(["git", "init", "-q", "-b", "elsewhere", str(other)], check=True, timeout=30)
    script = tmp_path / "script.yaml"
    script.write_text("steps:\n  - calls: [{name: git_log, arguments: {}}]\n  - {text: Seen., expect: Open the shop}\n")
    environment = {"GIT_DIR": str(other / ".git"), "GIT_WORK_TREE": str(other)}
    command = [sys.executable, "-m", "trashclaw", "--batch", "--provider", "scripted", "--model", str(script), "look"]
    done = subprocess.run(
        ["env", *(f"{name}={value}" for name, value in environment.items()), *command],
        cwd=repository,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "Seen."), done.stderr
