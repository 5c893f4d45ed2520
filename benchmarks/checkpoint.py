"""The second and later checkpoints of a repository of 50,000 files, beside `git status` on the same files.

Each checkpoint has something to do: since the one before, one file was edited, one came and one went. `git status` runs
as a person has it, in turns with the checkpoints, on the same changes.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Figure, Spread, elapsed_ms, run, scratch
from benchmarks.places import commit_all
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.root import Workspace

FILES, FOLDERS = 50_000, 2_000
LIMIT_MS, RATIO = 300.0, 1.5


def measure(runs: int) -> list[Figure]:
    """Make a first checkpoint and as many later ones."""
    with scratch() as folder:
        root = folder / "repository"
        _make_files(root)
        # A repository that git packs in the background while it is measured would tell nothing.
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=root, check=True, timeout=60)
        subprocess.run(["git", "config", "gc.auto", "0"], cwd=root, check=True, timeout=60)
        commit_all(root)
        checkpoints = Checkpoints(Workspace(root), folder / "state" / "checkpoints")
        return asyncio.run(_measure(root, checkpoints, runs))


async def _measure(root: Path, checkpoints: Checkpoints, runs: int) -> list[Figure]:
    loop = asyncio.get_running_loop()
    began = loop.time()
    await checkpoints.create("first")
    first_ms = (loop.time() - began) * 1000
    ours, gits = [], []
    for number in range(runs + 1):
        _change(root, number)
        gits.append(elapsed_ms(lambda: _status(root)))
        began = loop.time()
        await checkpoints.create("later")
        ours.append((loop.time() - began) * 1000)
    later, status = Spread(tuple(ours[1:])), Spread(tuple(gits[1:]))
    limit_ms = max(LIMIT_MS, RATIO * status.median)
    return [
        Figure(
            name=f"a later checkpoint of {FILES:,} files",
            target=f"{LIMIT_MS:.0f} ms, or {RATIO} x `git status`",
            measured=f"{later.median:.0f} ms, {later.median / status.median:.2f} x `git status`",
            is_pass=later.median <= limit_ms,
            notes=(
                f"checkpoint: {later}, slowest {max(later.values):.1f} ms",
                f"git status: {status}, slowest {max(status.values):.1f} ms",
                f"the first checkpoint took {first_ms:.0f} ms",
            ),
        )
    ]


def _make_files(root: Path) -> None:
    for folder in range(FOLDERS):
        place = root / f"area-{folder % 40}" / f"part-{folder}"
        place.mkdir(parents=True)
        for number in range(FILES // FOLDERS):
            (place / f"module_{number}.py").write_text(f"MARK = {folder}\n" * (number % 40 + 1), encoding="utf-8")
    (root / ".gitignore").write_text("build/\n__pycache__/\n*.log\n", encoding="utf-8")


def _change(root: Path, number: int) -> None:
    place = root / f"area-{number % 40}" / f"part-{number}"
    with (place / "module_7.py").open("a", encoding="utf-8") as stream:
        stream.write("# changed\n")
    (place / f"new_{number}.py").write_text("new\n", encoding="utf-8")
    (place / "module_8.py").unlink()


def _status(root: Path) -> None:
    argv = ["git", "status", "--porcelain"]
    subprocess.run(argv, cwd=root, check=True, timeout=60, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(run(measure, runs=15, description=__doc__))
