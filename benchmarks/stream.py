"""What an answer costs the whole program, in processor time, while it streams from a server of its own over loopback.

The program runs in a pty of 120x40 before a server in another process that sends Markdown with code and tables, each
token in a chunk of its own. Counted is the processor time of all its threads, those that ended as well, from the Enter
key that sends the prompt until the turn is over and the last picture of it is drawn: the request, reading the stream,
the session's log, drawing, and writing to the terminal, with what is loaded for the first answer of a session. Somebody
reads what is written as fast as it comes. Every run is a fresh process and its first turn; the program is compiled
beforehand, as an installed one is.
"""

from __future__ import annotations

import sys
from pathlib import Path
from statistics import median

from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from benchmarks.stream_screen import Turn, program, turn

FAST_LIMITS = {2_000: 0.12, 10_000: 0.06, 30_000: 0.06}
"""Processor seconds for each 1,000 tokens, by the length of the answer, as fast as the server sends."""

SLOW_TOKENS, SLOW_PER_S, SLOW_LIMIT = 2_000, 200.0, 0.70
PROTOCOLS = ("openai", "ollama")
WARM_TOKENS = 500
"""Of the runs that are not counted: in them the program is compiled."""


def measure(runs: int) -> list[Figure]:
    """Stream each answer so often, over the two protocols in turns."""
    with scratch() as folder:
        make_repository(folder / "repository", files=40)
        for protocol in PROTOCOLS:
            measure_one(folder / "repository", protocol, WARM_TOKENS, None)
        fast = [_figure(folder / "repository", tokens, None, limit, runs) for tokens, limit in FAST_LIMITS.items()]
        return [*fast, _figure(folder / "repository", SLOW_TOKENS, SLOW_PER_S, SLOW_LIMIT, runs)]


def measure_one(repository: Path, protocol: str, tokens: int, per_s: float | None) -> Turn:
    """Stream one answer to a fresh process."""
    with program(repository, protocol, tokens, per_s) as terminal:
        return turn(terminal)


def _figure(repository: Path, tokens: int, per_s: float | None, limit: float, runs: int) -> Figure:
    turns: dict[str, list[Turn]] = {name: [] for name in PROTOCOLS[: max(1, min(runs, 2))]}
    for _ in range(runs):
        for protocol, found in turns.items():
            found.append(measure_one(repository, protocol, tokens, per_s))
    costs = {protocol: sorted(_cost(one, tokens) for one in found) for protocol, found in turns.items()}
    every = [cost for found in costs.values() for cost in found]
    pace = "as fast as the server sends" if per_s is None else f"at {per_s:g} tokens a second"
    return Figure(
        name=f"processor time of the whole program for 1,000 tokens of Markdown, {tokens:,} {pace}",
        target=f"{limit:.2f} s or less",
        measured=f"{median(every):.3f} s",
        is_pass=median(every) <= limit,
        notes=tuple(_note(protocol, costs[protocol], turns[protocol]) for protocol in turns),
    )


def _cost(one: Turn, tokens: int) -> float:
    return one.processor_s / tokens * 1_000


def _note(protocol: str, costs: list[float], turns: list[Turn]) -> str:
    spread = f"best {costs[0]:.3f}, median {median(costs):.3f}, worst {costs[-1]:.3f} s in {len(costs)} runs"
    took, written = median(one.elapsed_s for one in turns), median(one.written for one in turns)
    return f"{protocol}: {spread}; a turn took {took:.2f} s and wrote {written / 1_000:.0f} kB to the terminal"


if __name__ == "__main__":
    sys.exit(run(measure, runs=5, description=__doc__))
