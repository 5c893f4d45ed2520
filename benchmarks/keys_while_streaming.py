"""From a key to the screen while an answer streams at 200 tokens a second, in a pty of 120x40.

Each key is a character that stands nowhere else, typed into the prompt at a time of its own; the clock runs from
before it is written to the pty until it comes back in what the program writes.
"""

from __future__ import annotations

import random
import sys
import time

from benchmarks.measuring import Figure, Spread, run, scratch
from benchmarks.places import make_repository
from benchmarks.stream_screen import program, read_until_quiet
from tests.support.terminal import Terminal

LIMITS_MS = (10.0, 50.0)
"""Of the median, and of the 99th percentile."""

PER_S = 200.0
EVERY_S = (0.05, 0.15)
FIRST_KEY = 0x4E00
"""Keys are characters from here on, so that each is told from all others."""

ECHO_LIMIT_S = 5.0
BEGUN_BYTES = 20_000
"""When so much has been written since the prompt was sent, the answer streams."""


def measure(runs: int) -> list[Figure]:
    """Press so many keys during one answer, which is long enough."""
    tokens = int((runs * sum(EVERY_S) / 2 + 10) * PER_S)
    with scratch() as folder:
        make_repository(folder / "repository", files=40)
        with program(folder / "repository", "openai", tokens, PER_S) as terminal:
            terminal.type("Go.")
            read_until_quiet(terminal, 0.3)
            start = len(terminal.output)
            terminal.press("enter")
            while len(terminal.output) - start < BEGUN_BYTES:
                terminal.read(ECHO_LIMIT_S)
            times = Spread(tuple(_echo_ms(terminal, chr(FIRST_KEY + place)) for place in range(runs)))
    p50, p99 = times.percentile(50), times.percentile(99)
    return [
        Figure(
            name="key to screen while an answer streams at 200 tokens a second",
            target=f"p50 {LIMITS_MS[0]:g} ms, p99 {LIMITS_MS[1]:g} ms or less",
            measured=f"p50 {p50:.1f} ms, p99 {p99:.1f} ms",
            is_pass=p50 <= LIMITS_MS[0] and p99 <= LIMITS_MS[1],
            notes=(f"{times}; worst {max(times.values):.1f} ms",),
        )
    ]


def _echo_ms(terminal: Terminal, key: str) -> float:
    """Wait a while, press a key, and return how long it took to come back."""
    until = time.monotonic() + random.uniform(*EVERY_S)
    while (left_s := until - time.monotonic()) > 0:
        terminal.read(left_s)
    start, wanted, began = len(terminal.output), key.encode(), time.perf_counter()
    terminal.write(wanted)
    while terminal.output.find(wanted, start) < 0:
        if time.perf_counter() - began > ECHO_LIMIT_S:
            raise TimeoutError(f"{key} never came back")
        terminal.read(ECHO_LIMIT_S)
    return (time.perf_counter() - began) * 1_000


if __name__ == "__main__":
    sys.exit(run(measure, runs=300, description=__doc__))
