"""What a batch run says and leaves when it cannot begin or is ended early."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.loopback import LoopbackServer, Received, Wire
from tests.support.program import run_program, scripted, start_program, write_script
from tests.support.waiting import until
from trashclaw.cli import main


@pytest.mark.parametrize("provider", ["openai", "ollama"])
async def test_the_words_of_a_server_do_not_steer_the_terminal(repository: Path, provider: str) -> None:
    async def refuse(received: Received, wire: Wire) -> None:
        await wire.reply(500, {"error": {"message": "\x1b]0;owned\x07\x1b[2Jevil"}})

    async with LoopbackServer(refuse) as server:
        options = ("--provider", provider, "--base-url", server.url, "--model", "m\x1b[31m", "--http-max-retries", "0")
        ran = await run_program(repository, "--batch", *options, "hi")
    assert ran.code != 0
    assert ran.err.strip()
    assert "\x1b" not in ran.err
    assert "\x07" not in ran.err


def test_config_shows_values_without_obeying_them(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(repository), "--model", "m\x1b[31m\nforged: yes", "config", "show"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "forged: yes" not in out.splitlines()


async def test_json_tells_also_what_kept_a_run_from_beginning(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "Hi."}])
    ran = await run_program(repository, *scripted(script), "--output", "json", "--resume", "nothing", "hi")
    told = ran.json()
    assert (told["session"], told["exit_code"], told["stop_reason"]) == (None, ran.code, "error")
    assert told["error"]["text"] in ran.err


@pytest.mark.skipif(os.name != "posix", reason="modes of POSIX")
async def test_the_events_are_for_their_owner_only(repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "Hi."}])
    file = tmp_path / "events.jsonl"
    assert (await run_program(repository, *scripted(script), "--events", str(file), "hi")).code == 0
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
async def test_a_demo_that_is_ended_early_leaves_nothing(repository: Path, tmp_path: Path, name: str) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    environment = {"TMPDIR": str(temporary)}
    async with start_program(repository, "--batch", "--demo", environment=environment) as process:
        await until(lambda: bool(list(temporary.glob("trashclaw-demo-*"))))
        process.send_signal(signal.Signals[name])
        async with asyncio.timeout(20):
            await process.communicate()
    assert process.returncode == 130
    assert not list(temporary.glob("trashclaw-demo-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="process ids of POSIX")
async def test_the_demo_of_a_dead_process_is_removed_by_the_next_one(repository: Path, tmp_path: Path) -> None:
    async with start_program(repository, "--version") as process:
        await process.communicate()
    dead = tmp_path / f"trashclaw-demo-{process.pid}-x"
    alive, other = tmp_path / f"trashclaw-demo-{os.getpid()}-x", tmp_path / "trashclaw-demo-mine"
    for folder in (dead, alive, other):
        folder.mkdir()
    ran = await run_program(repository, "--batch", "--demo", "--output", "json", environment={"TMPDIR": str(tmp_path)})
    assert json.loads(ran.out)["exit_code"] == 0
    assert [folder.exists() for folder in (dead, alive, other)] == [False, True, True]


def test_a_doctor_who_misses_only_git_fails_with_one(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script = write_script(tmp_path, [{"text": "Hi."}])
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["-C", str(repository), "doctor", "--provider", "scripted", "--model", script]) == 1
    assert "Install git" in capsys.readouterr().out
