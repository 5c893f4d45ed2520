"""`trashclaw models` over a fake Ollama: what is there, what is fetched, what is in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama
from tests.support.program import run_program

FETCHED = (
    {"status": "pulling 4f4e", "digest": "sha256:4f4e", "total": 2_000_000_000, "completed": 500_000_000},
    {"status": "pulling 4f4e", "digest": "sha256:4f4e", "total": 2_000_000_000, "completed": 2_000_000_000},
    {"status": "verifying sha256 digest"},
    {"status": "success"},
)


async def test_the_list_tells_of_each_model_where_it_runs_and_whether_it_was_examined(repository: Path) -> None:
    models = [FakeModel(), FakeModel("far:120b-cloud", remote_host="https://far.example"), FakeModel("old:1b")]
    async with FakeOllama(models=models, loaded={"qwen3:8b": 4096}) as server:
        ran = await run_program(repository, "models", "--provider", "ollama", "--base-url", server.url)
    lines = ran.out.splitlines()
    assert (ran.code, len(lines)) == (0, 3)
    assert lines[0].split() == ["ollama", "qwen3:8b", "32768", "tokens", "here", "loaded,", "not", "examined"]
    assert "elsewhere" in lines[1] and "not examined" in lines[2]
    assert not server.chats and not server.loads


@pytest.mark.parametrize(
    ("pulls", "code", "words"),
    [
        ({"new:1b": FETCHED}, 0, "verifying sha256 digest"),
        ({}, 5, "new:1b"),
        ({"new:1b": FETCHED[:2]}, 1, "did not get new:1b to the end"),
        ({"new:1b": (*FETCHED[:1], {"error": "\x1b[2Jdisk is full"})}, 1, "disk is full"),
    ],
    ids=["fetched", "unknown", "cut", "failed"],
)
async def test_a_model_is_fetched_or_it_is_said_why_not(
    pulls: dict[str, tuple[dict[str, object], ...]], code: int, words: str, repository: Path
) -> None:
    async with FakeOllama(pulls=pulls) as server:
        options = ("--provider", "ollama", "--base-url", server.url)
        ran = await run_program(repository, "models", "pull", "new:1b", *options)
    assert ran.code == code, ran.err
    assert words in ran.err and "\x1b" not in ran.err
    assert ("new:1b is there" in ran.out) is (code == 0)


async def test_a_model_is_loaded_with_the_sessions_window_and_unloaded(repository: Path) -> None:
    async with FakeOllama() as server:
        options = ("--provider", "ollama", "--base-url", server.url, "--num-ctx", "8192")
        loaded = await run_program(repository, "models", "load", "qwen3:8b", *options)
        assert (loaded.code, server.loaded) == (0, {"qwen3:8b": 8192})
        unloaded = await run_program(repository, "models", "unload", "qwen3:8b", *options)
        assert (unloaded.code, server.loaded) == (0, {})
        unnamed = await run_program(repository, "models", "load", *options)
    assert unnamed.code == 2


async def test_other_servers_are_not_told_what_to_load(repository: Path) -> None:
    ran = await run_program(repository, "models", "pull", "x", "--provider", "llamacpp")
    assert (ran.code, "llamacpp gets no models" in ran.err) == (2, True)
