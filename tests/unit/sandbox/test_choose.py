"""Which sandbox is chosen: the strongest that works, and never a weaker one in silence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

from trashclaw.protocol.errors import ConfigError
from trashclaw.sandbox.choose import Bounds, Choice, Probe, choose_sandbox, known_probes, make_sandbox
from trashclaw.sandbox.ports import Backend, Confinement

ISOLATING = [backend for backend in Backend if backend is not Backend.ASK_FIRST]


@pytest.fixture
def bounds(workspace_folder: Path, tmp_path: Path) -> Bounds:
    return Bounds(workspace_folder, tmp_path / "state", hidden=(tmp_path / "hidden",))


def probes(*works: Backend, asked: list[Backend] | None = None) -> dict[Backend, Probe]:
    """Return probes of which only some find that their backend works."""

    def probe(backend: Backend) -> str | None:
        if asked is not None:
            asked.append(backend)
        return None if backend in (*works, Backend.ASK_FIRST) else f"no {backend.name} here"

    return {backend: lambda backend=backend: probe(backend) for backend in Backend}  # type: ignore[misc]


@pytest.mark.parametrize("place", range(len(ISOLATING)))
def test_the_strongest_that_works_is_chosen_and_no_weaker_one_is_tried(bounds: Bounds, place: int) -> None:
    asked: list[Backend] = []
    choice = choose_sandbox("auto", bounds, probes(*ISOLATING[place:], asked=asked))
    assert choice.sandbox.backend is ISOLATING[place] and choice.sandbox.is_isolating
    assert asked == ISOLATING[: place + 1]
    assert choice.tried == tuple((backend, f"no {backend.name} here") for backend in ISOLATING[:place])
    assert choice.notice == ""


def test_without_any_that_works_the_notice_says_why_commands_are_asked_about(bounds: Bounds) -> None:
    choice = choose_sandbox("auto", bounds, probes())
    assert choice.sandbox.backend is Backend.ASK_FIRST and not choice.sandbox.is_isolating
    assert "every command is asked about before it runs" in choice.notice
    assert all(f"{backend}: no {backend.name} here" in choice.notice for backend in ISOLATING)


@pytest.mark.parametrize("backend", ISOLATING)
def test_one_that_is_named_is_taken_or_its_reason_is_told(bounds: Bounds, backend: Backend) -> None:
    others = [other for other in ISOLATING if other is not backend]
    assert choose_sandbox(backend, bounds, probes(backend)).sandbox.backend is backend
    with pytest.raises(ConfigError) as caught:
        choose_sandbox(backend, bounds, probes(*others))
    assert f"`{backend}` does not work here: no {backend.name} here" in caught.value.text


def test_to_be_asked_first_can_be_wished_for(bounds: Bounds) -> None:
    choice = choose_sandbox("ask-first", bounds, probes(*ISOLATING))
    assert choice.sandbox.backend is Backend.ASK_FIRST and choice.notice == ""


def test_a_name_that_is_none_is_an_error_with_the_names(bounds: Bounds) -> None:
    with pytest.raises(ConfigError) as caught:
        choose_sandbox("docker", bounds)
    assert "auto, overlay, bubblewrap, sandlock, sandbox-exec, ask-first" in caught.value.hint


@pytest.mark.parametrize("backend", list(Backend))
def test_every_probe_answers_in_words_or_its_backend_runs_a_command(bounds: Bounds, backend: Backend) -> None:
    reason = known_probes(bounds.state)[backend]()
    if reason is not None:
        assert len(reason) > 15 and not reason.endswith(".")
        return

    async def run() -> tuple[int | None, str]:
        sandbox = make_sandbox(backend, bounds)
        result = await (await sandbox.start("echo works", Confinement())).wait()
        await sandbox.aclose()
        return result.result.exit_code, result.result.stdout

    assert asyncio.run(run()) == (0, "works\n")
    assert not list(bounds.state.glob("probe-*"))


def test_the_real_choice_is_made_where_commands_make_it(bounds: Bounds) -> None:
    async def choose() -> Choice:
        return await asyncio.to_thread(choose_sandbox, "auto", bounds)

    choice = asyncio.run(choose())
    assert choice.sandbox.is_isolating == (choice.sandbox.backend is not Backend.ASK_FIRST)


def test_nothing_of_a_backend_is_loaded_before_it_is_tried() -> None:
    program = (
        "import sys; import trashclaw.sandbox.choose;"
        "print(*sorted(name for name in sys.modules if name.startswith(('sandlock', 'trashclaw.sandbox.'))))"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=os.environ)
    assert told.stdout.split() == ["trashclaw.sandbox.choose", "trashclaw.sandbox.ports"]
