"""Commands below `bwrap`: what they write is held back, what they must not do fails, nothing of them stays.

The tests use the `bwrap` of the path, or the one that the variable BWRAP names.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.support.loopback_hosts import listening
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.bubblewrap import BubblewrapSandbox, probe
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.ports import Backend, CommandLimits, Confinement, LimitHit, SandboxRun

PROGRAM = os.environ.get("BWRAP") or shutil.which("bwrap") or "bwrap"
REASON = probe(PROGRAM)
works = pytest.mark.skipif(REASON is not None, reason=f"bubblewrap does not work here: {REASON}")


@pytest.fixture
async def sandbox(workspace_folder: Path, tmp_path: Path, home: Path) -> AsyncIterator[BubblewrapSandbox]:
    (home / ".ssh").mkdir()
    (home / ".ssh" / "id").write_text("private key", encoding="utf-8")
    (workspace_folder / "a.txt").write_text("old\n", encoding="utf-8")
    (workspace_folder / "gone").mkdir()
    (workspace_folder / "gone" / "f").write_text("f", encoding="utf-8")
    (workspace_folder / ".env").write_text("PASSWORD=1", encoding="utf-8")
    (tmp_path / "state" / "sessions").mkdir(parents=True)
    (tmp_path / "state" / "sessions" / "log").write_text("our log", encoding="utf-8")
    sandbox = BubblewrapSandbox(workspace_folder, tmp_path / "state", hidden=[home / ".ssh"], program=PROGRAM)
    yield sandbox
    await sandbox.aclose()


async def run(sandbox: BubblewrapSandbox, command: str, confinement: Confinement | None = None) -> SandboxRun:
    return await (await sandbox.start(command, confinement or Confinement())).wait()


@works
async def test_what_a_command_writes_is_held_back_and_can_be_read(
    sandbox: BubblewrapSandbox, workspace_folder: Path, tmp_path: Path
) -> None:
    heard: list[str] = []
    command = "mkdir d; mv a.txt d/; cd d; pwd; ln -s a.txt l; cd ..; rm -r gone; tar cf x.tar d; echo err >&2; exit 3"
    running = await sandbox.start(command, Confinement(), heard.append)
    result = await running.wait()
    assert result.result.exit_code == 3, result.result.output
    assert (result.result.stdout, result.result.stderr) == (f"{workspace_folder}/d\n", "err\n")
    assert f"{workspace_folder}/d\n" in heard
    assert sorted(entry.name for entry in workspace_folder.iterdir()) == [".env", "a.txt", "gone"]
    (branch,) = result.branches
    changes = {change.path: change for change in branch.changes()}
    assert set(changes) == {"a.txt", "d", "d/a.txt", "d/l", "gone", "gone/f", "x.tar"}
    assert changes["a.txt"].after is None and changes["gone/f"].after is None
    assert branch.read("d/a.txt") == b"old\n" and branch.read("d/l") == b"a.txt"
    branch.discard()
    branch.discard()
    await sandbox.aclose()
    assert list((tmp_path / "state" / "sandbox").iterdir()) == []
    assert sandbox.backend is Backend.BUBBLEWRAP and sandbox.is_isolating


@works
@pytest.mark.parametrize(
    "command",
    [
        "cat {home}/.ssh/id",
        "ls {home}/.ssh/id",
        "ln -s {home}/.ssh/id k && cat k",
        "cat .env",
        "chmod 600 .env",
        "cat {state}/sessions/log",
        "touch /etc/trashclaw-escaped",
        "kill -0 {pid}",
        "cat /proc/{pid}/environ",
        "{python} -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}))'",
        "{python} -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"{socket}\")'",
        "mount -t tmpfs none /mnt",
        "unshare -r true",
        "umount .env",
    ],
)
async def test_what_leads_out_fails(sandbox: BubblewrapSandbox, tmp_path: Path, home: Path, command: str) -> None:
    place = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as listener, socket.create_server(("127.0.0.1", 0)) as server:
        listener.bind(str(place))
        listener.listen()
        filled = command.format(
            home=home,
            state=tmp_path / "state",
            pid=os.getpid(),
            python=sys.executable,
            port=server.getsockname()[1],
            socket=place,
        )
        result = await run(sandbox, filled)
    assert result.result.exit_code != 0, result.result.output
    assert "private key" not in result.result.output and "PASSWORD" not in result.result.output
    for branch in result.branches:
        branch.discard()


@works
async def test_what_was_granted_works(sandbox: BubblewrapSandbox, tmp_path: Path, workspace_folder: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    granted = Confinement(writable=(outside,), readable=(workspace_folder / ".env",), env={"MARK": "seen"})
    result = await run(sandbox, f"echo $MARK; cat .env; echo x > {outside}/made; echo y > $TMPDIR/y", granted)
    assert (result.result.exit_code, result.result.stdout) == (0, "seen\nPASSWORD=1"), result.result.output
    assert (outside / "made").read_text() == "x\n"


@works
async def test_only_the_gate_is_reached(workspace_folder: Path, tmp_path: Path) -> None:
    async def to_this_machine(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    gate = HostGate(resolve=to_this_machine)
    sandbox = BubblewrapSandbox(workspace_folder, tmp_path / "state", gate=gate, program=PROGRAM)
    fetch = f"{sys.executable} -c \"import urllib.request as u; print(u.urlopen('http://{{}}/').read())\""
    async with listening(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi") as host:
        granted = await gate.admit([f"api.example.com:{host.port}", f"127.0.0.1:{host.port}"])
        port = await sandbox.gate_port()
        assert port is not None
        allowed = Confinement(env=granted.environment(port))
        first, second = await asyncio.gather(
            run(sandbox, fetch.format(f"api.example.com:{host.port}"), allowed),
            run(sandbox, fetch.format("other.example.com"), allowed),
        )
    await sandbox.aclose()
    await gate.aclose()
    assert "b'hi'" in first.result.stdout, first.result.output
    assert second.result.exit_code != 0 and granted.denied == ("other.example.com",)


@works
@pytest.mark.parametrize(
    ("command", "limits", "limit"),
    [
        ("trap '' TERM INT; while :; do :; done", CommandLimits(time_s=0.5), LimitHit.TIME),
        (
            "n=0; while :; do n=$((n+1)); head -c 400000 /dev/zero > f$n; done",
            CommandLimits(disk_bytes=5_000_000),
            LimitHit.DISK,
        ),
        ("head -c 900000000 /dev/zero | tail", CommandLimits(memory_bytes=50_000_000), LimitHit.MEMORY),
        ("for i in 1 2 3 4 5 6 7 8 9; do sleep 30 & done; wait", CommandLimits(processes=4), LimitHit.PROCESSES),
    ],
)
async def test_limits_end_a_command(
    sandbox: BubblewrapSandbox, command: str, limits: CommandLimits, limit: LimitHit
) -> None:
    result = await run(sandbox, command, Confinement(limits))
    assert result.limit is limit, result.result
    assert result.result.is_timed_out == (limit is LimitHit.TIME)


@works
async def test_nothing_outlives_a_command(sandbox: BubblewrapSandbox) -> None:
    mark = f"7{os.getpid()}.25"
    result = await run(sandbox, f"setsid sleep {mark} & (setsid sleep {mark} >/dev/null 2>&1 &); echo done")
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
async def test_what_cannot_start_is_told_and_leaves_nothing(tmp_path: Path, workspace_folder: Path) -> None:
    for sandbox in (
        BubblewrapSandbox(tmp_path / "gone", tmp_path / "state", program=PROGRAM),
        BubblewrapSandbox(workspace_folder, tmp_path / "state", program="/bin/false"),
        BubblewrapSandbox(workspace_folder, tmp_path / "state", program=str(tmp_path / "missing")),
    ):
        with pytest.raises(WorkspaceError, match=r"could not be (started|set up)"):
            await sandbox.start("true", Confinement())
        await sandbox.aclose()
    assert list((tmp_path / "state" / "sandbox").iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for bwrap")
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo bubblewrap 0.8.0", "bubblewrap 0.8.0 is too old"),
        (
            "[ $1 = --version ] && echo bubblewrap 0.11.1 || { echo 'bwrap: No permissions' >&2; exit 1; }",
            "No permissions",
        ),
        ("[ $1 = --version ] && echo bubblewrap 1.0", "can make no sandbox here"),
    ],
)
def test_the_probe_says_why_not(tmp_path: Path, script: str, told: str) -> None:
    program = tmp_path / "bwrap"
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    assert told in (probe(str(program)) or "")
    assert "cannot be run" in (probe(str(tmp_path / "missing")) or "")
