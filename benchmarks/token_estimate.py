"""How far the estimate that is made before a request is from the server's own count, by kind of text.

The real llama.cpp server counts, template and tools included. A session learns for 5 steps; then 20 more are measured,
two of them right after a compaction. The vocabularies are those of the tiny test models; others are measured too if
`GGUF_VOCABULARIES` names a folder of `ggml-vocab-*.gguf` files, as llama.cpp's sources carry them.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import Figure, run
from benchmarks.token_sessions import KINDS, Due, session
from benchmarks.vocabularies import write_model
from tests.support.shells import make_shell
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import TRAINED, write_random
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.prompt import render_system
from trashclaw.agent.tokens import TokenMeter
from trashclaw.protocol.manners import EditFormat, ToolSetName
from trashclaw.protocol.tools import ToolSpec
from trashclaw.providers.openai_compat import OpenAICompatProvider
from trashclaw.providers.server_traits import LLAMACPP
from trashclaw.session.manners import SessionManners
from trashclaw.tools.registry import make_tools
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

LEARNING, MEASURED = 5, 20
TARGET = 0.05
OTHERS = ("qwen2", "llama-bpe", "gemma-4", "phi-3", "deepseek-coder", "command-r")


@dataclass
class Errors:
    """Relative errors, of the whole request."""

    plain: list[float] = field(default_factory=list)
    after_compaction: list[float] = field(default_factory=list)
    early: list[float] = field(default_factory=list)
    """While it learns, the first request left out."""


def instructions(root: Path) -> tuple[str, tuple[ToolSpec, ...]]:
    """Return the system prompt and the tools of a session."""
    workspace = Workspace(root)
    manners = SessionManners(make_tools(workspace, Git(workspace), make_shell(root)), ())
    manner = ToolSetName.FULL, EditFormat.REPLACE
    system = render_system("project", is_repository=True, tool_set=manner[0], edit_format=manner[1])
    return system, manners.tools(*manner)


async def play(engine: Engine, steps: list[Due], errors: Errors) -> None:
    """Estimate each request, have it counted, and learn."""
    meter = TokenMeter(load_counter())
    provider = OpenAICompatProvider(engine.url, "", LLAMACPP)
    try:
        for place, due in enumerate(steps):
            estimate = meter.estimate(due.request)
            counted = await provider.count_tokens(due.request)
            assert counted is not None
            found = estimate / counted - 1
            if place >= LEARNING:
                (errors.after_compaction if due.is_after_compaction else errors.plain).append(found)
            elif place:
                errors.early.append(found)
            meter.learn(due.request, counted, len(engine.tokens(due.written)))
    finally:
        await provider.aclose()


def measure_model(name: str, model: Path, runs: int, root: Path) -> list[Figure]:
    """Return the figures of one vocabulary."""
    system, tools = instructions(root)
    figures = []
    with Engine(model, n_ctx=4096) as engine:
        for kind in KINDS:
            errors = Errors()
            for seed in range(runs):
                steps = list(session(kind, LEARNING + MEASURED, system, tools, seed))
                asyncio.run(play(engine, steps, errors))
            figures.append(_figure(name, kind, errors))
    return figures


def _figure(name: str, kind: str, errors: Errors) -> Figure:
    every = [*errors.plain, *errors.after_compaction]
    worst = max(map(abs, every))
    return Figure(
        name=f"estimate before a request against the server's count, {name}, {kind}",
        target=f"within {TARGET:.0%} after {LEARNING} steps",
        measured=f"worst {worst:.1%}, median {statistics.median(map(abs, every)):.2%} of {len(every)} requests",
        is_pass=worst <= TARGET,
        notes=(
            f"right after a compaction: worst {max(map(abs, errors.after_compaction)):.1%}",
            f"too small by {-min(every):.1%}, too large by {max(every):.1%} at most",
            f"requests 2 to {LEARNING}, while it learns: worst {max(map(abs, errors.early)):.1%}",
        ),
    )


def measure(runs: int) -> list[Figure]:
    """Play `runs` sessions of each kind with each vocabulary."""
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        models = {"1,024 tokens": TRAINED, "bytes": write_random(root / "bytes.gguf")}
        given = os.environ.get("GGUF_VOCABULARIES")
        if given:
            for name in OTHERS:
                path = Path(given) / f"ggml-vocab-{name}.gguf"
                models[name] = write_model(path, root / f"{name}.gguf")
        for name, model in models.items():
            figures += measure_model(name, model, runs, root)
    return figures


if __name__ == "__main__":
    sys.exit(run(measure, runs=3, description=__doc__))
