"""Checkpoints bring files back exactly, touch nothing of the user's git, and ask before they overwrite."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from trashclaw.protocol.errors import GitFailed
from trashclaw.protocol.ids import CheckpointId
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.root import Workspace


@pytest.fixture
def checkpoints(workspace_folder: Path, tmp_path: Path) -> Checkpoints:
    return Checkpoints(Workspace(workspace_folder), tmp_path / "state" / "checkpoints")


def picture(folder: Path) -> dict[str, tuple[str, bytes]]:
    """Every file below a folder but git's own: its kind and mode, and its bytes."""
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if ".git" in path.relative_to(folder).parts:
            continue
        if path.is_symlink():
            found[name] = ("link", os.fsencode(path.readlink()))
        elif path.is_file():
            found[name] = (oct(stat.S_IMODE(path.stat().st_mode)), path.read_bytes())
    return found


async def test_changed_added_deleted_files_links_and_modes_come_back(
    workspace_folder: Path, checkpoints: Checkpoints
) -> None:
    root = workspace_folder
    (root / "text").write_bytes(b"a\r\nb\n\0\xff")
    (root / ".gitattributes").write_text("* text=auto eol=crlf ident filter=x working-tree-encoding=UTF-16\n")
    (root / "deep" / "er").mkdir(parents=True)
    (root / "deep" / "er" / "f").write_bytes(b"deep")
    (root / "run").write_bytes(b"#!")
    (root / "run").chmod(0o755)
    (root / "link").symlink_to("/etc/hostname")
    (root / 'odd \n" name é').write_bytes(b"$Id$")
    before = picture(root)
    checkpoint_id = await checkpoints.create("before")
    (root / "text").write_bytes(b"other")
    (root / "deep" / "er" / "f").unlink()
    (root / "deep" / "er").rmdir()
    (root / "deep").rmdir()
    (root / "deep").write_bytes(b"a file where a folder was")
    (root / "run").chmod(0o644)
    (root / "link").unlink()
    (root / "link").write_bytes(b"no link")
    (root / 'odd \n" name é').unlink()
    (root / "new" / "folder").mkdir(parents=True)
    (root / "new" / "folder" / "f").write_bytes(b"new")
    after = picture(root)
    after_id = await checkpoints.create("after")
    restored = await checkpoints.restore(checkpoint_id)
    assert picture(root) == before
    assert not (root / "new").exists()
    assert "new/folder/f" in restored.paths
    await checkpoints.restore(after_id)
    assert picture(root) == after


async def test_a_link_restored_over_a_file_does_not_write_through(
    workspace_folder: Path, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    (tmp_path / "outside").write_text("mine")
    (workspace_folder / "f").write_text("file")
    checkpoint_id = await checkpoints.create("before")
    (workspace_folder / "f").unlink()
    (workspace_folder / "f").symlink_to(tmp_path / "outside")
    await checkpoints.restore(checkpoint_id)
    assert (workspace_folder / "f").read_text() == "file"
    assert not (workspace_folder / "f").is_symlink()
    assert (tmp_path / "outside").read_text() == "mine"


async def test_the_users_git_is_untouched(repository: Path, tmp_path: Path) -> None:
    (repository / "README.md").write_text("staged\n")
    subprocess.run(["git", "add", "."], cwd=repository, check=True, timeout=30)
    (repository / "README.md").write_text("not staged\n")
    before = {path: path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()}
    checkpoints = Checkpoints(Workspace(repository), tmp_path / "state")
    checkpoint_id = await checkpoints.create("before")
    (repository / "README.md").write_text("agent\n")
    await checkpoints.restore(checkpoint_id)
    assert (repository / "README.md").read_text() == "not staged\n"
    assert {path: path.read_bytes() for path in (repository / ".git").rglob("*") if path.is_file()} == before


async def test_ignored_files_are_left_alone_but_tracked_ones_are_kept(repository: Path, tmp_path: Path) -> None:
    (repository / ".gitignore").write_text("*.log\nbuild/\n")
    (repository / "kept.log").write_text("tracked\n")
    subprocess.run(["git", "add", "-f", "kept.log"], cwd=repository, check=True, timeout=30)
    (repository / "free.log").write_text("ignored\n")
    (repository / ".git" / "info").mkdir(exist_ok=True)
    (repository / ".git" / "info" / "exclude").write_text("private\n")
    (repository / "private").write_text("p\n")
    checkpoints = Checkpoints(Workspace(repository), tmp_path / "state")
    first = await checkpoints.create("before")
    for name in ("kept.log", "free.log", "private"):
        (repository / name).write_text("changed\n")
    await checkpoints.restore(first)
    assert (repository / "kept.log").read_text() == "tracked\n"
    assert (repository / "free.log").read_text() == "changed\n"
    assert (repository / "private").read_text() == "changed\n"


async def test_a_repository_inside_is_not_entered(workspace_folder: Path, checkpoints: Checkpoints) -> None:
    (workspace_folder / "inner").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=workspace_folder / "inner", check=True, timeout=30)
    (workspace_folder / "inner" / "f").write_text("1")
    (workspace_folder / "f").write_text("1")
    checkpoint_id = await checkpoints.create("before")
    (workspace_folder / "inner" / "f").write_text("2")
    (workspace_folder / "f").write_text("2")
    await checkpoints.restore(checkpoint_id)
    assert (workspace_folder / "inner" / "f").read_text() == "2"
    assert (workspace_folder / "f").read_text() == "1"


