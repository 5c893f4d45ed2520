"""From start to the first typed key on the screen, in a pty of 120x40, against a Textual app of one widget.

Somebody types ten keys a second from the moment the process is started, as an impatient person would; ready is when the
first of these keys stands in the prompt. Both programs are started in turns, in the same terminal, on the same machine.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.measuring import Figure, run, scratch, take_turns
from benchmarks.places import make_repository
from benchmarks.terminal import Start, TypedStart

LIMIT = 2.0
BARE, OURS = "bare Textual app", "trashclaw"
SCRIPT = "steps:\n  - text: Nothing to do.\n"


def measure(runs: int) -> list[Figure]:
    """Start both in turns."""
    with scratch() as folder:
        repository, script = folder / "repository", folder / "script.yaml"
        make_repository(repository)
        script.write_text(SCRIPT, encoding="utf-8")
        ours = (sys.executable, "-m", "trashclaw", "--provider", "scripted", "--model", str(script))
        bare = (sys.executable, str(Path(__file__).with_name("bare_app.py")))
        starts: dict[str, list[Start]] = {BARE: [], OURS: []}
        sides = {
            BARE: _starter(bare, repository, starts[BARE]),
            OURS: _starter(ours, repository, starts[OURS]),
        }
        spreads = take_turns(sides, runs)
    ratio = spreads[OURS].median / spreads[BARE].median
    best = spreads[OURS].best / spreads[BARE].best
    return [
        Figure(
            name="start to typing-ready in a pty, against a bare one-widget Textual app",
            target=f"{LIMIT:g}x or less",
            measured=f"{ratio:.2f}x ({best:.2f}x by the best), {spreads[OURS].median:.0f} ms",
            is_pass=ratio <= LIMIT,
            notes=(
                *(f"{side}: {spreads[side]}; {_lost(starts[side])}" for side in (OURS, BARE)),
                f"processor time until then: {_processor(starts)}",
            ),
        )
    ]


def _starter(command: tuple[str, ...], folder: Path, starts: list[Start]) -> Callable[[], float]:
    def once() -> float:
        start = TypedStart(command, folder).run()
        starts.append(start)
        return start.ready_s * 1000

    return once


def _processor(starts: dict[str, list[Start]]) -> str:
    """Compare the processor time, which depends less on what else the machine does."""
    ours, bare = (median(start.processor_s * 1000 for start in starts[side]) for side in (OURS, BARE))
    return f"{ours:.0f} ms against {bare:.0f} ms, {ours / bare:.2f}x" if bare else "not told here"


def _lost(starts: list[Start]) -> str:
    typed, echoed = (sum(getattr(start, name) for start in starts) for name in ("typed", "echoed"))
    return f"{typed - echoed} of {typed} keys typed before that were lost"


if __name__ == "__main__":
    sys.exit(run(measure, runs=15, description=__doc__))
