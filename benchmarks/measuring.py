"""What every benchmark shares: sides measured in turns, a figure with its verdict, and how it is printed."""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.places import clean_state

HEAD = ("| figure | target | measured | verdict |", "|---|---|---|---|")


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    target: str
    measured: str
    is_pass: bool
    notes: tuple[str, ...] = ()
    """Printed under the figure: how it was measured, and the numbers behind it."""

    @property
    def verdict(self) -> str:
        """The verdict as it is printed."""
        return "PASS" if self.is_pass else "FAIL"

    @property
    def row(self) -> str:
        """The line of the Markdown table."""
        return f"| {self.name} | {self.target} | {self.measured} | {self.verdict} |"


@dataclass(frozen=True, slots=True)
class Spread:
    """What was measured for one side, in milliseconds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.values)

    @property
    def best(self) -> float:
        """The smallest: what is left when nothing else runs on the machine."""
        return min(self.values)

    def percentile(self, percent: float) -> float:
        """Return the smallest value that this share of all do not exceed (nearest rank)."""
        ordered = sorted(self.values)
        return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]

    def __str__(self) -> str:
        return f"median {self.median:.1f} ms, best {self.best:.1f} ms, {len(self.values)} runs"


Measure = Callable[[int], Sequence[Figure]]
"""Takes the number of runs and returns what came of them."""


def take_turns(sides: Mapping[str, Callable[[], float]], runs: int) -> dict[str, Spread]:
    """Measure the sides in turns, so that noise hits all alike; one run of each is thrown away first."""
    values: dict[str, list[float]] = {name: [] for name in sides}
    for measure in sides.values():
        measure()
    for _ in range(runs):
        for name, measure in sides.items():
            values[name].append(measure())
    return {name: Spread(tuple(found)) for name, found in values.items()}


def elapsed_ms(work: Callable[[], object]) -> float:
    """Return how long something takes by the clock on the wall."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


@contextmanager
def scratch() -> Iterator[Path]:
    """Give a folder to work in; the state of the app goes there too, and it is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="trashclaw-bench-", ignore_cleanup_errors=True) as folder:
        root = Path(folder).resolve()
        with clean_state(root):
            yield root


def table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table."""
    return "\n".join([*HEAD, *(figure.row for figure in figures)])


def run(measure: Measure, *, runs: int, description: str | None) -> int:
    """Be the command of one benchmark: print its figures; with `--check`, exit 1 when one misses its target."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--runs", type=int, default=runs, metavar="N", help=f"how often (default {runs})")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    return told(measure(options.runs), is_checked=options.check)


def told(figures: Sequence[Figure], *, is_checked: bool) -> int:
    """Print figures, and return the exit code: 1 when they are checked and one misses its target."""
    for figure in figures:
        print(f"{figure.verdict}  {figure.name}: {figure.measured} (target {figure.target})")
        for note in figure.notes:
            print(f"      {note}")
    sys.stdout.flush()
    return 1 if is_checked and not all(figure.is_pass for figure in figures) else 0
