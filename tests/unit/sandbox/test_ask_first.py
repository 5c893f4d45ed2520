"""Commands without a sandbox: they run as they stand, within their time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.ask_first import AskFirstSandbox
from trashclaw.sandbox.ports import Backend, CommandLimits, Confinement, LimitHit


async def test_a_command_runs_in_the_workspace_itself(workspace_folder: Path) -> None:
    sandbox = AskFirstSandbox(workspace_folder)
    heard: list[str] = []
    running = await sandbox.start("echo $MARK; touch made; exit 3", Confinement(env={"MARK": "seen"}), heard.append)
    run = await running.wait()
    assert (run.result.exit_code, run.result.stdout) == (3, "seen\n")
    assert heard == ["seen\n"]
    assert (workspace_folder / "made").exists() and run.branches == ()
    assert sandbox.backend is Backend.ASK_FIRST and not sandbox.is_isolating
    assert await sandbox.gate_port() is None


async def test_the_limit_on_time_is_told(workspace_folder: Path) -> None:
    sandbox = AskFirstSandbox(workspace_folder)
    running = await sandbox.start("sleep 60", Confinement(CommandLimits(time_s=0.2)))
    run = await running.wait()
    assert run.limit is LimitHit.TIME and run.result.is_timed_out and run.result.exit_code is None


async def test_a_command_that_is_stopped_leaves_what_it_wrote(workspace_folder: Path) -> None:
    sandbox = AskFirstSandbox(workspace_folder)
    written = asyncio.Event()
    running = await sandbox.start("echo first; sleep 60", Confinement(), lambda _: written.set())
    waiting = asyncio.create_task(running.wait())
    await written.wait()
    run = await running.stop()
    assert run.result.output == "first\n" and run.result.exit_code == -15
    assert (await waiting).result.output == "first\n"


async def test_stopping_a_command_that_has_ended_gives_its_result(workspace_folder: Path) -> None:
    running = await AskFirstSandbox(workspace_folder).start("echo done", Confinement())
    ended = await running.wait()
    assert await running.stop() == ended


async def test_cancelling_the_wait_and_closing_end_the_command(workspace_folder: Path) -> None:
    sandbox = AskFirstSandbox(workspace_folder)
    started = asyncio.Event()
    running = await sandbox.start("echo up; sleep 60; touch late", Confinement(), lambda _: started.set())
    waiting = asyncio.create_task(running.wait())
    await started.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await sandbox.start("sleep 60; touch late", Confinement())
    await sandbox.aclose()
    assert not (workspace_folder / "late").exists()


async def test_what_cannot_start_is_told(workspace_folder: Path) -> None:
    running = await AskFirstSandbox(workspace_folder / "gone").start("true", Confinement())
    with pytest.raises(WorkspaceError, match="could not be started"):
        await running.wait()
