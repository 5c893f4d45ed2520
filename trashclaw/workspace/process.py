"""Runs commands: their own process group, live output, bounded memory, and nothing left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.command_output import OUTPUT_LIMIT_BYTES, CommandOutput, CommandResult
from trashclaw.workspace.waiting import wait_out

__all__ = ["CommandResult", "quiet_environment", "run_command", "shell_argv"]

OnOutput = Callable[[str], None]

TERMINATE_GRACE_S = 0.05
"""Between the request to end and the kill; an interrupt has 100 ms in all."""

DRAIN_GRACE_S = 0.2
"""How long output may still come after the command ended, when something in the background holds the pipe."""

REAP_LIMIT_S = 5.0

_QUIET = {"TERM": "dumb", "PAGER": "cat", "GIT_PAGER": "cat", "GIT_TERMINAL_PROMPT": "0", "NO_COLOR": "1"}
_DROPPED = ("BASH_ENV", "ENV")


async def run_command(
    command: str | Sequence[str],
    *,
    cwd: Path,
    timeout_s: float,
    on_output: OnOutput | None = None,
    output_limit_bytes: int = OUTPUT_LIMIT_BYTES,
    env: Mapping[str, str] | None = None,
) -> CommandResult:
    """Run a shell line (`str`) or a program (sequence) to its end, with nothing on its standard input.

    Of each stream the head and the tail are kept, `output_limit_bytes` together. A cancelled or timed-out command dies
    with its whole process group at once, also one that ignores SIGTERM.

    Raises:
        WorkspaceError: it could not be started.
    """
    run = _Run(output_limit_bytes, on_output)
    started = time.monotonic()
    transport = await _start(run, shell_argv(command) if isinstance(command, str) else command, cwd, env)
    is_timed_out = False
    try:
        async with asyncio.timeout(timeout_s):
            await run.exited.wait()
            await run.drain()
    except TimeoutError:
        is_timed_out = not run.exited.is_set()
    finally:
        await _end(run, transport)
    exit_code = None if is_timed_out else transport.get_returncode()
    return run.result(exit_code, is_timed_out, time.monotonic() - started)


def shell_argv(line: str) -> list[str]:
    """Return what runs a shell line here: bash, else sh, else the command interpreter of Windows."""
    if sys.platform == "win32":
        return [os.environ.get("COMSPEC", "cmd.exe"), "/d", "/s", "/c", line]
    shell = shutil.which("bash") or "/bin/sh"
    return [shell, "-c", line]


def quiet_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return our environment without what pages, colours, asks or runs scripts."""
    kept = {name: value for name, value in os.environ.items() if name not in _DROPPED}
    return {**kept, **_QUIET, **(extra or {})}


async def _start(
    run: _Run, argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None
) -> asyncio.SubprocessTransport:
    starting = asyncio.create_task(_spawn(run, argv, cwd, env))
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Half started it would live on: its group can only be ended once it is known.
        await wait_out(starting)
        if not starting.cancelled() and starting.exception() is None:
            await _end(run, starting.result())
        raise
    except (OSError, ValueError) as error:
        reason = _reason(error)
        raise WorkspaceError(f"The command could not be started: {reason}.") from error


async def _end(run: _Run, transport: asyncio.SubprocessTransport) -> None:
    """End what is left of a command and reap it, however often the wait for that is cancelled."""
    stopping = asyncio.create_task(run.stop())
    try:
        await asyncio.shield(stopping)
    except asyncio.CancelledError:
        await wait_out(stopping)
        raise
    finally:
        transport.close()


async def _spawn(
    run: _Run, argv: Sequence[str], cwd: Path, env: Mapping[str, str] | None
) -> asyncio.SubprocessTransport:
    transport, _ = await asyncio.get_running_loop().subprocess_exec(
        lambda: run,
        *argv,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=quiet_environment(env),
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )
    return transport


def _reason(error: OSError | ValueError) -> str | None:
    if isinstance(error, UnicodeEncodeError):
        return "it holds half of a surrogate pair, which is no character"
    return error.strerror if isinstance(error, OSError) else "it holds a NUL character"


class _Run(asyncio.SubprocessProtocol):
    """A running command; callbacks of the event loop fill it.

    The protocol, not `Process.wait()`: the latter may wait for the pipes too, which a background process can hold.
    """

    def __init__(self, limit_bytes: int, on_output: OnOutput | None) -> None:
        self.exited = asyncio.Event()
        self._closed = asyncio.Event()
        self._open_pipes = {1, 2}
        self._output = CommandOutput(limit_bytes, on_output)
        self._pid = 0
        self._has_left_processes = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.SubprocessTransport):
            self._pid = transport.get_pid()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self._output.feed(fd, data)

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        self._open_pipes.discard(fd)
        if not self._open_pipes:
            self._closed.set()

    def process_exited(self) -> None:
        self.exited.set()

    async def drain(self) -> None:
        """Wait for the rest of the output, but not for a background process that keeps the pipe open."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_GRACE_S):
                await self._closed.wait()

    async def stop(self) -> None:
        """End whatever is left of the group: ask, wait for the grace, kill; then wait until the leader is reaped."""
        self._has_left_processes = _signal_group(self._pid, signal.SIGTERM, has_leader=not self.exited.is_set())
        if not self._has_left_processes:
            return
        try:
            async with asyncio.timeout(TERMINATE_GRACE_S):
                await self.exited.wait()
                await self._closed.wait()
        except TimeoutError:
            pass
        finally:
            _signal_group(self._pid, _KILL, has_leader=not self.exited.is_set())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REAP_LIMIT_S):
                await self.exited.wait()

    def result(self, exit_code: int | None, is_timed_out: bool, duration_s: float) -> CommandResult:
        return self._output.result(
            exit_code,
            is_timed_out=is_timed_out,
            has_left_processes=self._has_left_processes and not is_timed_out,
            duration_s=duration_s,
        )


_KILL = signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL


def _signal_group(pid: int, number: signal.Signals, *, has_leader: bool) -> bool:
    """Signal every process of the group; tell whether there was one.

    Windows has no groups to signal: there the tree is ended while its root lives, by the system's own tool.
    """
    if sys.platform == "win32":
        if has_leader:
            subprocess.run(["taskkill", "/T", "/F", "/PID", str(pid)], capture_output=True, timeout=REAP_LIMIT_S)
        return has_leader
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return has_leader
    return True
