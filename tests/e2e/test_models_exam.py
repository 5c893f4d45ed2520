"""Exams as a person takes them: on the real engine, with a fake Ollama, from far away, and interrupted."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.examined import WiseDirector, wise_reply
from tests.support.fake_ollama import FakeModel, FakeOllama, OllamaStep
from tests.support.program import run_program, start_program
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import TRAINED, write_random
from trashclaw.config.paths import state_folder


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(TRAINED, n_ctx=4096) as running:
        yield running


async def test_a_good_model_on_the_real_engine_gets_good_marks(engine: Engine, repository: Path) -> None:
    with WiseDirector(engine) as director:
        options = ("--provider", "llamacpp", "--base-url", director.url)
        ran = await run_program(repository, "models", "exam", "--full", "--output", "json", *options)
        shown = await run_program(repository, "models", "show", *options)
        listed = await run_program(repository, "models", *options)
    assert ran.code == 0, ran.err
    exam, manner = ran.json()["exam"], ran.json()["manner"]
    assert (exam["calls"]["native"], exam["calls"]["tried"]) == (3, 3)
    assert (exam["json_schema"]["fitted"], exam["json_schema"]["tried"]) == (2, 2)
    assert exam["edits"]["way"] == "native"
    assert all(one["landed"] == one["tried"] == 3 for one in exam["edits"]["formats"]), exam["edits"]["note"]
    assert (exam["window"]["verdict"], exam["window"]["claimed_tokens"]) == ("held", 4096)
    assert exam["window"]["has_recalled"] and 3_300 < exam["window"]["proven_tokens"] < 3_900
    assert exam["thinking"]["place"] == "field reasoning_content" and exam["thinking"]["can_stop"]
    assert exam["speed"]["read_tokens_per_s"] > 0 and exam["speed"]["write_tokens_per_s"] > 0
    assert not any(exam[name]["error"] for name in ("calls", "edits", "window", "speed", "json_schema"))
    assert (manner["dialect"], manner["tool_set"], manner["edit_format"]) == ("native", "nano", "replace")
    assert "native calls    3 of 3" in shown.out and "because: exam of" in shown.out
    assert "examined on" in listed.out and "4096 tokens" in listed.out


async def test_a_model_that_knows_nothing_is_examined_to_the_end(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    model = tmp_path_factory.mktemp("random") / "random.gguf"
    write_random(model)
    with Engine(model, n_ctx=4096) as running:
        options = ("--provider", "llamacpp", "--base-url", running.url)
        ran = await run_program(repository, "models", "exam", "--quick", "--output", "json", *options)
    assert ran.code == 0, ran.err
    exam = ran.json()["exam"]
    assert exam["calls"]["native"] == 0
    assert exam["json_schema"]["fitted"] == exam["json_schema"]["tried"]
    assert exam["window"]["verdict"] == "held" and not exam["window"]["has_recalled"]
    assert ran.json()["manner"]["dialect"] == "typed" and ran.json()["manner"]["can_constrain"]


async def test_a_window_smaller_than_what_is_claimed_is_found_out(engine: Engine, repository: Path) -> None:
    """The fake claims 40,960 tokens, as its card says, and gives 3,000."""

    class Following(FakeOllama):
        async def _answer(self, request, model, wire):  # type: ignore[no-untyped-def]
            question = request.messages[-1].content
            reply = wise_reply(question, [tool.function.name for tool in request.tools], _schema(request))
            calls = [{"name": name, "arguments": dict(given)} for name, given in reply.calls]
            self.steps = [*self.steps, OllamaStep.model_validate({"text": reply.text, "calls": calls})]
            await super()._answer(request, model, wire)

    async with Following(memory_tokens=3_000) as server:
        options = ("--provider", "ollama", "--base-url", server.url, "--num-ctx", "32768")
        ran = await run_program(repository, "models", "exam", "qwen3:8b", "--full", "--output", "json", *options)
        doctor = await run_program(repository, "doctor", *options, "--model", "qwen3:8b")
    exam = ran.json()["exam"]
    assert ran.code == 0, ran.err
    assert exam["window"]["proven_tokens"] < 3_000
    assert exam["window"]["verdict"] in {"held", "refused"}
    assert exam["calls"]["native"] == 3 and exam["parallel"]["right"] == 2
    assert exam["json_schema"]["fitted"] == 2
    assert ran.json()["manner"]["limit_tokens"] <= 3_000
    assert "ok  exam: ollama qwen3:8b" in doctor.out and doctor.code == 0
    assert re.search(r"ok  window: the head of a [12],\d\d\d-token prompt was read", doctor.out), doctor.out
    assert "memory: weights 5.2 GB, what a token costs is not told" in doctor.out


def _schema(request: object) -> dict[str, object] | None:
    given = getattr(request, "format", None)
    if given is None:
        return None
    return given if isinstance(given, dict) else given.model_dump(exclude_none=True)


async def test_a_model_elsewhere_is_examined_only_when_it_is_named(repository: Path) -> None:
    far = FakeModel(name="huge:120b-cloud", remote_host="https://far.example")
    async with FakeOllama([OllamaStep(text="none")] * 40, models=[far]) as server:
        options = ("--provider", "ollama", "--base-url", server.url)
        unnamed = await run_program(repository, "models", "exam", "--quick", *options)
        asked = len(server.chats)
        named = await run_program(repository, "models", "exam", "huge:120b-cloud", "--quick", *options)
        listed = await run_program(repository, "models", "list", *options)
    assert (unnamed.code, asked) == (2, 0)
    assert "does not run on this machine" in unnamed.err and "Name it if that is meant" in unnamed.err
    assert named.code == 0 and server.chats
    assert "does not run on this machine" in named.err
    assert "elsewhere" in listed.out


async def read_until_error(process: asyncio.subprocess.Process, text: str) -> None:
    """Read lines of standard error until one holds the text."""
    assert process.stderr is not None
    async with asyncio.timeout(60):
        while text not in (line := (await process.stderr.readline()).decode()):
            assert line, f"the program ended before it said {text!r}"


async def test_an_interrupted_exam_shows_and_keeps_what_is_known(repository: Path) -> None:
    held = [OllamaStep(text="none")] * 9 + [OllamaStep(text="x", hold=True)]
    async with FakeOllama(held, models=[FakeModel(capabilities=("completion", "tools"))]) as server:
        options = ("--provider", "ollama", "--base-url", server.url)
        async with start_program(repository, "models", "exam", "--quick", *options) as process:
            await read_until_error(process, "native calls")
            process.send_signal(signal.SIGINT)
            async with asyncio.timeout(30):
                out, err = await process.communicate()
        assert process.returncode == 130
        assert b"Traceback" not in err
        assert b"not complete" in err and not out
        shown = await run_program(repository, "models", "show", *options)
    assert "reads" in shown.out and "not examined" in shown.out
    (file,) = (state_folder() / "exams").iterdir()
    assert json.loads(file.read_text())["speed"]["read_tokens_per_s"] > 0


async def test_without_a_server_the_exam_is_five(repository: Path) -> None:
    options = ("--provider", "llamacpp", "--base-url", "http://127.0.0.1:9", "--model", "m")
    assert (await run_program(repository, "models", "exam", *options)).code == 5


async def test_the_questions_hold_nothing_of_the_workspace(engine: Engine, repository: Path) -> None:
    (repository / "secret.txt").write_text("the-treasure-is-here")
    with WiseDirector(engine) as director:
        options = ("--provider", "llamacpp", "--base-url", director.url)
        await run_program(repository, "models", "exam", "--quick", *options)
        sent = json.dumps(director.requests)
    assert "treasure" not in sent and "Shop" not in sent and str(repository) not in sent
