"""The overlay backend: what a command must not see, reach, use up or leave behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.confined import Confined, confined, folder_outside, picture
from tests.support.waiting import until
from trashclaw.sandbox.overlay.hidden import SecretFiles, default_hidden
from trashclaw.sandbox.overlay.probe import probe
from trashclaw.sandbox.ports import CommandLimits, Confinement, LimitHit

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")

MARK = f"trashclaw-test-stays-{os.getpid()}"
STAYS = f"python3 -c 'import time; time.sleep(600)' {MARK}-$$"


def running(mark: str) -> list[int]:
    """Return processes with a mark in their arguments, whoever started them."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if mark.encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


@pytest.fixture
async def outside() -> AsyncIterator[Path]:
    """A folder that commands can see."""
    with folder_outside() as folder:
        if reason := await probe(folder / "probe"):
            pytest.skip(reason)
        yield folder


@pytest.fixture
async def box(repository: Path, outside: Path) -> AsyncIterator[Confined]:
    """A sandbox whose home holds a key; the repository holds `.env` files."""
    (outside / ".ssh").mkdir()
    (outside / ".ssh" / "id").write_text("top secret")
    (outside / ".netrc").write_text("top secret")
    (repository / "deep").mkdir()
    for name in (".env", ".env.local", "deep/.env.production"):
        (repository / name).write_text("top secret")
    (repository / ".env.example").write_text("harmless")
    before = picture(repository)
    hidden = default_hidden(outside)
    async with confined(repository, outside / "state", hidden=hidden, home=outside) as one:
        yield one
    assert picture(repository) == before


@pytest.mark.parametrize("path", ["{home}/.ssh/id", "{home}/.netrc", ".env", ".env.local", "deep/.env.production"])
async def test_secrets_are_not_readable(box: Confined, outside: Path, path: str) -> None:
    output = await box.run(f"cat {path.format(home=outside)}")
    assert "Permission denied" in output
    assert "top secret" not in output


async def test_a_folder_of_secrets_is_not_listable(box: Confined, outside: Path) -> None:
    assert "Permission denied" in await box.run(f"ls {outside}/.ssh")


async def test_our_own_state_is_hidden(box: Confined, outside: Path) -> None:
    (outside / "state").mkdir()
    (outside / "state" / "log").write_text("ours")
    assert "Permission denied" in await box.run(f"ls {outside}/state; cat {outside}/state/log")


async def test_templates_and_own_files_are_no_secrets(box: Confined) -> None:
    assert await box.run("cat .env.example; echo mine > src/.env; cat src/.env") == "harmlessmine\n"
    assert box.changes() == {"src/.env": "+"}


async def test_a_secret_that_came_later_is_hidden_too(box: Confined, repository: Path) -> None:
    await box.run("true")
    (repository / "src" / ".env").write_text("top secret")
    assert "Permission denied" in await box.run("cat src/.env")
    (repository / "src" / ".env").unlink()


async def test_single_hidden_paths_can_be_shown(box: Confined, outside: Path, repository: Path) -> None:
    shown = Confinement(readable=(outside / ".ssh" / "id", repository / ".env"))
    assert await box.run(f"cat {outside}/.ssh/id .env", shown) == "top secrettop secret"
    assert "Permission denied" in await box.run("cat deep/.env.production", shown)
    assert "Permission denied" in await box.run(f"ls {outside}/.ssh", shown)


def test_the_scan_for_secrets_sees_every_change(tmp_path: Path) -> None:
    scan = SecretFiles(tmp_path)
    assert scan.find() == []
    for place in ("a", "a/b", "node_modules", "node_modules/deep", ".git"):
        (tmp_path / place).mkdir()
        (tmp_path / place / ".env").write_text("x")
    found = [str(tmp_path / place / ".env") for place in ("a", "a/b", "node_modules")]
    assert scan.find() == found
    (tmp_path / "a" / "b" / ".env").rename(tmp_path / "a" / "b" / "env")
    (tmp_path / "a" / ".env.sample").touch()
    (tmp_path / "a" / ".environment").touch()
    (tmp_path / "a" / ".ENV.Local").touch()
    assert scan.find() == [str(tmp_path / "a" / ".ENV.Local"), found[0], found[2]]


