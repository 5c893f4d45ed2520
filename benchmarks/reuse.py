"""How much of each prompt a real server reads again: 40 steps of real work, in a large window and in one of 8,192.

The core works on llama.cpp's own server with random weights, plain and hybrid, which says what is scripted without a
change to its prompt. What was evaluated is the server's own figure; what was new is counted strictly (see
`context_counts`), and the work is real (see `context_work`).
"""

from __future__ import annotations

import sys

from benchmarks.context_session import Worked, work
from benchmarks.measuring import Figure, run, scratch

LARGE, SMALL = 32_768, 8_192
_MOST_LARGE, _MOST_SMALL = 1.02, 1.5


def measure(runs: int) -> list[Figure]:
    """Work so many steps in each of the four worlds."""
    figures: list[Figure] = []
    sessions: list[Worked] = []
    with scratch() as folder:
        for n_ctx, most in ((LARGE, _MOST_LARGE), (SMALL, _MOST_SMALL)):
            for kind in ("plain", "hybrid"):
                worked = work(folder / f"{kind}-{n_ctx}", is_hybrid=kind == "hybrid", n_ctx=n_ctx, steps=runs)
                figures.append(_figure(worked, kind, n_ctx, most))
                sessions.append(worked)
    return [*figures, _ledger(sessions)]


def _figure(worked: Worked, kind: str, n_ctx: int, most: float) -> Figure:
    compactions = len(worked.compactions)
    end = "finished" if worked.is_finished else "NOT FINISHED"
    return Figure(
        name=f"evaluated / new, {worked.steps - 1} steps in a window of {n_ctx:,}, {kind} model",
        target=f"{most} or less, finished",
        measured=f"{worked.totals.ratio:.3f}, {compactions} compactions, {end}",
        is_pass=worked.totals.ratio <= most and worked.is_finished,
        notes=worked.notes,
    )


def _ledger(sessions: list[Worked]) -> Figure:
    noticed = sum(len(worked.ledger_breaks) for worked in sessions)
    seen = sum(len(worked.unexplained) for worked in sessions)
    steps = sum(len(worked.totals.main) for worked in sessions)
    return Figure(
        name="steps in which the ledger was not append-only, outside compaction",
        target="0",
        measured=f"{noticed} noticed, {seen} seen from outside, of {steps} steps",
        is_pass=not noticed and not seen and steps > 0,
        notes=(
            "seen from outside: the prompt that the server rendered does not begin with the last one and its answer",
        ),
    )


if __name__ == "__main__":
    sys.exit(run(measure, runs=40, description=__doc__))
