"""The small commands: sessions, config, doctor."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeOllama
from tests.support.program import run_program, scripted, write_script
from trashclaw.cli import main


async def test_doctor_finds_a_server_and_says_what_to_type(repository: Path) -> None:
    async with FakeOllama() as server:
        options = ("--provider", "ollama", "--base-url", server.url, "--model", "qwen3:8b")
        ran = await run_program(repository, "doctor", *options)
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
    assert "allow_shell: False  # default" in lines


def test_config_says_which_files_are_read(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(repository), "config", "path"]) == 0
    mine, projects = capsys.readouterr().out.splitlines()
    assert mine.endswith("config.yaml")
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


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_read_only_folder_fails_an_edit_and_no_more(repository: Path, tmp_path: Path) -> None:
    repository.chmod(0o555)
    try:
        step = {"calls": [{"name": "write_file", "arguments": {"path": "a.txt", "content": "a"}}]}
        script = write_script(tmp_path, [step, {"text": "No."}])
        assert main(["-C", str(repository), *scripted(script), "--allow-write", "go"]) == 0
    finally:
        repository.chmod(0o755)


def test_a_damaged_log_is_told_with_the_way_out(
    repository: Path, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "go"]
    assert main(arguments) == 0
    (log,) = home.rglob("log.sqlite3")
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
    import sqlite3

    arguments = ["-C", str(repository), *scripted(write_script(tmp_path, [{"text": "Hi."}])), "go"]
    assert main(arguments) == 0
    (log,) = home.rglob("log.sqlite3")
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
