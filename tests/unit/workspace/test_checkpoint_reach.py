"""What a checkpoint holds beyond what git would list, and what a restore may touch."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from trashclaw.protocol.errors import GitFailed, OutsideWorkspace
from trashclaw.protocol.ids import CheckpointId
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.legs import Leg
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.store_git import StoreGit


@pytest.fixture
def root(workspace_folder: Path) -> Path:
    """A folder with an ignored file, an ignored folder and a repository inside."""
    for name, text in ((".gitignore", ".env\nbuild/\n"), (".env", "old"), ("build/out", "old"), ("plain", "old")):
        (workspace_folder / name).parent.mkdir(exist_ok=True)
        (workspace_folder / name).write_text(text)
    (workspace_folder / "inner").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=workspace_folder / "inner", check=True, timeout=30)
    (workspace_folder / "inner" / "f").write_text("old")
    (workspace_folder / "inner" / "other").write_text("old")
    return workspace_folder


@pytest.fixture
def checkpoints(root: Path, tmp_path: Path) -> Checkpoints:
    return Checkpoints(Workspace(root), tmp_path / "state")


BEYOND = (".env", "build/out", "inner/f")


async def test_files_that_git_would_not_list_are_held_when_named(root: Path, checkpoints: Checkpoints) -> None:
    named = (*BEYOND, "build/new", "inner/new")
    before = await checkpoints.create("before", named)
    for name in (*named, "inner/other", "build/beside", "plain"):
        (root / name).write_text("agent")
    after = await checkpoints.create("after", named)
    assert await checkpoints.changed_paths(before, after) == (*sorted(named), "plain")
    (root / "inner" / "mine").write_text("mine")
    restored = await checkpoints.restore(before, since=after)
    assert restored.paths == (*sorted(named), "plain")
    assert [(root / name).read_text() for name in BEYOND] == ["old"] * 3
    assert not (root / "build" / "new").exists()
    assert not (root / "inner" / "new").exists()
    assert [(root / name).read_text() for name in ("inner/other", "build/beside", "inner/mine")] == [
        "agent",
        "agent",
        "mine",
    ]


async def test_a_users_change_to_a_named_file_is_a_conflict(root: Path, checkpoints: Checkpoints) -> None:
    before = await checkpoints.create("before", BEYOND)
    (root / ".env").write_text("agent")
    after = await checkpoints.create("after", BEYOND)
    (root / ".env").write_text("mine")
    assert (await checkpoints.restore(before, since=after)).conflicts == (".env",)
    (root / ".env").unlink()
    assert (await checkpoints.restore(before, since=after)).conflicts == (".env",)


async def test_naming_a_file_once_does_not_open_the_repository_around_it(root: Path, checkpoints: Checkpoints) -> None:
    await checkpoints.create("before", BEYOND)
    first = await checkpoints.create("one")
    for name in (*BEYOND, "inner/other"):
        (root / name).write_text("changed")
    assert await checkpoints.changed_paths(first, await checkpoints.create("two")) == ()


async def test_a_checkpoint_is_extended_by_what_no_snapshot_would_have(root: Path, checkpoints: Checkpoints) -> None:
    before = await checkpoints.create("before", [".env"])
    (root / ".env").write_text("agent")
    (root / "made-by-a-command").write_text("agent")
    named = (*BEYOND, "made-by-a-command", "plain", "absent", "/etc/hostname", "../outside", "inner/.git/config")
    await checkpoints.extend([before], named)
    for name in (*BEYOND, "plain", "absent"):
        (root / name).write_text("agent")
    after = await checkpoints.create("after", named)
    restored = await checkpoints.restore(before, since=after)
    assert set(restored.paths) == {*BEYOND, "plain", "absent", "made-by-a-command"}
    assert [(root / name).read_text() for name in (*BEYOND, "plain")] == ["old"] * 4
    assert not (root / "made-by-a-command").exists()
    assert not (root / "absent").exists()


async def test_a_checkpoint_that_is_gone_is_missed_among_others(root: Path, checkpoints: Checkpoints) -> None:
    first = await checkpoints.create("one")
    gone = CheckpointId("0" * 40)
    with pytest.raises(GitFailed, match=f"There is no checkpoint '{gone}'"):
        await checkpoints.extend([first, gone], ["absent"])


async def test_git_runs_no_oftener_the_more_checkpoints_there_are(
    root: Path, checkpoints: Checkpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []
    run = StoreGit.run

    async def counted(git: StoreGit, *argv: str, **options: Any) -> bytes:
        ran.append(argv[0])
        return await run(git, *argv, **options)

    monkeypatch.setattr(StoreGit, "run", counted)
    kept, counts = [await checkpoints.create("one")], []
    for number in range(3):
        ran.clear()
        await checkpoints.extend(kept, ["plain", f"absent-{number}"])
        counts.append(len(ran))
        kept.append(await checkpoints.create(f"more {number}"))
    assert counts[0] == counts[1] == counts[2] > 0


async def test_two_checkpoints_of_the_same_files_are_two(root: Path, checkpoints: Checkpoints) -> None:
    assert await checkpoints.create("same") != await checkpoints.create("same")


def is_agents(path: str, data: bytes | None) -> bool:
    return data == b"agent"


async def test_only_the_agents_own_bytes_are_brought_back(root: Path, checkpoints: Checkpoints) -> None:
    before = await checkpoints.create("before", BEYOND)
    for name in ("plain", ".env"):
        (root / name).write_text("agent")
    (root / "new").write_text("agent")
    (root / "mine").write_text("mine")
    named = ("plain", ".env", "new", "build/out")
    restored = await checkpoints.restore_legs([Leg(before, None, named, is_agents)])
    assert restored.paths == (".env", "new", "plain")
    assert restored.left_alone == ("mine",)
    assert not (root / "new").exists()
    assert [(root / name).read_text() for name in ("plain", ".env", "mine")] == ["old", "old", "mine"]


@pytest.mark.parametrize("change", ["text", "mode", "link", "gone"])
async def test_an_agents_file_that_somebody_changed_keeps_all_as_it_is(
    root: Path, checkpoints: Checkpoints, change: str
) -> None:
    before = await checkpoints.create("before", BEYOND)
    (root / ".env").write_text("agent")
    (root / "plain").write_text("agent")
    if change == "text":
        (root / "plain").write_text("agent, mine")
    elif change == "mode":
        (root / "plain").chmod(0o755)
    else:
        (root / "plain").unlink()
        if change == "link":
            (root / "plain").symlink_to("agent")
    restored = await checkpoints.restore_legs([Leg(before, None, ("plain", ".env"), is_agents)])
    assert (restored.paths, restored.conflicts) == ((), ("plain",))
    assert (root / ".env").read_text() == "agent"


async def test_a_folder_in_the_shape_of_a_git_folder_comes_back(root: Path, checkpoints: Checkpoints) -> None:
    for name in ("fixture/HEAD", "fixture/objects/k", "fixture/refs/k", "~odd/f"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("old")
    before = await checkpoints.create("before")
    for name in ("plain", "fixture/objects/k", "~odd/f"):
        (root / name).write_text("agent")
    assert (await checkpoints.restore(before)).paths == ("fixture/objects/k", "plain", "~odd/f")
    assert (root / "fixture" / "objects" / "k").read_text() == "old"


async def test_every_place_is_checked_before_the_first_file_is_touched(
    root: Path, checkpoints: Checkpoints, tmp_path: Path
) -> None:
    (root / "zone").mkdir()
    (root / "zone" / "f").write_text("old")
    before = await checkpoints.create("before")
    for name in ("plain", "zone/f", "new"):
        (root / name).write_text("agent")
    (root / "zone" / "f").unlink()
    after = await checkpoints.create("after")
    (root / "zone").rmdir()
    (root / "zone").symlink_to(tmp_path)
    with pytest.raises(OutsideWorkspace):
        await checkpoints.restore(before, since=after)
    assert (root / "plain").read_text() == "agent"
    assert (root / "new").exists()
    assert not (tmp_path / "f").exists()


async def test_our_own_state_inside_the_workspace_is_in_no_snapshot(root: Path) -> None:
    state = root / "state"
    checkpoints = Checkpoints(Workspace(root, protected=(state,)), state / "checkpoints")
    state.mkdir()
    (state / "log").write_text("1")
    first = await checkpoints.create("one", ["state/log"])
    (state / "log").write_text("2")
    assert await checkpoints.changed_paths(first, await checkpoints.create("two", ["state/log"])) == ()
