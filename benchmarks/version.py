"""`trashclaw --version`, the whole process, against `python -c pass`."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measuring import Figure, elapsed_ms, run, scratch, take_turns

LIMIT = 3.0
BARE = "python -c pass"


def measure(runs: int) -> list[Figure]:
    """Run the bare interpreter, the module and the installed script in turns."""
    python = sys.executable
    script = Path(sysconfig.get_path("scripts")) / "trashclaw"
    commands: dict[str, Sequence[str]] = {
        BARE: (python, "-c", "pass"),
        "python -m trashclaw --version": (python, "-m", "trashclaw", "--version"),
        "trashclaw --version": (str(script), "--version"),
    }
    with scratch():
        spreads = take_turns({name: _timed(command) for name, command in commands.items()}, runs)
    bare = spreads.pop(BARE)
    return [
        Figure(
            name=f"`{name}` against `{BARE}`",
            target=f"{LIMIT:g}x or less",
            measured=f"{spread.median / bare.median:.2f}x ({spread.best / bare.best:.2f}x by the best)",
            is_pass=spread.median <= LIMIT * bare.median,
            notes=(f"{name}: {spread}", f"{BARE}: {bare}"),
        )
        for name, spread in spreads.items()
    ]


def _timed(command: Sequence[str]) -> Callable[[], float]:
    def once() -> float:
        # Without a time limit: with one, the end is looked for in steps that grow to many milliseconds.
        return elapsed_ms(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))

    return once


if __name__ == "__main__":
    sys.exit(run(measure, runs=30, description=__doc__))
