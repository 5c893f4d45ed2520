"""The overlay backend in places of every kind: other people's files, odd roots, a gate for hosts, hostile leftovers."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.confined import confined, picture
from tests.support.waiting import until
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.overlay.branch import UpperBranch
from trashclaw.sandbox.overlay.probe import probe
from trashclaw.sandbox.overlay.run_folder import OwnerFolder, remove_tree
from trashclaw.sandbox.ports import CommandLimits, Confinement

ROOT = str(Path(__file__).resolve().parents[3])

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux namespaces")


@pytest.fixture
async def state(tmp_path: Path) -> AsyncIterator[Path]:
    """A state folder, where the backend works at all."""
    if reason := await probe(tmp_path / "state"):
        pytest.skip(reason)
    yield tmp_path / "state"


async def test_hosts_are_reached_by_the_gate_alone(workspace_folder: Path, state: Path, tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\n")
        writer.write(b"gate heard " + asked + b"x" * 3_000_000)
        await writer.drain()
        writer.close()

    server = await asyncio.start_unix_server(answer, tmp_path / "gate")
    async with server, confined(workspace_folder, state, gate_socket=tmp_path / "gate") as one:
        port = await one.sandbox.gate_port()
        ask = (
            f"import socket; c=socket.create_connection(('127.0.0.1', {port})); c.sendall(b'hello\\n'); "
            "f=c.makefile('rb'); print(f.readline()); print(len(f.read()))"
        )
        assert await one.run(f'python3 -c "{ask}"') == "b'gate heard hello\\n'\n3000000\n"
        direct = f"import socket; socket.socket(socket.AF_UNIX).connect('{tmp_path}/gate')"
        assert "Error" in await one.run(f'python3 -c "{direct}"')


async def test_without_a_gate_there_is_no_port(workspace_folder: Path, state: Path) -> None:
    async with confined(workspace_folder, state) as one:
        assert await one.sandbox.gate_port() is None


async def test_the_superuser_works_on_other_peoples_files(repository: Path, state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only the superuser can give files away")
    for path in [repository, *repository.rglob("*")]:
        os.lchown(path, 1234, 1234)
    (repository / "README.md").chmod(0o600)
    before = picture(repository)
    async with confined(repository, state) as one:
        await one.run("echo x >> README.md && mkdir new && touch new/x && chown 1234:1234 new/x && rm src/app.py")
        assert one.last is not None
        assert one.exit_code == 0, one.last.result.output
        assert one.changes() == {"README.md": "~", "new": "+", "new/x": "+", "src/app.py": "-"}
    assert picture(repository) == before


async def test_the_state_may_lie_in_the_workspace(workspace_folder: Path) -> None:
    inside = workspace_folder / "state"
    if reason := await probe(inside):
        pytest.skip(reason)
    (workspace_folder / "a").write_text("a")
    async with confined(workspace_folder, inside) as one:
        await one.run("echo b > a; rm -rf state")
        assert one.changes() == {"a": "~"}
    assert (workspace_folder / "a").read_text() == "a"


async def test_a_submodule_commits_into_its_own_git_folder(repository: Path, state: Path, tmp_path: Path) -> None:
    top = tmp_path / "top"
    git = ["git", "-c", "protocol.file.allow=always"]
    subprocess.run([*git, "init", "-q", str(top)], check=True)
    subprocess.run([*git, "submodule", "--quiet", "add", str(repository), "part"], cwd=top, check=True)
    before = picture(top)
    async with confined(top / "part", state) as one:
        await one.run("echo x > x && git add x && git commit -q -m x && git status --short")
        assert one.exit_code == 0
        assert "x" in one.changes()
        assert one.last is not None
        assert one.last.branches[1].root == top / ".git" / "modules" / "part"
    assert picture(top) == before


async def test_deleting_the_workspace_is_held_back(repository: Path, state: Path) -> None:
    before = picture(repository)
    async with confined(repository, state) as one:
        await one.run("rm -rf -- * .git")
        assert set(one.changes()) == set(before)
        assert set(one.changes().values()) == {"-"}
    assert picture(repository) == before


async def test_thousands_of_rewritten_files_are_compared(workspace_folder: Path, state: Path) -> None:
    for number in range(5000):
        (workspace_folder / f"{number:04}").write_text(f"{number}\n")
    async with confined(workspace_folder, state) as one:
        await one.run("sed -i 's/7$/x/' *", Confinement(limits=CommandLimits(time_s=60)))
        assert set(one.changes()) == {f"{number:04}" for number in range(5000) if number % 10 == 7}


async def test_nul_characters_and_missing_folders_are_refused(workspace_folder: Path, state: Path) -> None:
    async with confined(workspace_folder, state) as one:
        with pytest.raises(WorkspaceError, match="NUL"):
            await one.run("echo \0")
        shutil.rmtree(workspace_folder)
        with pytest.raises(WorkspaceError):
            await one.run("true")


async def test_very_deep_folders_are_refused_and_removed(workspace_folder: Path, state: Path) -> None:
    deep = "import os\nfor i in range(3000):\n    os.mkdir('d' * 20)\n    os.chdir('d' * 20)\n"
    async with confined(workspace_folder, state) as one:
        await one.run(f'python3 -c "{deep}"')
        with pytest.raises(WorkspaceError, match="cannot be read"):
            one.changes()


async def test_edits_meanwhile_are_not_taken_for_those_of_a_command_in_the_background(
    repository: Path, state: Path, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (repository / "big").write_text("a" * 100_000)
    async with confined(repository, state) as one:
        heard: list[str] = []
        line = (
            "cat README.md src/app.py big > /dev/null; echo mine > own; echo up; until [ -e "
            f"{shared}/go ]; do sleep 0.02; done; "
        )
        line += "cat big | tail -c 3; echo x >> src/app.py"
        slow = await one.sandbox.start(line, Confinement(writable=(shared,)), heard.append)
        await until(lambda: "up" in "".join(heard))
        for name in ("README.md", "big", "new"):
            (repository / f"{name}.part").write_text(f"edited {name}")
            (repository / f"{name}.part").replace(repository / name)
        await one.run("echo other > other; rm README.md")
        assert one.changes() == {"other": "+", "README.md": "-"}
        (shared / "go").touch()
        run = await slow.wait()
        changes = run.branches[0].changes()
        assert [change.path for change in changes] == ["own", "src/app.py"]
        assert run.branches[0].read("own") == b"mine\n"
        assert run.result.exit_code == 0
        for branch in run.branches:
            branch.discard()
    assert (repository / "README.md").read_text() == "edited README.md"


def test_a_mount_inside_of_the_workspace_is_named(workspace_folder: Path, state: Path) -> None:
    program = (
        "import asyncio, sys; from pathlib import Path\n"
        "from trashclaw.protocol.errors import WorkspaceError\n"
        "from trashclaw.sandbox.overlay.sandbox import OverlaySandbox\n"
        "from trashclaw.sandbox.ports import Confinement\n"
        "async def main():\n"
        "    box = OverlaySandbox(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "    try:\n"
        "        await box.start('true', Confinement())\n"
        "    except WorkspaceError as error:\n"
        "        print(error.text)\n"
        "    finally:\n"
        "        await box.aclose()\n"
        "asyncio.run(main())\n"
    )
    (workspace_folder / "inner").mkdir()
    line = 'mount --make-rprivate / && mount -t tmpfs none "$1/inner" && exec "$3" -c "$4" "$1" "$2"'
    command = ["unshare", "-m", "sh", "-c", line, "sh", str(workspace_folder), str(state), sys.executable, program]
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only the superuser mounts")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONPATH": ROOT})
    if done.returncode != 0:
        pytest.skip(f"nothing can be mounted: {done.stderr[-200:]}")
    assert "something is mounted inside" in done.stdout
    assert f"at {workspace_folder}/inner." in done.stdout


def test_marks_of_other_overlays_are_understood(tmp_path: Path) -> None:
    lower, upper = tmp_path / "lower", tmp_path / "upper"
    for folder in (lower / "d", upper / "d"):
        folder.mkdir(parents=True)
    for name in ("gone", "kept", "d/hidden"):
        (lower / name).write_text("x")
    (upper / "gone").touch()
    try:
        os.setxattr(upper / "gone", "user.overlay.whiteout", b"y")
        os.setxattr(upper / "d", "user.overlay.opaque", b"y")
    except OSError as error:
        pytest.skip(f"no attributes on this file system: {error}")
    changes = UpperBranch(lower, upper, 0.0).changes()
    assert [(change.path, change.after) for change in changes] == [("d/hidden", None), ("gone", None)]


def test_folders_of_living_owners_stay_and_others_go(tmp_path: Path) -> None:
    mine = OwnerFolder(tmp_path)
    (tmp_path / "dead" / "1").mkdir(parents=True)
    (tmp_path / "dead" / "owner").touch()
    other = OwnerFolder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {mine.path.name, other.path.name}
    mine.close()
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_trees_without_permissions_are_removed(tmp_path: Path) -> None:
    (tmp_path / "t" / "a" / "b").mkdir(parents=True)
    (tmp_path / "t" / "a" / "b" / "file").touch()
    (tmp_path / "t" / "link").symlink_to(tmp_path)
    (tmp_path / "t" / "a").chmod(0)
    remove_tree(tmp_path / "t")
    assert list(tmp_path.iterdir()) == []
