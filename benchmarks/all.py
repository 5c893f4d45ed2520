"""Runs every benchmark and prints one Markdown table; `--only NAME` picks some, `--quick` runs each a few times.

Those in `ON_DEMAND` run only with `--only`: `edits` fetches packages, which a measurement of all else has no need of.
"""

from __future__ import annotations

import argparse
import sys
import time
from importlib import import_module

from benchmarks.measuring import Figure, table

RUNS = {
    "version": (30, 5),
    "startup": (15, 3),
    "stream": (5, 1),
    "stream_widget": (1, 1),
    "keys_while_streaming": (300, 50),
    "idle": (2, 1),
    "steps": (7, 2),
    "interrupt": (30, 5),
    "review": (5, 2),
    "rejected_hunks": (200, 200),
    "kill9": (50, 5),
    "many_files": (3, 1),
    "sandbox_overhead": (14, 2),
    "questions": (3, 1),
    "ask_first_lines": (1, 1),
    "undo": (100, 10),
    "checkpoint": (15, 3),
    "prompt_size": (1, 1),
    "healing": (1, 1),
    "reask": (2_000, 20),
    "invariants": (2, 2),
    "escapes": (1, 1),
    "hostile_text": (1_000, 1),
    "loops": (10, 1),
    "faults": (1_000, 20),
    "syntax_alarms": (100_000, 50),
    "reuse": (40, 6),
    "long_session": (400, 20),
    "recall": (50, 4),
    "read_ahead": (3, 1),
    "strategies": (40, 6),
    "token_estimate": (3, 1),
    "assembly": (30, 5),
    "big_session": (5, 1),
    "reach": (1, 1),
}
"""How often each is run, and how often with `--quick`.

For `invariants` it is the number of workers, for `hostile_text` the batches of strings, for `syntax_alarms` the most
files of a language, for `reuse`,
`long_session` and `strategies` the steps of the session, for `recall` the facts,
for `keys_while_streaming` the keys.
"""

ON_DEMAND = {"edits": (1_000, 100)}
"""As `RUNS`, of those that only run when they are named."""


def main() -> int:
    """Print the table; with `--check`, exit 1 when a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    every = RUNS | ON_DEMAND
    parser.add_argument("--only", nargs="+", choices=every, default=list(RUNS), metavar="NAME", help=", ".join(every))
    parser.add_argument("--quick", action="store_true", help="a few runs of each: a smoke test, no measurement")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    figures: list[Figure] = []
    for name in options.only:
        began = time.monotonic()
        figures += import_module(f"benchmarks.{name}").measure(every[name][options.quick])
        print(f"{name}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    print(table(figures))
    for figure in figures:
        print("\n".join(["", f"{figure.name}:", *(f"- {note}" for note in figure.notes)]))
    return 1 if options.check and not all(figure.is_pass for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
