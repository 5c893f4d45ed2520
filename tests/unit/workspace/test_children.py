"""Children of the event loop: only the loop reaps them, whenever they are ended."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.waiting import until
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.children import end_child, start_child
from trashclaw.workspace.process import run_command
from trashclaw.workspace.store_git import StoreGit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

NO_STREAMS = {"stdin": asyncio.subprocess.DEVNULL, "stdout": asyncio.subprocess.DEVNULL}


@pytest.fixture
def reaper(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the loop's own wait for a child come late, as on a busy machine: not before the event."""
    may_reap = threading.Event()
    real = os.waitpid

    def late(pid: int, options: int) -> tuple[int, int]:
        if pid > 0 and not options:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
            may_reap.wait(30)
        return real(pid, options)

    monkeypatch.setattr(os, "waitpid", late)
    yield may_reap
    may_reap.set()


def has_ended(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def open_files() -> set[str]:
    return {path.name for path in Path("/proc/self/fd").iterdir()}


async def test_one_that_has_just_ended_keeps_its_exit_code(
    reaper: threading.Event, caplog: pytest.LogCaptureFixture
) -> None:
    child = await start_child("sh", "-c", "exit 3", **NO_STREAMS)
    await until(lambda: has_ended(child.pid))
    ending = asyncio.create_task(end_child(child))
    await asyncio.sleep(0)
    reaper.set()
    await ending
    assert child.returncode == 3
    assert caplog.text == ""


async def test_git_that_is_cut_short_when_it_has_just_ended_is_reaped_by_the_loop(
    reaper: threading.Event, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    git = StoreGit(tmp_path, tmp_path / "store")
    mark = tmp_path / "pid"
    running = asyncio.create_task(
        git.run("mark", settings=(f"alias.mark=!echo $PPID > {mark}.new && mv {mark}.new {mark}",))
    )
    await until(lambda: mark.exists() and has_ended(int(mark.read_text())))
    running.cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    reaper.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert caplog.text == ""


async def test_one_that_is_at_work_is_killed(caplog: pytest.LogCaptureFixture) -> None:
    child = await start_child("sleep", "600", **NO_STREAMS)
    await end_child(child)
    assert child.returncode == -9
    await end_child(child)
    assert caplog.text == ""


@pytest.mark.parametrize("steps", range(8))
async def test_a_start_that_is_cancelled_leaves_no_child(steps: int, caplog: pytest.LogCaptureFixture) -> None:
    starting = asyncio.create_task(start_child("sleep", "600", **NO_STREAMS))
    for _ in range(steps):
        await asyncio.sleep(0)
    starting.cancel()
    await asyncio.wait([starting])
    if not starting.cancelled():
        await end_child(starting.result())
    children = Path("/proc/thread-self/children").read_text().split()
    assert [pid for pid in children if "sleep" in Path(f"/proc/{pid}/cmdline").read_text()] == []
    assert caplog.text == ""


@pytest.mark.parametrize("steps", range(8))
async def test_a_command_that_is_cancelled_at_once_leaves_no_pipe_open(steps: int, tmp_path: Path) -> None:
    await run_command("true", cwd=tmp_path, timeout_s=30)
    before = open_files()
    running = asyncio.create_task(run_command("sleep 600", cwd=tmp_path, timeout_s=600))
    for _ in range(steps):
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await until(lambda: open_files() == before)


async def test_what_cannot_be_started_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await start_child(str(tmp_path / "missing"), **NO_STREAMS)
    with pytest.raises(WorkspaceError):
        await run_command([str(tmp_path / "missing")], cwd=tmp_path, timeout_s=5)
