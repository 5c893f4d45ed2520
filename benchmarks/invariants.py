"""Runs the test suite; its last line says on how many logged sessions the protocol's invariants were checked.

A broken one fails the test that wrote the log.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Figure, run

_CHECKED = re.compile(r"invariants checked on (\d+) logged sessions")
_BROKEN = re.compile(r"^(?:E\s+)?(?:.*Broken invariants:|\S+\.sqlite3, session \S+: .*)$", re.MULTILINE)
_TESTS = re.compile(r"^.*\b\d+ passed.*$", re.MULTILINE)
LIMIT_S = 3_600


def measure(runs: int) -> list[Figure]:
    """Run the suite once; `runs` is the number of workers."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(runs)]
    done = subprocess.run(command, cwd=root, env=os.environ, capture_output=True, text=True, timeout=LIMIT_S)
    checked = _CHECKED.search(done.stdout)
    if checked is None:
        raise RuntimeError(f"The suite did not come to its end: {done.stdout[-2_000:]}{done.stderr[-1_000:]}")
    broken = [line for line in _BROKEN.findall(done.stdout) if ".sqlite3, session" in line]
    tests = _TESTS.search(done.stdout)
    return [
        Figure(
            name="invariants over every log that the test suite wrote",
            target="0 broken",
            measured=f"{len(broken)} broken in {checked[1]} logged sessions",
            is_pass=not broken and int(checked[1]) > 0,
            notes=(f"the suite: {tests[0].strip('= ') if tests else 'no test passed'}", *broken[:5]),
        )
    ]


if __name__ == "__main__":
    sys.exit(run(measure, runs=2, description=__doc__))
