"""Child processes of the event loop, started and ended so that nobody but the loop reaps them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import Any

from trashclaw.workspace.waiting import wait_out


async def start_child(program: str, *argv: str, **options: Any) -> asyncio.subprocess.Process:
    """Start a program as `asyncio.create_subprocess_exec` does; cancelled midway, it leaves no process.

    Raises:
        OSError: it could not be started.
        ValueError: it holds a NUL character.
    """
    starting = asyncio.create_task(asyncio.create_subprocess_exec(program, *argv, **options), name="start a child")
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await wait_out(starting)
        if not starting.cancelled() and starting.exception() is None:
            await wait_out(asyncio.create_task(end_child(starting.result())))
        raise


async def end_child(process: asyncio.subprocess.Process) -> None:
    """Kill a child if it still runs, and wait until it is reaped."""
    kill_child(process)
    await process.wait()


def kill_child(process: asyncio.subprocess.Process) -> None:
    """Kill a child if it still runs.

    `Process.kill` looks first whether the child has ended, and then reaps it in the place of the loop, which knows no
    exit code after that and warns of an unknown child.
    """
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.kill(process.pid, signal.SIGKILL)