async def test_secrets_of_the_environment_stay_out(box: Confined, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SHOP_TOKEN", "OPENAI_API_KEY", "DB_PASSWORD", "AWS_PROFILE", "SSH_AUTH_SOCK", "DOCKER_HOST"):
        monkeypatch.setenv(name, "top secret")
    output = await box.run("env", Confinement(env={"GIVEN": "given", "MY_TOKEN": "meant"}))
    assert "top secret" not in output
    assert "GIVEN=given" in output
    assert "MY_TOKEN=meant" in output


async def test_commands_share_a_loopback_and_reach_nothing_else(box: Confined) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        ask = f'python3 -c \'import socket; socket.create_connection(("127.0.0.1", {port}), 5); print("reached")\''
        assert "refused" in await box.run(ask)
        serve = f'import socket; s=socket.create_server(("127.0.0.1", {port})); print("up", flush=True); s.accept()'
        lines: list[str] = []
        listening = await box.sandbox.start(f"python3 -c '{serve}'", Confinement(), lines.append)
        await until(lambda: "up\n" in "".join(lines))
        assert await box.run(ask) == "reached\n"
        for branch in (await listening.wait()).branches:
            branch.discard()


@pytest.mark.parametrize("place", ["home", "workspace", "state"])
async def test_nobody_answers_at_unix_sockets(box: Confined, outside: Path, repository: Path, place: str) -> None:
    folder = {"home": outside, "workspace": repository, "state": outside / "state"}[place]
    folder.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(folder):
        server.bind("s")
        server.listen()
        try:
            output = await box.run(f"python3 -c 'import socket as s; s.socket(s.AF_UNIX).connect(\"{folder}/s\")'")
        finally:
            Path("s").unlink()
    assert "refused" in output or "Permission denied" in output


@pytest.mark.parametrize(
    ("command", "limits", "expected"),
    [
        ("sleep 600", CommandLimits(time_s=0.3), LimitHit.TIME),
        ("f() { f | f & }; f; sleep 600", CommandLimits(processes=50), LimitHit.PROCESSES),
        (
            "python3 -c 'b=b\"x\"*900_000_000; input()' < <(sleep 600)",
            CommandLimits(memory_bytes=200_000_000),
            LimitHit.MEMORY,
        ),
        ("cat /dev/zero > big", CommandLimits(disk_bytes=20_000_000), LimitHit.DISK),
        (
            "i=0; while head -c 5000000 /dev/zero > /tmp/$i; do i=$((i+1)); done",
            CommandLimits(disk_bytes=50_000_000),
            LimitHit.DISK,
        ),
    ],
    ids=["time", "processes", "memory", "one-file", "many-files"],
)
async def test_a_limit_ends_everything(box: Confined, command: str, limits: CommandLimits, expected: LimitHit) -> None:
    await box.run(command, Confinement(limits=limits))
    assert box.last is not None
    assert box.last.limit is expected
    assert (box.exit_code is None) == (expected is LimitHit.TIME)
    assert await box.run("echo still here") == "still here\n"


async def test_much_output_is_bounded(box: Confined) -> None:
    await box.run("head -c 300000000 /dev/zero | tr '\\0' x; echo the end")
    assert box.last is not None
    result = box.last.result
    assert (result.stdout_bytes, result.is_truncated) == (300_000_008, True)
    assert len(result.output) < 300_000
    assert result.output.endswith("the end\n")


@pytest.mark.parametrize("start", ["{} &", "setsid {} > /dev/null 2>&1 &", "(nohup {} > /dev/null 2>&1 &) &"])
async def test_what_outlives_the_command_is_ended(box: Confined, start: str) -> None:
    await box.run(start.format(STAYS) + " echo $$")
    assert box.last is not None
    assert box.last.result.has_left_processes
    assert running(MARK) == []


async def test_a_stopped_command_returns_what_there_is(box: Confined) -> None:
    lines: list[str] = []
    command = await box.sandbox.start(f"trap '' TERM INT; echo x > x; echo up; {STAYS}", Confinement(), lines.append)
    await until(lambda: "up\n" in "".join(lines))
    box.last = await command.stop()
    assert box.last.result.output == "up\n"
    assert box.changes() == {"x": "+"}
    assert running(MARK) == []


async def test_cancelling_the_wait_leaves_nothing(box: Confined) -> None:
    lines: list[str] = []
    command = await box.sandbox.start(f"trap '' TERM INT; echo up; {STAYS}", Confinement(), lines.append)
    await until(lambda: "up\n" in "".join(lines))
    waiting = asyncio.create_task(command.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert running(MARK) == []
    assert not list((box.state / "sandbox").glob("*/[0-9]*"))


async def test_closing_ends_what_still_runs(repository: Path, outside: Path) -> None:
    async with confined(repository, outside / "state") as one:
        command = await one.sandbox.start(STAYS, Confinement())
        await until(lambda: bool(running(MARK)))
        await one.sandbox.aclose()
        await until(lambda: not running(MARK))
        await command.wait()


async def test_a_launcher_that_died_is_started_again(box: Confined) -> None:
    assert await box.run("echo one") == "one\n"
    (launcher,) = [pid for pid in running("overlay.launcher.main") if parent_of(pid) == os.getpid()]
    os.kill(launcher, signal.SIGKILL)
    await until(lambda: not box.sandbox.is_ready)
    assert await box.run("echo two") == "two\n"
    assert running("overlay.launcher.main") != [launcher]


async def test_nothing_survives_a_killed_owner(repository: Path, outside: Path) -> None:
    state = outside / "state"
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from trashclaw.sandbox.overlay.sandbox import OverlaySandbox\n"
        "from trashclaw.sandbox.ports import Confinement\n"
        "async def main():\n"
        "    box = OverlaySandbox(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        f"    await (await box.start({STAYS!r}, Confinement())).wait()\n"
        "asyncio.run(main())\n"
    )
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(repository), str(state))
    await until(lambda: any("python3" in Path(f"/proc/{pid}/comm").read_text() for pid in running(MARK + "-2")))
    owner.kill()
    await owner.wait()
    await until(lambda: not running(MARK) and not running(str(state)))
    assert list((state / "sandbox").iterdir())
    async with confined(repository, state) as one:
        await one.run("true")
        assert len(list((state / "sandbox").iterdir())) == 1, "what the dead owner left is gone"


def parent_of(pid: int) -> int:
    """Return the parent's process id."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
