"""Streamed Markdown against Textual's own `Markdown.get_stream`, 10,000 tokens, in turns and in the same kind of pty.

Of ours the whole program is counted, as `stream` counts it: with the server's stream, the session and its log. Of
Textual's the app alone is counted, from the first token on: it is given the tokens one by one in its own process, as
fast as it takes them, in one widget that follows its end.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from statistics import median

from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from benchmarks.stream import measure_one
from benchmarks.stream_screen import ENVIRONMENT
from tests.support.terminal import Terminal

TOKENS = 10_000
LIMIT = 15.0
THEIR_LIMIT_S = 900.0
_SPENT = re.compile(rb"(\d+\.\d{6})\s*\Z")


def measure(runs: int) -> list[Figure]:
    """Stream the same text into both in turns."""
    return [compared(TOKENS, runs)]


def compared(tokens: int, runs: int) -> Figure:
    """Stream a text of as many tokens into both."""
    with scratch() as folder:
        make_repository(folder / "repository", files=40)
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(measure_one(folder / "repository", "openai", tokens, None).processor_s)
            theirs.append(_their_processor_s(folder, tokens))
    ratio = median(theirs) / median(ours)
    return Figure(
        name=f"streamed Markdown against Textual's own widget, {tokens:,} tokens",
        target=f"{LIMIT:g}x less or better",
        measured=f"{ratio:.1f}x less",
        is_pass=ratio >= LIMIT,
        notes=(
            f"ours, the whole program: {', '.join(f'{one:.2f}' for one in ours)} s",
            f"Markdown.get_stream, without server and session: {', '.join(f'{one:.2f}' for one in theirs)} s",
        ),
    )


def _their_processor_s(folder: Path, tokens: int) -> float:
    command = (sys.executable, str(Path(__file__).with_name("streamed_app.py")), str(tokens))
    with Terminal(command, folder, os.environ | ENVIRONMENT) as terminal:
        if terminal.wait_for_end(THEIR_LIMIT_S):
            raise RuntimeError("the app of Textual's own widget failed")
        found = _SPENT.search(bytes(terminal.output))
    if found is None:
        raise RuntimeError("the app of Textual's own widget did not say what it took")
    return float(found[1])


if __name__ == "__main__":
    sys.exit(run(measure, runs=1, description=__doc__))