async def test_a_users_change_since_is_a_conflict_and_nothing_is_restored(
    workspace_folder: Path, checkpoints: Checkpoints
) -> None:
    for name in ("one", "two", "three"):
        (workspace_folder / name).write_text("old")
    before = await checkpoints.create("before")
    (workspace_folder / "one").write_text("agent")
    (workspace_folder / "two").write_text("agent")
    after = await checkpoints.create("after")
    (workspace_folder / "two").write_text("user")
    (workspace_folder / "three").write_text("user")
    restored = await checkpoints.restore(before, since=after)
    assert (restored.conflicts, restored.paths) == (("two",), ())
    assert (workspace_folder / "one").read_text() == "agent"
    (workspace_folder / "two").write_text("agent")
    restored = await checkpoints.restore(before, since=after)
    assert restored.paths == ("one", "two")
    assert (workspace_folder / "two").read_text() == "old"
    assert (workspace_folder / "three").read_text() == "user"


async def test_a_file_the_user_already_put_back_is_no_conflict(
    workspace_folder: Path, checkpoints: Checkpoints
) -> None:
    (workspace_folder / "f").write_text("old")
    before = await checkpoints.create("before")
    (workspace_folder / "f").write_text("agent")
    after = await checkpoints.create("after")
    (workspace_folder / "f").write_text("old")
    assert (await checkpoints.restore(before, since=after)).conflicts == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
async def test_what_cannot_be_stored_is_left_out(workspace_folder: Path, checkpoints: Checkpoints) -> None:
    os.mkfifo(workspace_folder / "pipe")
    with (workspace_folder / "huge").open("wb") as stream:
        stream.truncate(20_000_000)
    (workspace_folder / ".GIT").mkdir()
    (workspace_folder / ".GIT" / "config").write_text("x")
    (workspace_folder / "f").write_text("1")
    first = await checkpoints.create("one")
    (workspace_folder / "f").write_text("2")
    assert await checkpoints.changed_paths(first, await checkpoints.create("two")) == ("f",)


async def test_a_file_that_grew_too_large_leaves_the_snapshot(workspace_folder: Path, checkpoints: Checkpoints) -> None:
    (workspace_folder / "f").write_text("small")
    await checkpoints.create("one")
    with (workspace_folder / "f").open("wb") as stream:
        stream.truncate(20_000_000)
    second = await checkpoints.create("two")
    await checkpoints.restore(second)
    assert (workspace_folder / "f").stat().st_size == 20_000_000


async def test_a_folder_that_became_a_link_is_not_followed(
    workspace_folder: Path, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    (workspace_folder / "d").mkdir()
    (workspace_folder / "d" / "f").write_text("mine")
    first = await checkpoints.create("one")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "f").write_text("outside")
    (workspace_folder / "d" / "f").unlink()
    (workspace_folder / "d").rmdir()
    (workspace_folder / "d").symlink_to(tmp_path / "outside")
    await checkpoints.create("two")
    await checkpoints.restore(first)
    assert (workspace_folder / "d" / "f").read_text() == "mine"
    assert (tmp_path / "outside" / "f").read_text() == "outside"


