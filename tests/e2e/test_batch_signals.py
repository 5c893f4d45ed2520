"""Interrupting a batch run."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import read_until, run_program, scripted, start_program, write_script
from tests.support.sessions import bash
from tests.support.waiting import until
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import ItemDelta

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
STREAM = ("--output", "stream-json", "--allow-shell")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_a_signal_while_streaming_closes_the_turn(repository: Path, tmp_path: Path, name: str) -> None:
    script = write_script(tmp_path, [{"text": "I was about to", "hold": True}])
    async with start_program(repository, *scripted(script), *STREAM, "go") as process:
        await read_until(process, "item.delta")
        process.send_signal(signal.Signals[name])
        out, err = await process.communicate()
    assert process.returncode == 130
    assert b'"stop_reason":"cancelled"' in out
    assert b"Traceback" not in err
    script = write_script(tmp_path, [{"text": "Back."}])
    assert (await run_program(repository, *scripted(script), "--resume", "last", "go on")).code == 0


async def test_a_signal_while_a_command_runs_ends_the_command_too(repository: Path, tmp_path: Path) -> None:
    mark = f"trashclaw-test-signal-{os.getpid()}"
    script = write_script(tmp_path, [{"calls": [bash(f"echo up; exec -a {mark} sleep 60")]}])
    async with start_program(repository, *scripted(script), *STREAM, "go") as process:
        event = Envelope.model_validate_json(await read_until(process, "item.delta")).event
        assert isinstance(event, ItemDelta)
        await until(lambda: mark in running())
        process.send_signal(signal.SIGINT)
        out, _ = await process.communicate()
    assert process.returncode == 130
    assert b'"status":"cancelled"' in out
    assert mark not in running()


def running() -> str:
    """Return the command lines of all processes; a sandbox has numbers of its own for them."""
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
