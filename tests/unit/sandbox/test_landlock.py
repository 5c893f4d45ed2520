"""Commands in sandlock's hands: what they write is held back, what they must not do fails, nothing of them stays."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.loopback_hosts import listening
from tests.support.waiting import until
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.landlock import SandlockSandbox, all_but, probe
from trashclaw.sandbox.ports import Backend, CommandLimits, Confinement, EntryKind, LimitHit, SandboxRun

REASON = probe()
works = pytest.mark.skipif(REASON is not None, reason=f"sandlock does not work here: {REASON}")


@pytest.fixture
async def sandbox(workspace_folder: Path, tmp_path: Path, home: Path) -> AsyncIterator[SandlockSandbox]:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id").write_text("private key", encoding="utf-8")
    (workspace_folder / "a.txt").write_text("old\n", encoding="utf-8")
    (workspace_folder / ".env").write_text("PASSWORD=1", encoding="utf-8")
    (tmp_path / "state" / "sessions").mkdir(parents=True)
    (tmp_path / "state" / "sessions" / "log").write_text("our log", encoding="utf-8")
    sandbox = SandlockSandbox(workspace_folder, tmp_path / "state", hidden=[home / ".ssh"])
    yield sandbox
    await sandbox.aclose()


async def run(sandbox: SandlockSandbox, command: str, confinement: Confinement | None = None) -> SandboxRun:
    return await (await sandbox.start(command, confinement or Confinement())).wait()


@works
async def test_what_a_command_writes_is_held_back_and_can_be_read(
    sandbox: SandlockSandbox, workspace_folder: Path, tmp_path: Path
) -> None:
    heard: list[str] = []
    running = await sandbox.start(
        "echo new > a.txt; echo more > b; chmod 755 b; ln -s b link; mkdir d; rm a.txt; echo out; echo err >&2; exit 3",
        Confinement(),
        heard.append,
    )
    result = await running.wait()
    assert (result.result.exit_code, result.result.stdout, result.result.stderr) == (3, "out\n", "err\n")
    assert "out\n" in heard
    assert sorted(entry.name for entry in workspace_folder.iterdir()) == [".env", "a.txt"]
    (branch,) = result.branches
    changes = {change.path: change for change in branch.changes()}
    assert set(changes) == {"a.txt", "b", "d", "link"}
    assert changes["a.txt"].after is None and changes["b"].before is None
    after = changes["b"].after
    assert after is not None and (after.kind, after.mode, after.size) == (EntryKind.FILE, 0o755, 5)
    assert branch.read("b") == b"more\n" and branch.read("link") == b"b"
    branch.discard()
    branch.discard()
    await sandbox.aclose()
    assert list((tmp_path / "state" / "sandbox").iterdir()) == []
    assert sandbox.backend is Backend.SANDLOCK and sandbox.is_isolating


@works
async def test_a_file_written_as_it_was_is_no_change(sandbox: SandlockSandbox) -> None:
    result = await run(sandbox, "printf 'old\\n' > a.txt; cat a.txt")
    assert result.result.stdout == "old\n"
    assert result.branches[0].changes() == ()


@works
@pytest.mark.parametrize(
    "command",
    [
        "cat ~/.ssh/id",
        "ls ~/.ssh",
        "ln -s ~/.ssh/id k && cat k",
        "cat .env",
        "cat {state}/sessions/log",
        "touch {outside}/made",
        "echo x > {outside}/there",
        "ln {outside}/there hard && echo x > hard",
        "touch /tmp/trashclaw-escaped",
        "kill -0 {pid}",
        "cat /proc/{pid}/environ",
        "{python} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}))'",
        "{python} -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{outside}/socket\")'",
    ],
)
async def test_what_leads_out_fails(sandbox: SandlockSandbox, tmp_path: Path, command: str) -> None:
    import socket

    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "there").write_text("kept", encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as listener, socket.create_server(("127.0.0.1", 0)) as server:
        listener.bind(str(outside / "socket"))
        listener.listen()
        filled = command.format(
            state=tmp_path / "state",
            outside=outside,
            pid=os.getpid(),
            python=sys.executable,
            port=server.getsockname()[1],
        )
        result = await run(sandbox, filled)
    assert result.result.exit_code != 0, result.result.output
    assert "private key" not in result.result.output and "PASSWORD" not in result.result.output
    assert (outside / "there").read_text() == "kept"
    assert sorted(entry.name for entry in outside.iterdir()) == ["socket", "there"]
    for branch in result.branches:
        branch.discard()


@works
async def test_what_was_granted_works(sandbox: SandlockSandbox, tmp_path: Path, workspace_folder: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    granted = Confinement(writable=(outside,), readable=(workspace_folder / ".env",), env={"MARK": "seen"})
    result = await run(
        sandbox, f"echo $MARK; cat .env; echo x > {outside}/made; echo y > $TMPDIR/y && cat $TMPDIR/y", granted
    )
    assert result.result.stdout == "seen\nPASSWORD=1y\n", result.result.output
    assert (outside / "made").read_text() == "x\n"


@works
async def test_only_the_gate_is_reached(workspace_folder: Path, tmp_path: Path) -> None:
    async def to_this_machine(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    gate = HostGate(resolve=to_this_machine)
    sandbox = SandlockSandbox(workspace_folder, tmp_path / "state", gate=gate)
    fetch = f"{sys.executable} -c \"import urllib.request as u; print(u.urlopen('http://{{}}/').read())\""
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as host:
        granted = await gate.admit([f"api.example.com:{host.port}", f"127.0.0.1:{host.port}"])
        port = await sandbox.gate_port()
        assert port is not None
        granted_env = Confinement(env={**granted.environment(port), "NO_PROXY": "", "no_proxy": ""})
        reached = await run(sandbox, fetch.format(f"api.example.com:{host.port}"), granted_env)
        refused = await run(sandbox, fetch.format("other.example.com"), granted_env)
        direct = await run(
            sandbox, f"{sys.executable} -c 'import socket; socket.create_connection((\"127.0.0.1\", {host.port}))'"
        )
    await sandbox.aclose()
    await gate.aclose()
    assert "b'hi'" in reached.result.stdout, reached.result.output
    assert refused.result.exit_code != 0 and granted.denied == ("other.example.com",)
    assert direct.result.exit_code != 0


@works
@pytest.mark.parametrize(
    ("command", "limits", "limit"),
    [
        ("sleep 60", CommandLimits(time_s=0.3), LimitHit.TIME),
        ("trap '' TERM INT; while :; do :; done", CommandLimits(time_s=0.3), LimitHit.TIME),
        (
            "while :; do n=$((n+1)); head -c 400000 /dev/zero > f$n; done",
            CommandLimits(disk_bytes=5_000_000),
            LimitHit.DISK,
        ),
    ],
)
async def test_limits_end_a_command(
    sandbox: SandlockSandbox, command: str, limits: CommandLimits, limit: LimitHit
) -> None:
    result = await run(sandbox, command, Confinement(limits))
    assert result.limit is limit
    assert result.result.is_timed_out == (limit is LimitHit.TIME)


@works
async def test_a_large_file_and_many_processes_are_stopped(sandbox: SandlockSandbox) -> None:
    result = await run(sandbox, "head -c 9000000 /dev/zero > big", Confinement(CommandLimits(disk_bytes=1_000_000)))
    assert result.result.exit_code != 0
    after = result.branches[0].changes()[0].after
    assert after is not None and after.size <= 1_000_000
    many = "for i in 1 2 3 4 5 6 7 8 9; do sleep 30 & done; echo never"
    result = await run(sandbox, many, Confinement(CommandLimits(processes=4, time_s=4)))
    assert "never" not in result.result.stdout or "fork" in result.result.stderr


@works
async def test_nothing_outlives_a_command(sandbox: SandlockSandbox) -> None:
    mark = f"6{os.getpid()}.25"
    result = await run(sandbox, f"setsid sleep {mark} & (setsid sleep {mark} >/dev/null 2>&1 &); sleep 0.1; echo done")
    assert result.result.stdout == "done\n"
    started = asyncio.Event()
    running = await sandbox.start(
        f"setsid sleep {mark} & echo up; sleep {mark}", Confinement(), lambda _: started.set()
    )
    await started.wait()
    stopped = await running.stop()
    assert stopped.result.output == "up\n" and stopped.result.exit_code != 0
    waiting = asyncio.create_task((await sandbox.start(f"setsid sleep {mark} & sleep {mark}", Confinement())).wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await sandbox.start(f"setsid sleep {mark} & sleep {mark}", Confinement())
    await sandbox.aclose()
    left = subprocess.run(["pgrep", "-f", f"sleep {mark}"], capture_output=True, text=True)
    assert left.stdout == ""


@works
async def test_what_cannot_start_is_told(tmp_path: Path) -> None:
    sandbox = SandlockSandbox(tmp_path / "gone", tmp_path / "state")
    with pytest.raises(WorkspaceError):
        await sandbox.start("true", Confinement())
    await sandbox.aclose()


def test_everything_in_a_folder_but_one_path_is_hidden(tmp_path: Path) -> None:
    for path in ("a/b/c", "a/b/d", "a/e", "f"):
        (tmp_path / path).mkdir(parents=True)
    assert list(all_but(tmp_path, tmp_path / "a" / "b" / "c")) == [
        str(tmp_path / path) for path in ("f", "a/e", "a/b/d")
    ]
    assert list(all_but(tmp_path / "f", tmp_path / "a")) == [str(tmp_path / "f")]


async def test_a_start_that_is_cancelled_leaves_no_command(sandbox: SandlockSandbox) -> None:
    mark = f"trashclaw-test-cancelled-{os.getpid()}"
    starting = asyncio.create_task(sandbox.start(f"exec -a {mark} sleep 600", Confinement()))
    await until(lambda: any(task.get_name() == "sandlock launch" for task in asyncio.all_tasks()))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert mark not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
