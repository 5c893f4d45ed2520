"""The face without a screen, over real sessions in this process."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.support.sessions import Driven, RecordingProvider, Steps, open_driven, read, write
from trashclaw.agent.messages import ModelProfile
from trashclaw.config.schema import Settings
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.batch.run import BatchRun, Output
from trashclaw.protocol.envelope import Envelope
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.session.build import Opening, open_session
from trashclaw.session.invariants import check


async def run(driven: Driven, output: Output = Output.TEXT) -> tuple[ExitCode, str, str]:
    out, log = io.StringIO(), io.StringIO()
    code = await BatchRun(driven.session, output, out, log).run("go")
    return code, out.getvalue(), log.getvalue()


async def played(root: Path, steps: Steps, output: Output = Output.TEXT, **settings: Any) -> tuple[ExitCode, str, str]:
    async with open_driven(root, steps, can_ask=False, settings=Settings(**settings)) as driven:
        return await run(driven, output)


async def test_what_is_going_on_is_told_beside_the_result(repository: Path) -> None:
    steps = [{"calls": [read("README.md"), read("none.txt")]}, {"text": "Read."}]
    code, out, log = await played(repository, steps)
    assert (code, out) == (0, "Read.\n")
    assert [line.split()[0] for line in log.splitlines()] == ["done", "failed", "|"]


async def test_nothing_steers_the_terminal_of_the_person(repository: Path) -> None:
    hostile = "\x1b[31m[bold]\x07\u202e界\0"
    code, out, log = await played(repository, [{"calls": [read(hostile)]}, {"text": hostile}])
    assert (code, out) == (0, f"{hostile}\n")
    assert "\x1b" not in log
    assert "\u202e" not in log


async def test_the_stream_is_sound_and_ends_with_the_last_event(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "a\n")]}, {"text": "Done."}]
    _, out, _ = await played(repository, steps, Output.STREAM_JSON, allow_write=True)
    envelopes = [Envelope.model_validate_json(line) for line in out.splitlines()]
    assert check(envelopes) == []
    assert envelopes[-1].event.type == "checkpoint.created"


async def test_a_question_of_the_models_does_not_stop_the_run(repository: Path) -> None:
    ask = {"name": "ask_user", "arguments": {"question": "Tabs?"}}
    code, _, _ = await played(repository, [{"calls": [ask]}, {"text": "Then tabs."}])
    assert code == 0


async def test_no_path_forges_a_line(repository: Path) -> None:
    _, _, log = await played(repository, [{"calls": [read("a\n  done      edit x.py")]}, {"text": "Hm."}])
    assert [line.split()[0] for line in log.splitlines()] == ["failed", "|"]


async def test_without_an_answer_nothing_is_printed(repository: Path) -> None:
    _, out, _ = await played(repository, [{}, {}])
    assert out == ""


async def test_an_empty_answer_fails_and_says_so(repository: Path) -> None:
    code, out, log = await played(repository, [{}, {}], Output.JSON)
    assert (code, json.loads(out)["stop_reason"]) == (ExitCode.FAILED, "stalled")
    assert "answered nothing" in log


class RemoteProvider(RecordingProvider):
    """A model that runs elsewhere."""

    async def profile(self) -> ModelProfile:
        return replace(await super().profile(), is_remote=True)


async def test_that_words_leave_this_machine_is_told(repository: Path, tmp_path: Path) -> None:
    provider = RemoteProvider(Script(steps=(ScriptedStep(text="Hi."),)))
    opening = Opening(root=repository, settings=Settings(), can_ask=False, provider=provider, state=tmp_path / "state")
    driven = Driven(await open_session(opening), provider, tmp_path / "state")
    _, out, log = await run(driven)
    await driven.session.aclose()
    assert out == "Hi.\n"
    assert "does not run on this machine" in log


async def test_help_for_a_small_model_is_told_beside_the_result(repository: Path) -> None:
    again = {"calls": [{"name": "read", "arguments": {"file_path": "none.txt"}}], "text": "Again."}
    _, out, log = await played(repository, [again, again, again, again, {"text": "It is not there."}])
    assert out == "It is not there.\n"
    lines = log.splitlines()
    assert any(line.startswith("            | ") and line.endswith("(the same, 2 times now)") for line in lines)
    assert any(line.startswith("  told      the model: You have ") for line in lines)
    assert lines[-1] == "4 calls mended: named 4"
