"""From start to the first typed key on the screen, in a pty of 120x40, against a Textual app of one widget.

Somebody types ten keys a second from the moment the process is started, as an impatient person would; ready is when the
first of these keys stands in the prompt. Both programs are started in turns, in the same terminal, on the same machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.compiled import compiled_in
from benchmarks.measuring import Figure, run, scratch, take_turns
from benchmarks.places import make_repository
from tests.support.terminal import Terminal

LIMIT = 1.6
BARE, OURS = "bare Textual app", "trashclaw"
MARKER = "§"
"""A key that no screen of ours shows and nothing is bound to."""

TYPING_EVERY_S = 0.1
START_LIMIT_S = 20.0
SETTLE_LIMIT_S = 2.0
SCRIPT = "steps:\n  - text: Nothing to do.\n"


@dataclass(frozen=True, slots=True)
class Start:
    """How a program came up."""

    ready_s: float
    """From just before it was started until the first typed key stood on its screen."""

    processor_s: float
    """Processor time until then, of all its threads; 0 where the system does not tell."""

    typed: int
    echoed: int
    """How many of the keys typed stand on the screen: those missing came too early for the program."""


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
        start = _start(command, folder)
        starts.append(start)
        return start.ready_s * 1000

    return once


def _start(command: tuple[str, ...], folder: Path) -> Start:
    """Start a program, type until the first key is seen, wait for the rest of them, and end it."""
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    environment |= compiled_in(folder.parent / "compiled")
    with Terminal(command, folder, environment, is_measured=True) as terminal:
        ready_s, typed = terminal.type_until_seen(MARKER, TYPING_EVERY_S, START_LIMIT_S)
        processor_s = _processor_s(terminal.pid)
        with suppress(TimeoutError):
            terminal.wait_for(lambda: terminal.screen_text().count(MARKER) >= typed, SETTLE_LIMIT_S)
        return Start(ready_s, processor_s, typed, terminal.screen_text().count(MARKER))


def _processor_s(pid: int) -> float:
    """Return the processor time that a process has taken, as Linux counts it."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def _processor(starts: dict[str, list[Start]]) -> str:
    """Compare the processor time, which depends less on what else the machine does."""
    ours, bare = (median(start.processor_s * 1000 for start in starts[side]) for side in (OURS, BARE))
    return f"{ours:.0f} ms against {bare:.0f} ms, {ours / bare:.2f}x" if bare else "not told here"


def _lost(starts: list[Start]) -> str:
    typed, echoed = (sum(getattr(start, name) for start in starts) for name in ("typed", "echoed"))
    return f"{typed - echoed} of {typed} keys typed before that were lost"


if __name__ == "__main__":
    sys.exit(run(measure, runs=15, description=__doc__))
