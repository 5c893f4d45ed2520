"""The reckoning of memory against the real engine, and the embedded engine's window."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.tinymodel.hybrid import write_worded
from tests.support.tinymodel.weights import write_random
from trashclaw.agent.messages import EndPart, Message, Request, Role
from trashclaw.providers.embedded import DEFAULT_N_CTX, EmbeddedProvider
from trashclaw.providers.gguf_header import read_header
from trashclaw.providers.kv_cost import kv_cost
from trashclaw.providers.memory_fit import MemoryFit, fit_text

ASK = Request((Message(Role.USER, "Hello"),), max_tokens=4)
MEBI = 2**20
SAYING = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.port, params.verbosity = sys.argv[1], 8192, 1, 0, 4
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.warmup = False
if len(sys.argv) > 2:
    params.cache_type_k = params.cache_type_v = getattr(xllamacpp.ggml_type, sys.argv[2])
server = xllamacpp.Server(params)
"""
"""Starts an engine that says how large its caches are."""

SIZES = re.compile(rb"llama_(?:kv_cache|memory_recurrent): size =\s+([\d.]+) MiB")

LAST = b"compute buffer size"
"""In what it says after its caches."""


def said_sizes(model: Path, *words: str) -> list[float]:
    """Start an engine and return how large it says its caches are, in MiB."""
    sizes: list[float] = []
    command = [sys.executable, "-c", SAYING, str(model), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as engine:
        assert engine.stdout is not None
        for line in engine.stdout:
            sizes += map(float, SIZES.findall(line))
            if LAST in line:
                break
        # It may hang when it is left to end by itself.
        engine.kill()
    return sizes


def written_plain(folder: Path) -> Path:
    return write_random(folder / "plain.gguf")


def written_hybrid(folder: Path) -> Path:
    return write_worded(folder / "hybrid.gguf", is_hybrid=True)


@pytest.mark.parametrize(
    ("write", "cache"),
    [(written_plain, "f16"), (written_hybrid, "f16"), (written_plain, "f32")],
    ids=["plain", "hybrid", "plain with a larger cache"],
)
def test_what_is_reckoned_is_what_the_engine_takes(write: Callable[[Path], Path], cache: str, tmp_path: Path) -> None:
    path = write(tmp_path)
    words = [] if cache == "f16" else [f"GGML_TYPE_{cache.upper()}"]
    sizes = said_sizes(path, *words)
    assert sizes, "the engine did not say what it takes"
    cost = kv_cost(read_header(path).facts, cache)
    assert cost is not None
    assert not cost.is_at_most
    assert (cost.fixed_bytes + 8192 * cost.token_bytes) / MEBI == pytest.approx(sum(sizes), abs=0.011 * len(sizes))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_random(tmp_path_factory.mktemp("model") / "random.gguf")


def spare_for(model: Path, tokens: int) -> int:
    """Return the memory in which a window of so many tokens just fits."""
    header = read_header(model)
    needed = MemoryFit(0, header.size_bytes, kv_cost(header.facts)).needed_bytes(tokens)
    assert needed is not None
    return needed


async def test_the_engine_is_started_with_the_window_that_fits(model: Path) -> None:
    spare = spare_for(model, 10_000)
    provider = EmbeddedProvider(model, free_bytes=lambda: spare)
    profile = await provider.profile()
    assert profile.limit_tokens == 8192
    assert profile.limit_reason == "what fits into 0.5 GB of free memory"
    assert fit_text(await provider.memory_fit()).endswith("0.5 GB free: fits (at most 10,000 tokens)")
    [*_, end] = [part async for part in provider.stream(ASK)]
    assert isinstance(end, EndPart)
    await provider.aclose()


async def test_the_engine_is_started_with_what_was_asked_for_and_warned_of(model: Path) -> None:
    spare = spare_for(model, 10_000)
    provider = EmbeddedProvider(model, 20_480, free_bytes=lambda: spare)
    profile = await provider.profile()
    assert (profile.limit_tokens, profile.limit_reason) == (20_480, "asked for")
    assert profile.limit_warning.startswith("A window of 20,480 tokens needs")
    assert profile.limit_hint == "At most 10,000 tokens fit: --num-ctx 10000."
    await provider.aclose()


async def test_with_memory_to_spare_the_engine_has_its_usual_window(model: Path) -> None:
    provider = EmbeddedProvider(model, free_bytes=lambda: 10**12)
    profile = await provider.profile()
    assert profile.limit_tokens == DEFAULT_N_CTX
    assert profile.limit_reason == "as much as is taken unasked; the model was made for 32,768 (server.num_ctx)"
    await provider.aclose()


async def test_memory_that_cannot_be_told_takes_nothing_away(model: Path) -> None:
    provider = EmbeddedProvider(model, free_bytes=lambda: None)
    fit = await provider.memory_fit()
    assert (fit.window_tokens, provider.engine_pid) == (DEFAULT_N_CTX, None)
    assert "free memory unknown" in fit_text(fit)
    await provider.aclose()
