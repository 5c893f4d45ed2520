"""Batch runs as processes: what goes in, what comes out, and with which exit code."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.support.program import run_program, scripted, start_program, write_script
from tests.support.sessions import bash, edit, read, write
from trashclaw.protocol import events as ev
from trashclaw.session.invariants import check

FIX = [
    {"text": "Let me look.", "calls": [read("README.md")]},
    {"calls": [edit("README.md", "small", "large"), write("new.txt", "new\n")]},
    {"text": "**Fixed** it.\n"},
]


async def test_text_is_the_last_words_and_nothing_else(repository: Path, tmp_path: Path) -> None:
    ran = await run_program(repository, *scripted(write_script(tmp_path, FIX)), "--allow-write", "fix it")
    assert (ran.code, ran.out) == (0, "**Fixed** it.\n\n")
    assert "edit README.md" in ran.err
    assert (repository / "README.md").read_text() == "# Shop\n\nA large shop.\n"


async def test_json_is_one_object_that_tells_it_all(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, FIX)
    ran = await run_program(repository, *scripted(script), "--allow-write", "--output", "json", "fix it")
    told = ran.json()
    assert (told["summary"], told["stop_reason"], told["exit_code"]) == ("**Fixed** it.\n", "end_turn", 0)
    digest = hashlib.sha256((repository / "README.md").read_bytes()).hexdigest()
    readme, new = told["artifacts"]
    assert readme == {"path": "README.md", "status": "modified", "added": 1, "removed": 1, "sha256": digest}
    assert (new["path"], new["status"], new["added"]) == ("new.txt", "added", 1)
    assert told["usage"]["prompt_tokens"] > 0
    assert told["timings"]["steps"] == 3
    assert told["session"]
    assert told["error"] is None


async def test_stream_json_is_an_envelope_a_line_and_sound(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, FIX)
    ran = await run_program(repository, *scripted(script), "--allow-write", "--output", "stream-json", "fix it")
    envelopes = ran.envelopes()
    assert isinstance(envelopes[0].event, ev.SessionStarted)
    assert check(envelopes) == []
    kinds = [envelope.event.type for envelope in envelopes]
    assert kinds.count("turn.completed") == 1
    assert "item.delta" in kinds
    after = envelopes[-1].event
    assert isinstance(after, ev.CheckpointCreated)
    assert after.is_after


async def test_events_go_to_a_file_beside_the_output(repository: Path, tmp_path: Path) -> None:
    events = tmp_path / "events.jsonl"
    script = write_script(tmp_path, [{"text": "Hi ä."}])
    ran = await run_program(repository, *scripted(script), "--events", str(events), "hello")
    assert ran.out == "Hi ä.\n"
    lines = [json.loads(line) for line in events.read_text().splitlines()]
    assert lines[0]["event"]["type"] == "session.started"
    assert lines[-1]["event"]["type"] == "turn.completed"


@pytest.mark.parametrize(
    ("arguments", "given"),
    [
        (("--prompt", "say hi ä"), None),
        (("-",), "say hi ä\n"),
        ((), "say hi ä"),
        (("--prompt", "-"), "say hi ä"),
        (("say", "hi", "ä"), None),
    ],
)
async def test_the_prompt_comes_from_anywhere(
    repository: Path, tmp_path: Path, arguments: tuple[str, ...], given: str | None
) -> None:
    script = write_script(tmp_path, [{"text": "Hi.", "expect": "say hi ä"}])
    stdin = None if given is None else given.encode()
    ran = await run_program(repository, *scripted(script), *arguments, given=stdin)
    assert (ran.code, ran.out) == (0, "Hi.\n")


async def test_an_empty_standard_input_is_bad_usage(repository: Path, tmp_path: Path) -> None:
    ran = await run_program(repository, *scripted(write_script(tmp_path, [])), given=b"  \n")
    assert (ran.code, ran.out) == (2, "")
    assert "empty" in ran.err


async def test_without_leave_nothing_is_changed_and_the_flag_is_named(repository: Path, tmp_path: Path) -> None:
    steps = [{"calls": [edit("README.md", "small", "large"), bash("touch made")]}, {"text": "I could not."}]
    ran = await run_program(repository, *scripted(write_script(tmp_path, steps)), "fix it")
    assert ran.code == 4
    assert "--allow-write" in ran.err
    assert "--allow-shell" in ran.err
    assert (repository / "README.md").read_text() == "# Shop\n\nA small shop.\n"
    assert not (repository / "made").exists()


async def test_a_command_runs_where_it_was_allowed(repository: Path, tmp_path: Path) -> None:
    steps = [{"calls": [bash("echo made > made; exit 3")]}, {"text": "Done.", "expect": "exit code 3"}]
    ran = await run_program(
        repository, *scripted(write_script(tmp_path, steps)), "--allow-shell", "--allow-write", "go"
    )
    assert ran.code == 0
    assert (repository / "made").read_text() == "made\n"
    assert "exit code 3" in ran.err


async def test_a_write_is_refused_where_only_commands_were_allowed(repository: Path, tmp_path: Path) -> None:
    steps = [{"calls": [write("a.txt", "a\n")]}, {"text": "No."}]
    ran = await run_program(repository, *scripted(write_script(tmp_path, steps)), "--allow-shell", "go")
    assert ran.code == 4
    assert "--allow-write" in ran.err


async def test_the_limit_of_steps_is_three(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"calls": [read("README.md")]}] * 3)
    ran = await run_program(repository, *scripted(script), "--max-steps", "2", "go")
    assert ran.code == 3
    assert "2 steps" in ran.err


@pytest.mark.parametrize(
    ("error", "code"), [("unreachable", 5), ("model_not_found", 5), ("http", 1), ("dropped", 1), ("empty", 1)]
)
async def test_a_failing_server_is_one_or_five(repository: Path, tmp_path: Path, error: str, code: int) -> None:
    script = write_script(tmp_path, [{"text": "Half", "error": {"kind": error}}])
    ran = await run_program(repository, *scripted(script), "--output", "json", "go")
    assert ran.code == code
    assert ran.json()["exit_code"] == code
    assert ran.json()["error"]["text"]
    assert "error:" in ran.err


async def test_a_reader_that_goes_away_ends_the_run_quietly(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "word " * 20_000}, {"text": "Back."}])
    arguments = (*scripted(script), "--output", "stream-json", "go")
    async with start_program(repository, *arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        await process.stdout.readline()
        process._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]
        err = await process.stderr.read()
        assert await process.wait() == 1
    assert b"Traceback" not in err
    assert b"Exception ignored" not in err


async def test_a_full_output_is_told(repository: Path, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    script = write_script(tmp_path, [{"text": "Hi."}])
    ran = await run_program(repository, *scripted(script), "--events", "/dev/full", "go")
    assert ran.code == 1
    assert "No space left" in ran.err


async def test_any_encoding_of_the_output_is_survived(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "Grüße, 界 🎉"}])
    latin = {"PYTHONIOENCODING": "latin-1:strict", "PYTHONUTF8": "0"}
    arguments = (*scripted(script), "go")
    async with start_program(repository, *arguments, environment=latin) as process:
        out, err = await process.communicate()
    assert (process.returncode, out.decode("latin-1")) == (0, "Grüße, ? ?\n"), err
    ran = await run_program(repository, *arguments, "--output", "json", environment=latin)
    assert ran.json()["summary"] == "Grüße, 界 🎉"