async def test_a_change_of_the_same_size_in_the_same_moment_is_seen(
    workspace_folder: Path, checkpoints: Checkpoints
) -> None:
    ids = []
    for letter in "abcdef":
        (workspace_folder / "f").write_text(letter)
        ids.append(await checkpoints.create(letter))
    for letter, checkpoint_id in zip("abcdef", ids, strict=True):
        await checkpoints.restore(checkpoint_id)
        assert (workspace_folder / "f").read_text() == letter


async def test_the_first_snapshot_of_many_files_is_a_pack_and_exact(
    workspace_folder: Path, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    for at in range(300):
        (workspace_folder / f"f{at}").write_bytes(os.urandom(at))
    before = picture(workspace_folder)
    first = await checkpoints.create("one")
    assert len(list((tmp_path / "state").rglob("*.pack"))) <= 1
    for at in range(300):
        (workspace_folder / f"f{at}").write_bytes(b"")
    assert len((await checkpoints.restore(first)).paths) == 299
    assert picture(workspace_folder) == before


async def test_a_store_inside_the_workspace_is_no_part_of_the_snapshot(workspace_folder: Path) -> None:
    checkpoints = Checkpoints(Workspace(workspace_folder), workspace_folder / "state [1]" / "store")
    (workspace_folder / "f").write_text("1")
    first = await checkpoints.create("one")
    (workspace_folder / "f").write_text("2")
    second = await checkpoints.create("two")
    assert await checkpoints.changed_paths(first, second) == ("f",)


async def test_two_at_once_do_not_disturb_each_other(workspace_folder: Path, tmp_path: Path) -> None:
    (workspace_folder / "f").write_text("1")
    pair = [Checkpoints(Workspace(workspace_folder), tmp_path / "store") for _ in range(2)]
    await pair[0].create("first")
    ids = await asyncio.gather(*(checkpoints.create("x") for checkpoints in pair for _ in range(3)))
    assert await pair[0].changed_paths(ids[0], ids[-1]) == ()


async def test_an_empty_folder_can_be_remembered(workspace_folder: Path, checkpoints: Checkpoints) -> None:
    first = await checkpoints.create("empty")
    (workspace_folder / "f").write_text("1")
    await checkpoints.restore(first)
    assert picture(workspace_folder) == {}


@pytest.mark.parametrize("wrong", ["--all", "HEAD", "0" * 40, ""])
async def test_an_id_that_is_not_there_is_refused(checkpoints: Checkpoints, wrong: str) -> None:
    with pytest.raises(GitFailed, match="There is no checkpoint"):
        await checkpoints.restore(CheckpointId(wrong))


KILLED = """
import asyncio, sys
from pathlib import Path
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.root import Workspace
async def main():
    root = Path(sys.argv[1])
    checkpoints = Checkpoints(Workspace(root), Path(sys.argv[2]))
    one = await checkpoints.create("one")
    for path in root.iterdir():
        path.write_bytes(b"b" * 50_000)
    two = await checkpoints.create("two")
    print("go", flush=True)
    while True:
        await checkpoints.restore(one)
        await checkpoints.restore(two)
asyncio.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
async def test_a_kill_at_any_moment_leaves_whole_files_and_a_store_that_works(
    workspace_folder: Path, tmp_path: Path
) -> None:
    for at in range(40):
        (workspace_folder / f"f{at}").write_bytes(b"a" * 50_000)
    for seed in range(4):
        for path in workspace_folder.iterdir():
            path.write_bytes(b"a" * 50_000)
        argv = [sys.executable, "-c", KILLED, str(workspace_folder), str(tmp_path / "store")]
        with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            child.stdout.readline()
            watched = workspace_folder / f"f{random.Random(seed).randrange(40)}"
            inode = watched.stat().st_ino
            while watched.stat().st_ino == inode:
                pass
            child.send_signal(signal.SIGKILL)
        for path in workspace_folder.glob("f*"):
            assert path.read_bytes() in (b"a" * 50_000, b"b" * 50_000)
    checkpoints = Checkpoints(Workspace(workspace_folder), tmp_path / "store")
    now = await checkpoints.create("after the kills")
    assert await checkpoints.changed_paths(now, await checkpoints.create("again")) == ()
