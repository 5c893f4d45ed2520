"""Opening a session of 10,000 messages in a pty of 120x40, against opening an empty one: time and memory.

Ready is when the end of the conversation is on the screen and a key that was typed after that stands in the prompt.
All of a long session is there a little later; what was sent by then waits for that. It is told how long that took, too.
Both are opened in turns. Memory is what the process holds for itself (PSS), as Linux tells it, some seconds later: then
what both do in their idle time (learning to count tokens, reading ahead) is done.
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.big_log import END, SESSION_ID, write_big_log
from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from tests.support.terminal import Terminal
from trashclaw.config.paths import workspace_state
from trashclaw.session.build import LOG_NAME

TURNS = 2_000
LIMIT_S, LIMIT_MIB = 1.0, 60.0
SETTLED_S = 4.0
MARKER = "§"
SCRIPT = "limit_tokens: 1000000\nsteps:\n  - text: Nothing to do.\n"
READY = "ready"
"""What the status bar says once a session is open."""


@dataclass(frozen=True, slots=True)
class Opened:
    """How a session came up."""

    ready_s: float
    processor_s: float
    whole_s: float
    """When all of it was there, and prompts were taken."""

    pss_mib: float


def measure(runs: int) -> list[Figure]:
    """Open both in turns; the first round is thrown away."""
    with scratch() as folder:
        repository, script = folder / "repository", folder / "script.yaml"
        make_repository(repository)
        script.write_text(SCRIPT, encoding="utf-8")
        log = workspace_state(repository) / LOG_NAME
        envelopes = write_big_log(log, TURNS, str(script))
        size_mib = log.stat().st_size / 2**20
        rounds = [
            (_open(repository, script, "", READY), _open(repository, script, SESSION_ID, END)) for _ in range(runs + 1)
        ][1:]
    empty, big = (
        Opened(*(median(getattr(pair[side], name) for pair in rounds) for name in Opened.__slots__)) for side in (0, 1)
    )
    more_s, more_mib = big.ready_s - empty.ready_s, big.pss_mib - empty.pss_mib
    notes = (
        f"medians of {runs} runs each; empty: {_told(empty)}; big: {_told(big)}",
        f"the log: {TURNS:,} turns, {envelopes:,} envelopes, {size_mib:.0f} MiB",
    )
    return [
        Figure(
            "opening a session of 10,000 messages to typing-ready, over an empty one",
            f"{LIMIT_S:g} s or less",
            f"+{more_s:.2f} s",
            is_pass=more_s <= LIMIT_S,
            notes=notes,
        ),
        Figure(
            "memory of a session of 10,000 messages, over an empty one",
            f"+{LIMIT_MIB:g} MiB or less",
            f"+{more_mib:.0f} MiB",
            is_pass=more_mib <= LIMIT_MIB,
        ),
    ]


def _open(repository: Path, script: Path, session_id: str, wanted: str) -> Opened:
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8"}
    resumed = ("--resume", session_id) if session_id else ()
    command = (
        sys.executable,
        "-m",
        "trashclaw",
        "--trust",
        "on",
        "--provider",
        "scripted",
        "--model",
        str(script),
        *resumed,
    )
    with Terminal(command, repository, environment, is_measured=True) as terminal:
        terminal.wait_for(lambda: wanted.encode() in terminal.output)
        terminal.type(MARKER)
        terminal.wait_for(lambda: MARKER.encode() in terminal.output)
        ready_s = time.perf_counter() - terminal.started_at
        processor_s = _processor_s(terminal.pid)
        terminal.wait_for(lambda: READY.encode() in terminal.output)
        whole_s = time.perf_counter() - terminal.started_at
        until = time.perf_counter() + SETTLED_S
        while (left_s := until - time.perf_counter()) > 0:
            terminal.read(left_s)
        return Opened(ready_s, processor_s, max(ready_s, whole_s), _pss_mib(terminal.pid))


def _processor_s(pid: int) -> float:
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text(encoding="ascii").split()[0]) for thread in threads) / 1e9


def _pss_mib(pid: int) -> float:
    """Return the memory of a process, of what it shares its part; 0 where the system does not tell."""
    rollup = Path(f"/proc/{pid}/smaps_rollup")
    if not rollup.exists():
        return 0.0
    lines = rollup.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


def _told(opened: Opened) -> str:
    return (
        f"{opened.ready_s:.2f} s ({opened.processor_s:.2f} s processor), "
        f"all of it after {opened.whole_s:.2f} s, {opened.pss_mib:.0f} MiB"
    )


if __name__ == "__main__":
    sys.exit(run(measure, runs=5, description=__doc__))
