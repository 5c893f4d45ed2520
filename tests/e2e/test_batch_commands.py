"""The small commands: sessions, config, doctor."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeOllama
from tests.support.privileges import modes_count
from tests.support.program import run_program, scripted, write_script
from tests.support.sessions import read
from trashclaw.cli import main
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import SessionStarted


async def test_doctor_finds_a_server_and_says_what_to_type(repository: Path) -> None:
    async with FakeOllama() as server:
        ran = await run_program(repository, "doctor", "--provider", "ollama", "--base-url", server.url)
    assert ran.code == 0
    assert "qwen3:8b, window" in ran.out
    assert "native tool calls" in ran.out
    assert "Ready: trashclaw" in ran.out


def test_doctor_without_a_server_is_five(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["-C", str(repository), "--provider", "llamacpp", "--base-url", "http://127.0.0.1:9/v1", "--model", "m"]
    assert main(["doctor", *options]) == 5
    told = capsys.readouterr().out
    assert "no  model:" in told
    assert "127.0.0.1:9" in told


def test_sessions_of_a_new_folder_are_none(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(repository), "sessions"]) == 0
    told = capsys.readouterr()
    assert (told.out, "No sessions" in told.err) == ("", True)
    assert main(["-C", str(repository), "sessions", "burn"]) == 2


@pytest.mark.parametrize("verb", ["show", "rename", "export", "delete"])
def test_a_command_about_a_session_asks_for_its_id(
    verb: str, repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["-C", str(repository), "sessions", verb]) == 2
    assert f"Which session is meant? Write its id behind `trashclaw sessions {verb}`." in capsys.readouterr().err


def test_a_search_asks_for_words(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(repository), "sessions", "search"]) == 2
    assert "What is to be looked for?" in capsys.readouterr().err


def test_config_shows_what_set_each_value(
    repository: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = home / "trashclaw" / "config"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("limits:\n  steps: 7\n")
    monkeypatch.setenv("TRASHCLAW_MODE", "review")
    assert main(["-C", str(repository), "--num-ctx", "9000", "config", "show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"limits.steps: 7  # {folder / 'config.yaml'}" in lines
    assert "mode: review  # TRASHCLAW_MODE" in lines
    assert "server.num_ctx: 9000  # option" in lines
    assert "allow_shell: false  # default" in lines


def test_config_says_which_files_are_read(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(repository), "config", "path"]) == 0
    mine, projects, keys = capsys.readouterr().out.splitlines()
    assert mine.endswith("config.yaml")
    assert keys.endswith("keymap.yaml")
    assert "not trusted" in projects
    assert main(["-C", str(repository), "--trust", "on", "config", "path"]) == 0
    assert "not trusted" not in capsys.readouterr().out
    assert main(["-C", str(repository), "config", "burn"]) == 2


def test_a_folder_that_is_not_there_is_bad_usage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(tmp_path / "none"), "--batch", "go"]) == 2
    assert "There is no folder" in capsys.readouterr().err


def test_the_screen_needs_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "--batch" in capsys.readouterr().err


def test_a_state_that_cannot_be_written_is_told(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TRASHCLAW_HOME", str(tmp_path / "file" / "home"))
    assert main(["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "go"]) == 2
    assert "TRASHCLAW_HOME" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="modes of POSIX")
def test_a_read_only_folder_fails_an_edit_and_no_more(repository: Path, tmp_path: Path) -> None:
    repository.chmod(0o555)
    try:
        step = {"calls": [{"name": "write_file", "arguments": {"path": "a.txt", "content": "a"}}]}
        script = write_script(tmp_path, [step, {"text": "No."}])
        with modes_count():
            assert main(["-C", str(repository), *scripted(script), "--allow-write", "go"]) == 0
        assert not (repository / "a.txt").exists()
    finally:
        repository.chmod(0o755)


def test_a_damaged_log_is_told_with_the_way_out(
    repository: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "go"]
    assert main(arguments) == 0
    (log,) = home.glob("*/state/workspaces/*/log.sqlite3")
    for leftover in log.parent.glob("log.sqlite3-*"):
        leftover.unlink()
    log.write_bytes(b"damaged" * 1000)
    capsys.readouterr()
    assert main(arguments) == 1
    assert "move the file away" in capsys.readouterr().err
    assert log.read_bytes() == b"damaged" * 1000
    log.unlink()


def test_an_older_trashclaw_leaves_a_newer_log_alone(
    repository: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "go"]
    assert main(arguments) == 0
    (log,) = home.glob("*/state/workspaces/*/log.sqlite3")
    db = sqlite3.connect(log)
    version = db.execute("PRAGMA user_version").fetchone()[0]
    db.execute(f"PRAGMA user_version={version + 1}")
    assert main([*arguments[:-1], "--continue", "go"]) == 1
    assert "newer trashclaw" in capsys.readouterr().err
    db.execute(f"PRAGMA user_version={version}")
    db.close()


def test_a_batch_run_in_this_process_leaves_the_loop_and_the_streams_alone(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi 界."}])), "go"]
    assert main(arguments) == 0
    assert main(arguments) == 0
    assert capsys.readouterr().out == "Hi 界.\nHi 界.\n"


def test_run_is_batch_in_front_and_behind(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = write_script(tmp_path, [{"text": "Hi.", "expect": "say hi"}])
    model = ["-C", str(repository), "--provider", "scripted", "--model", script]
    for arguments in ([*model, "run", "say hi"], [*model, "--prompt", "say hi", "run"], ["run", "say hi", *model]):
        assert main(arguments) == 0
        assert capsys.readouterr().out == "Hi.\n"


def test_what_is_allowed_sets_the_mode(repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "--output", "stream-json"]
    modes = []
    for allowed in ([], ["--allow-shell"], ["--allow-shell", "--allow-write"], ["--allow-write", "--mode", "plan"]):
        assert main([*arguments, *allowed, "hi"]) == 0
        started = Envelope.model_validate_json(capsys.readouterr().out.splitlines()[0]).event
        assert isinstance(started, SessionStarted)
        modes.append(started.mode)
    assert modes == ["plan", "review", "accept", "plan"]


def test_a_session_is_continued_and_resumed(
    repository: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["-C", str(repository)]
    ids = set()
    for number, option in enumerate([[], ["--continue"], ["--resume", "last"]]):
        script = write_script(tmp_path, [{"text": f"Answer {number}."}], name=f"s{number}")
        assert main([*place, *scripted(script), *option, "--output", "json", f"question {number}"]) == 0
        ids.add(json.loads(capsys.readouterr().out)["session"])
    (session_id,) = ids
    assert main([*place, "sessions", "list"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(session_id)
    assert "3 turns" in line
    assert "question 0" in line
    assert main([*place, *scripted(script), "--resume", "nothing-like-it", "go"]) == 2


def test_no_session_leaves_nothing_behind(repository: Path, tmp_path: Path, home: Path) -> None:
    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "--no-session"]
    assert main([*arguments, "go"]) == 0
    assert list(home.rglob("*.sqlite3")) == []
    assert main([*arguments, "--continue", "go"]) == 2


@pytest.mark.cut_log
@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
async def test_a_disk_that_fills_up_is_told_and_what_was_stored_goes_on(
    repository: Path, tmp_path: Path, home: Path
) -> None:
    steps = [{"text": "word " * 4000, "calls": [read("README.md")]}] * 12
    script = write_script(tmp_path, [*steps, {"text": "Done."}])
    line = [
        "bash",
        "-c",
        'ulimit -f 200; exec "$@"',
        "bash",
        sys.executable,
        "-m",
        "trashclaw",
        *scripted(script),
        "go",
    ]
    patient = {**os.environ, "TRASHCLAW_LIMITS__REPEATS": "50", "TRASHCLAW_LIMITS__IDLE_STEPS": "50"}
    ran = subprocess.run(line, cwd=repository, capture_output=True, text=True, timeout=60, env=patient)
    assert "The log cannot be written" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (ran.returncode, ran.stdout) == (0, "Done.\n")
    script = write_script(tmp_path, [{"text": "Back."}], name="back")
    again = await run_program(repository, *scripted(script), "--continue", "go on")
    assert (again.code, again.out) == (0, "Back.\n")
