"""A session of 400 steps in a window of 8,192 tokens on the real llama.cpp server: nothing too large, nothing cut.

"Over the limit" is a request whose prompt, by the server's own tokenizer, leaves no room for an answer in the window,
or that the server refused. "Cut" is a request of which the server took fewer or more tokens than the whole rendered
prompt has. The work is that of `context_work`.
"""

from __future__ import annotations

import sys

from benchmarks.context_session import Worked, work
from benchmarks.measuring import Figure, run, scratch

LIMIT = 8_192
_STEPS_A_COMPACTION = 10
_LEAST_ANSWER = 256
"""Tokens that have to be left of the window behind a prompt."""


def measure(runs: int) -> list[Figure]:
    """Work so many steps."""
    with scratch() as folder:
        worked = work(folder / "long", is_hybrid=False, n_ctx=LIMIT, steps=runs)
    return figures(worked, runs)


def figures(worked: Worked, steps: int) -> list[Figure]:
    """Return what came of a session."""
    counted = worked.totals.counted
    largest = max(one.prompt for one in counted)
    over = sum(one.prompt + _LEAST_ANSWER > LIMIT for one in counted) + worked.refusals
    cut = sum(one.is_cut for one in counted)
    many = len(worked.compactions)
    end = "" if worked.is_finished else ", NOT FINISHED"
    name = f"{steps} steps in a window of {LIMIT:,}"
    return [
        Figure(
            f"{name}: requests over the limit",
            "0, finished",
            f"{over} of {len(counted)}{end}",
            is_pass=not over and worked.is_finished,
            notes=(f"the largest prompt has {largest:,} tokens by the server's tokenizer", *worked.notes),
        ),
        Figure(
            f"{name}: requests cut by the server",
            "0",
            f"{cut} of {len(counted)}",
            is_pass=not cut,
            notes=("cached and evaluated tokens, against the server's tokenizer on the whole rendered prompt",),
        ),
        Figure(
            f"{name}: compactions",
            f"1 in {_STEPS_A_COMPACTION} steps or fewer",
            f"{many}, 1 in {worked.steps / max(1, many):.1f} steps{end}",
            is_pass=many * _STEPS_A_COMPACTION <= worked.steps and worked.is_finished,
        ),
    ]


if __name__ == "__main__":
    sys.exit(run(measure, runs=400, description=__doc__))
