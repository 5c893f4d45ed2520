"""Commands run in their own group, within bounds, and leave nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.waiting import until
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.capture import Capture, LiveText
from trashclaw.workspace.process import CommandResult, run_command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell lines")


async def run(command: str | list[str], cwd: Path, timeout_s: float = 30, **options: Any) -> CommandResult:
    return await run_command(command, cwd=cwd, timeout_s=timeout_s, **options)


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie (a container's first process may not reap)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            return not Path("/proc/self").exists()
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


async def until_gone(pid: int) -> None:
    await until(lambda: not is_running(pid))


async def started_pid(file: Path) -> int:
    await until(lambda: file.exists() and file.read_text().endswith("\n"))
    return int(file.read_text())


async def test_streams_and_exit_code_come_back(tmp_path: Path) -> None:
    result = await run("echo out; echo err >&2; exit 3", tmp_path)
    assert (result.stdout, result.stderr, result.exit_code) == ("out\n", "err\n", 3)
    assert sorted(result.output.splitlines()) == ["err", "out"]
    assert not result.is_timed_out
    assert not result.has_left_processes


async def test_a_program_gets_its_arguments_as_they_are(tmp_path: Path) -> None:
    result = await run(["printf", "%s|", "a b", "$HOME", "*"], tmp_path)
    assert result.stdout == "a b|$HOME|*|"


async def test_the_command_runs_in_its_folder_without_input_terminal_or_pager(tmp_path: Path) -> None:
    result = await run('pwd; cat; echo "$TERM $PAGER"; tty', tmp_path)
    assert result.stdout == f"{os.path.realpath(tmp_path)}\ndumb cat\nnot a tty\n"


async def test_a_startup_script_in_the_environment_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "evil").write_text("echo evil\n")
    monkeypatch.setenv("BASH_ENV", str(tmp_path / "evil"))
    assert (await run("echo good", tmp_path, env={"X": "1"})).stdout == "good\n"


async def test_output_is_shown_while_the_command_runs(tmp_path: Path) -> None:
    seen: list[str] = []

    def on_output(text: str) -> None:
        seen.append(text)
        (tmp_path / "seen").touch()

    result = await run(
        "echo first; while [ ! -e seen ]; do sleep 0.01; done; echo second", tmp_path, on_output=on_output
    )
    assert "".join(seen) == result.stdout == "first\nsecond\n"
    assert len(seen) > 1


async def test_much_output_is_bounded_and_keeps_head_and_tail(tmp_path: Path) -> None:
    shown: list[str] = []
    command = "echo begin; head -c 200000000 /dev/zero | tr '\\0' x; echo; echo end"
    result = await run(command, tmp_path, output_limit_bytes=10_000, on_output=shown.append)
    assert result.stdout_bytes == 200_000_000 + len("begin\n\nend\n")
    assert result.is_truncated
    assert len(result.stdout) < 10_200
    assert result.stdout.startswith("begin\nxxx")
    assert result.stdout.endswith("xxx\nend\n")
    assert "bytes of output not kept" in result.stdout
    assert len("".join(shown)) < 10_100


async def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    result = await run("echo early; sleep 60", tmp_path, timeout_s=0.2)
    assert result.is_timed_out
    assert result.exit_code is None
    assert result.stdout == "early\n"


@pytest.mark.parametrize(
    "command",
    [
        "echo $$ > pid; sleep 60",
        "trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done",
        "(trap '' TERM; sh -c 'echo $$ > pid; sleep 60') & wait",
        "sh -c 'echo $$ > pid; exec sleep 60' | cat",
    ],
    ids=["plain", "ignores SIGTERM", "a child ignores SIGTERM", "in a pipe"],
)
async def test_a_cancelled_command_dies_with_its_whole_group(tmp_path: Path, command: str) -> None:
    task = asyncio.create_task(run(command, tmp_path))
    pid = await started_pid(tmp_path / "pid")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until_gone(pid)


@pytest.mark.parametrize("ticks", range(6))
async def test_a_command_that_is_cancelled_while_it_starts_leaves_nothing(tmp_path: Path, ticks: int) -> None:
    task = asyncio.create_task(run("sleep 60 & echo $! > pid; wait; touch ran", tmp_path))
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    if (tmp_path / "pid").exists() and (said := (tmp_path / "pid").read_text().strip()):
        await until_gone(int(said))
    assert not (tmp_path / "ran").exists()


async def test_a_second_cancellation_does_not_stop_the_end_of_a_command(tmp_path: Path) -> None:
    task = asyncio.create_task(run("trap '' TERM; echo $$ > pid; while :; do sleep 0.1; done", tmp_path))
    pid = await started_pid(tmp_path / "pid")
    task.cancel()
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_cancelled_command_leaves_no_zombie(tmp_path: Path) -> None:
    task = asyncio.create_task(run("echo $$ > pid; sleep 60", tmp_path))
    pid = await started_pid(tmp_path / "pid")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_background_process_does_not_hold_the_result_and_is_stopped(tmp_path: Path) -> None:
    started = time.monotonic()
    result = await run("sleep 60 & echo $! > pid; echo done", tmp_path)
    assert result.stdout == "done\n"
    assert result.exit_code == 0
    assert result.has_left_processes
    assert time.monotonic() - started < 30
    await until_gone(int((tmp_path / "pid").read_text()))


async def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    assert (await run("kill -9 $$", tmp_path)).exit_code == -9


async def test_bytes_that_are_no_text_come_as_replacements(tmp_path: Path) -> None:
    assert (await run(r"printf 'a\377b'", tmp_path)).stdout == "a\ufffdb"


@pytest.mark.parametrize(
    ("command", "reason"),
    [(["no-such-program-here"], "no such file"), ("echo \0", "NUL"), ("echo \ud800", "surrogate")],
)
async def test_a_command_that_cannot_start_is_a_clear_error(
    tmp_path: Path, command: str | list[str], reason: str
) -> None:
    with pytest.raises(WorkspaceError, match=f"(?i)could not be started: .*{reason}"):
        await run(command, tmp_path)


async def test_a_folder_that_is_gone_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="could not be started"):
        await run("true", tmp_path / "gone")


@given(st.lists(st.binary(max_size=30), max_size=30), st.integers(2, 64))
def test_a_capture_keeps_head_and_tail_of_any_stream(pieces: list[bytes], limit: int) -> None:
    capture = Capture(limit)
    for piece in pieces:
        capture.feed(piece)
    whole = b"".join(pieces)
    assert capture.total_bytes == len(whole)
    assert capture.is_truncated == (len(whole) > limit)
    if not capture.is_truncated:
        assert capture.text() == whole.decode("utf-8", "replace")
    else:
        assert f"[{len(whole) - limit:,} bytes of output not kept]" in capture.text()


@given(st.text(max_size=60), st.integers(1, 5))
def test_live_text_never_splits_a_character(text: str, size: int) -> None:
    seen: list[str] = []
    live = LiveText(seen.append, 10_000)
    data = text.encode()
    for at in range(0, len(data), size):
        live.feed(data[at : at + size])
    assert "".join(seen) == text
