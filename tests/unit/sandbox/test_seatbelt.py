"""The backend of macOS, as far as another system allows: its profile, its copy, its command line, its end.

A script stands in for `sandbox-exec`: it confines nothing, and shows what it was given.
"""

from __future__ import annotations

import asyncio
import platform
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.host_gate import HostGate
from trashclaw.sandbox.ports import Backend, CommandLimits, Confinement, LimitHit
from trashclaw.sandbox.seatbelt import SandboxExecSandbox, probe
from trashclaw.sandbox.seatbelt_profile import profile, quoted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands in for sandbox-exec")

STAND_IN = """#!/bin/sh
[ "$1" = -f ] || exit 99
cp "$2" "{seen}"
shift 2
exec "$@"
"""


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Where the stand-in leaves the profile that it got."""
    return tmp_path / "seen"


@pytest.fixture
async def sandbox(workspace_folder: Path, tmp_path: Path, seen: Path, home: Path) -> AsyncIterator[SandboxExecSandbox]:
    program = tmp_path / "sandbox-exec"
    program.write_text(STAND_IN.format(seen=seen), encoding="utf-8")
    program.chmod(0o755)
    (home / ".ssh").mkdir()
    (workspace_folder / "a.txt").write_text("old\n", encoding="utf-8")
    (workspace_folder / ".env").write_text("PASSWORD=1", encoding="utf-8")
    gate = HostGate()
    sandbox = SandboxExecSandbox(
        workspace_folder, tmp_path / "state", hidden=[home / ".ssh"], gate=gate, program=str(program)
    )
    yield sandbox
    await sandbox.aclose()
    await gate.aclose()


async def test_a_command_works_on_a_copy(
    sandbox: SandboxExecSandbox, workspace_folder: Path, tmp_path: Path, seen: Path, home: Path
) -> None:
    running = await sandbox.start("echo new > a.txt; touch b; pwd; echo $MARK; exit 3", Confinement(env={"MARK": "x"}))
    run = await running.wait()
    copy = run.result.stdout.split("\n")[0]
    assert (run.result.exit_code, run.result.stdout) == (3, f"{copy}\nx\n")
    assert (workspace_folder / "a.txt").read_text() == "old\n"
    (branch,) = run.branches
    assert [change.path for change in branch.changes()] == ["a.txt", "b"]
    assert branch.read("a.txt") == b"new\n" and branch.root == workspace_folder
    text = seen.read_text(encoding="utf-8")
    port = await sandbox.gate_port()
    assert f'(remote tcp "localhost:{port}")' in text
    order = [
        f'(deny file-read* (subpath "{tmp_path}/state"))',
        f'(deny file-read* (subpath "{home}/.ssh"))',
        f'(allow file-read* file-write* file-link (subpath "{copy}"))',
        f'(deny file-read* file-write* file-link (subpath "{workspace_folder}/.env"))',
        f'(deny file-read* file-write* file-link (subpath "{copy}/.env"))',
    ]
    assert sorted(order, key=text.index) == order, "later rules win"
    branch.discard()
    branch.discard()
    await sandbox.aclose()
    assert list((tmp_path / "state" / "sandbox").iterdir()) == []


async def test_what_was_granted_is_in_the_profile(
    sandbox: SandboxExecSandbox, workspace_folder: Path, tmp_path: Path, seen: Path
) -> None:
    granted = Confinement(readable=(workspace_folder / ".env",), writable=(tmp_path,))
    (await (await sandbox.start("true", granted)).wait()).branches[0].discard()
    text = seen.read_text(encoding="utf-8")
    assert f'(allow file-read* (subpath "{workspace_folder}/.env"))' in text
    assert f'(deny file-read* file-write* file-link (subpath "{workspace_folder}/.env"))' not in text
    assert f'(allow file-read* file-write* file-link (subpath "{tmp_path}"))' in text


async def test_limits_and_a_stop_end_the_whole_group(sandbox: SandboxExecSandbox) -> None:
    timed_out = await (await sandbox.start("sleep 60 & sleep 60", Confinement(CommandLimits(time_s=0.3)))).wait()
    assert timed_out.limit is LimitHit.TIME and timed_out.result.exit_code is None
    filler = "n=0; while :; do n=$((n+1)); head -c 400000 /dev/zero > f$n; done"
    filled = await (await sandbox.start(filler, Confinement(CommandLimits(disk_bytes=5_000_000)))).wait()
    assert filled.limit is LimitHit.DISK
    started = asyncio.Event()
    running = await sandbox.start("echo up; sleep 60.125 & sleep 60.125", Confinement(), lambda _: started.set())
    await started.wait()
    assert (await running.stop()).result.output == "up\n"
    assert subprocess.run(["pgrep", "-f", "^sleep 60.125"], capture_output=True).stdout == b""


async def test_what_cannot_start_is_told_and_leaves_nothing(tmp_path: Path, workspace_folder: Path) -> None:
    sandbox = SandboxExecSandbox(workspace_folder, tmp_path / "state", program=str(tmp_path / "missing"))
    with pytest.raises(WorkspaceError, match="could not be started"):
        await sandbox.start("true", Confinement())
    await sandbox.aclose()
    assert list((tmp_path / "state" / "sandbox").iterdir()) == []
    assert sandbox.backend is Backend.SANDBOX_EXEC and sandbox.is_isolating


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ('/a "b"', '"/a \\"b\\""'),
        ("/a\\", '"/a\\\\"'),
        ('/a\\")) (allow default) ((', '"/a\\\\\\")) (allow default) (("'),
        ("/ä ; (x)", '"/ä ; (x)"'),
    ],
)
def test_a_hostile_path_stays_a_string(path: str, text: str) -> None:
    assert quoted(path) == text
    made = profile(hidden=[Path(path)], writable=[], secrets=[], readable=[], gate_port=None)
    assert f"(deny file-read* (subpath {text}))" in made.split("\n")


@pytest.mark.parametrize("path", ["/a\nb", "/a\x00b", "/a\x7f", "/a\udcffb"])
def test_a_path_that_cannot_be_written_stops_the_command(path: str) -> None:
    with pytest.raises(WorkspaceError, match="cannot be written"):
        quoted(path)


def test_without_a_gate_nothing_of_the_network_is_allowed() -> None:
    made = profile(hidden=[], writable=[], secrets=[], readable=[], gate_port=None)
    assert "(deny network*)" in made and "network-outbound" not in made


@pytest.mark.skipif(platform.system() == "Darwin", reason="there it may work")
def test_elsewhere_the_probe_says_that_it_is_not_there() -> None:
    assert probe() == "sandbox-exec is a part of macOS"
