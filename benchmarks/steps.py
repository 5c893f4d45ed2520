"""Processor time a step: a scripted session of 40 steps with one tool call each, in a batch run over a repository.

A run of one step (the closing answer) is taken from a run of 41 over a script of the same size; what is left belongs to
40 steps, whatever is imported or made ready for the first of them included. Our own process is counted by `getrusage`,
and what it started (rg, git) apart from it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from benchmarks.work import closing_step, working_steps, write_script

STEPS = 40
LIMIT_MS = 8.0


@dataclass(frozen=True, slots=True)
class Spent:
    """Processor time in milliseconds."""

    own_ms: float
    children_ms: float


def measure(runs: int) -> list[Figure]:
    """Run both sessions in turns, each on a fresh copy of the repository."""
    with scratch() as folder:
        template = folder / "template"
        paths = make_repository(template)
        steps = working_steps(template, paths, STEPS)
        write_script(folder / "one.yaml", [closing_step(), *steps])
        write_script(folder / "all.yaml", [*steps, closing_step()])
        spent: dict[str, list[Spent]] = {"one": [], "all": []}
        for number in range(runs + 1):
            for name, found in spent.items():
                taken = _session(folder, name)
                found.extend([taken] if number else [])
    return [_figure(spent["all"], spent["one"])]


def _session(folder: Path, name: str) -> Spent:
    """Run one session to its end."""
    root, result = folder / "repository", folder / "spent.json"
    shutil.copytree(folder / "template", root)
    options = ["--batch", "--allow-write", "--max-steps", str(STEPS + 1), "--provider", "scripted"]
    command = [sys.executable, "-m", "benchmarks.counted", str(result), *options]
    command += ["--model", str(folder / f"{name}.yaml"), "-C", str(root), "Sum the totals."]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    wrong = [line for line in done.stderr.splitlines() if not line.startswith("  done ")]
    if done.returncode != 0 or wrong:
        raise RuntimeError(f"The session failed with {done.returncode}: {wrong}")
    shutil.rmtree(root)
    spent = json.loads(result.read_text(encoding="utf-8"))
    return Spent(spent["own_s"] * 1000, spent["children_s"] * 1000)


def _figure(long: list[Spent], short: list[Spent]) -> Figure:
    own = (median(one.own_ms for one in long) - median(one.own_ms for one in short)) / STEPS
    best = (min(one.own_ms for one in long) - min(one.own_ms for one in short)) / STEPS
    children = (median(one.children_ms for one in long) - median(one.children_ms for one in short)) / STEPS
    return Figure(
        name=f"processor time a step, {STEPS}-step scripted tool session in batch, start-up excluded",
        target=f"{LIMIT_MS:g} ms or less",
        measured=f"{own:.1f} ms ({best:.1f} by the best); {own + children:.1f} ms with rg and git",
        is_pass=own <= LIMIT_MS,
        notes=(
            f"{len(long)} runs of each session; 10 kinds of calls in turns, 8 files edited or written",
            f"start-up and closing answer: {median(one.own_ms for one in short):.0f} ms",
            f"children (rg, git): {children:.1f} ms a step",
        ),
    )


if __name__ == "__main__":
    sys.exit(run(measure, runs=7, description=__doc__))
