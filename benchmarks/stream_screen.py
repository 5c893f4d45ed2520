"""The whole program in a pty of 120x40 before a server that streams: what a turn costs it, and what it writes."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compiled import compiled_in
from benchmarks.stream_server import WINDOW_TOKENS, stream_server
from tests.support.terminal import Terminal

ENDED = b"1 step"
"""Stands in the line that ends a turn, and nowhere before."""

PROVIDERS = {"ollama": ("ollama", "qwen3:8b"), "openai": ("llamacpp", "tiny")}
ENVIRONMENT = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "LC_ALL": "C.UTF-8",
    "PYTHONPATH": str(Path(__file__).parents[1]),
}
"""The program that is measured is the one of this tree."""

QUIET_S = 0.3
"""When nothing has been written for so long, all is drawn."""

START_LIMIT_S, TURN_LIMIT_S = 60.0, 300.0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn cost, from the Enter key until its last picture was drawn."""

    processor_s: float
    """Of all threads of the program, those that have ended as well."""

    elapsed_s: float
    written: int
    """Bytes that the terminal was sent."""


@contextmanager
def program(repository: Path, protocol: str, tokens: int, per_s: float | None = None) -> Iterator[Terminal]:
    """Run the program before its server, and give its terminal once it has opened the session and is at rest."""
    provider, model = PROVIDERS[protocol]
    with stream_server(protocol, tokens, per_s) as url:
        where = ("--provider", provider, "--base-url", url, "--model", model, "--num-ctx", str(WINDOW_TOKENS))
        command = (sys.executable, "-m", "trashclaw", *where, "--trust", "on")
        environment = os.environ | ENVIRONMENT | compiled_in(repository.parent / "compiled")
        with Terminal(command, repository, environment) as terminal:
            terminal.wait_for("ready", START_LIMIT_S)
            read_until_quiet(terminal, 1.0)
            yield terminal


def turn(terminal: Terminal, text: str = "Explain it.") -> Turn:
    """Send a prompt and read what is drawn until the turn is over; nothing is interpreted meanwhile, so it is taken
    as fast as it comes."""
    terminal.type(text)
    read_until_quiet(terminal, QUIET_S)
    start, began_s, began_at = len(terminal.output), processor_s(terminal.pid), time.monotonic()
    terminal.press("enter")
    while terminal.output.find(ENDED, start) < 0:
        if not terminal.read(TURN_LIMIT_S):
            raise TimeoutError("the turn did not end")
    read_until_quiet(terminal, QUIET_S)
    elapsed_s = time.monotonic() - began_at - QUIET_S
    return Turn(processor_s(terminal.pid) - began_s, elapsed_s, len(terminal.output) - start)


def read_until_quiet(terminal: Terminal, quiet_s: float) -> None:
    """Read until nothing has come for some time."""
    while terminal.read(quiet_s):
        pass


def processor_s(pid: int) -> float:
    """Return the processor time of a process: of all its threads since its start, in user and in system mode."""
    return time.clock_gettime((~pid << 3) | 2)
