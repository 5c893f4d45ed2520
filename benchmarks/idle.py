"""What the program does when nothing happens: processor time and bytes written in 60 s after a finished turn.

It runs in a pty of 120x40; one short answer has been streamed to it and drawn, and then nobody does anything. Counted
is the processor time of all its threads, and every byte that it writes to the terminal.
"""

from __future__ import annotations

import sys
import time

from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from benchmarks.stream_screen import processor_s, program, read_until_quiet, turn

PROCESSOR_LIMIT_S = 0.05
IDLE_S = 60.0
SETTLE_S = 5.0
TOKENS = 300


def measure(runs: int) -> list[Figure]:
    """Leave it alone so often."""
    with scratch() as folder:
        make_repository(folder / "repository", files=40)
        found = []
        for _ in range(runs):
            with program(folder / "repository", "openai", TOKENS) as terminal:
                turn(terminal)
                read_until_quiet(terminal, SETTLE_S)
                before_s, written, until = processor_s(terminal.pid), len(terminal.output), time.monotonic() + IDLE_S
                while (left_s := until - time.monotonic()) > 0:
                    terminal.read(left_s)
                found.append((processor_s(terminal.pid) - before_s, len(terminal.output) - written))
    spent_s, written = max(spent for spent, _ in found), max(count for _, count in found)
    return [
        Figure(
            name=f"idle for {IDLE_S:g} s after a turn: processor time, bytes written to the terminal",
            target=f"{PROCESSOR_LIMIT_S:g} s or less, 0 bytes",
            measured=f"{spent_s:.3f} s, {written} bytes",
            is_pass=spent_s <= PROCESSOR_LIMIT_S and not written,
            notes=(f"worst of {runs}; each: {', '.join(f'{spent:.3f} s, {count} bytes' for spent, count in found)}",),
        )
    ]


if __name__ == "__main__":
    sys.exit(run(measure, runs=2, description=__doc__))
