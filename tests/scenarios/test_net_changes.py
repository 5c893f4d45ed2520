"""What a session has come to: the files that it changed as they are, against what they were before its first change."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.sessions import Driven, bash, edit, open_driven, read, unconfined, write
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import ChangeKind, HunkPart, Patch
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.library import Library
from trashclaw.workspace.sorting import FILE_LIMIT_BYTES, with_contents

SECRET = f'password = "{"hunter2" + "Zq9vXw8Lk"}"'
"""Put together here, so that this file holds none."""

ACCEPT = Settings(mode=Mode.ACCEPT)
OLD = "".join(f"line {number}\n" for number in range(1, 31))
ONE = OLD.replace("line 5\n", "five\n").replace("line 20\n", "twenty\n")
TWO = ONE.replace("five\n", "cinq\n").replace("line 28\n", "twenty-eight\n")
DONE = {"text": "Done."}
FIRST = [{"calls": [read("numbers.txt"), write("numbers.txt", ONE)]}, DONE]
SECOND = [{"calls": [read("numbers.txt"), write("numbers.txt", TWO)]}, DONE]


@pytest.fixture
def numbers(repository: Path) -> Path:
    path = repository / "numbers.txt"
    path.write_text(OLD)
    git(repository, "add", "--all")
    git(repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "start")
    return path


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def changed(patch: Patch) -> dict[str, tuple[list[str], list[str]]]:
    """Return for each file the lines that went and came."""
    return {
        change.path: (
            [line[1:] for hunk in change.hunks for line in hunk.lines if line.startswith("-")],
            [line[1:] for hunk in change.hunks for line in hunk.lines if line.startswith("+")],
        )
        for change in patch.changes
    }


def of_git(folder: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Return the same of what git says since the commit."""
    git(folder, "add", "--intent-to-add", "--all")
    found: dict[str, tuple[list[str], list[str]]] = {}
    for part in git(folder, "diff", "--no-color", "--no-renames", "--no-ext-diff").split("diff --git ")[1:]:
        head, *lines = part.split("\n")
        body = [line for line in lines if not line.startswith(("---", "+++"))]
        removed = [f"{line[1:]}\n" for line in body if line.startswith("-")]
        added = [f"{line[1:]}\n" for line in body if line.startswith("+")]
        found[head.partition(" b/")[2]] = removed, added
    return found


async def net(driven: Driven) -> Patch:
    return await driven.session.rewind.net_changes()


async def test_it_is_what_git_says_since_the_session_began(numbers: Path) -> None:
    more = [
        {"calls": [write("new.txt", "new\n"), bash("mkdir -p made && echo made > made/by-command.txt")]},
        {"calls": [bash("echo more >> made/by-command.txt")]},
        DONE,
    ]
    async with open_driven(numbers.parent, [*FIRST, *SECOND, *more], settings=ACCEPT) as driven:
        assert await net(driven) == Patch()
        for _ in range(3):
            await driven.turn()
        assert "new.txt" in changed(await net(driven))
        (numbers.parent / "new.txt").unlink()
        patch = await net(driven)
        assert changed(patch) == of_git(numbers.parent)
        assert changed(patch)["numbers.txt"] == (
            ["line 5\n", "line 20\n", "line 28\n"],
            ["cinq\n", "twenty\n", "twenty-eight\n"],
        )
        assert {change.path: change.kind for change in patch.changes} == {
            "made/by-command.txt": ChangeKind.ADDED,
            "numbers.txt": ChangeKind.MODIFIED,
        }


async def test_what_others_changed_in_its_files_is_in_it_and_no_other_file(numbers: Path) -> None:
    async with open_driven(numbers.parent, FIRST, settings=ACCEPT) as driven:
        await driven.turn()
        numbers.write_text(numbers.read_text() + "theirs\n")
        (numbers.parent / "other.txt").write_text("theirs\n")
        assert list(changed(await net(driven))) == ["numbers.txt"]
        assert changed(await net(driven))["numbers.txt"][1] == ["five\n", "twenty\n", "theirs\n"]


async def test_what_was_taken_back_is_not_in_it(numbers: Path) -> None:
    async with open_driven(numbers.parent, FIRST, settings=ACCEPT) as driven:
        await driven.turn()
        run = next(one for one in driven.runs if one.patch is not None)
        assert isinstance(run, ToolRun)
        await driven.do(ops.HunksRevert(item_id=run.item_id, hunk_ids=(HunkId("1"),)))
        assert changed(await net(driven)) == {"numbers.txt": (["line 20\n"], ["twenty\n"])}
        await driven.do(ops.HunksRevert(item_id=run.item_id, hunk_ids=(HunkId("2"),)))
        assert await net(driven) == Patch()


async def test_what_was_undone_is_not_in_it(numbers: Path) -> None:
    async with open_driven(numbers.parent, [*FIRST, *SECOND], settings=ACCEPT) as driven:
        await driven.turn()
        await driven.turn()
        await driven.do(ops.CheckpointRestore())
        assert changed(await net(driven))["numbers.txt"][1] == ["five\n", "twenty\n"]
        await driven.do(ops.CheckpointRestore())
        assert await net(driven) == Patch()


async def test_it_is_the_same_after_a_resume(numbers: Path) -> None:
    async with open_driven(numbers.parent, FIRST, settings=ACCEPT) as driven:
        await driven.turn()
        before, session_id = await net(driven), driven.session.session_id
    async with open_driven(numbers.parent, SECOND, settings=ACCEPT, resume=session_id) as driven:
        assert await net(driven) == before
        await driven.turn()
        assert changed(await net(driven)) == of_git(numbers.parent)


async def test_a_file_that_git_ignores_is_compared_with_what_it_was_when_it_was_named(numbers: Path) -> None:
    (numbers.parent / ".gitignore").write_text("*.log\n")
    kept = numbers.parent / "kept.log"
    kept.write_text("old\n")
    later = [{"calls": [read("kept.log"), edit("kept.log", "old", "new")]}, DONE]
    async with open_driven(numbers.parent, [*FIRST, *later], settings=ACCEPT) as driven:
        await driven.turn()
        await driven.turn()
        assert changed(await net(driven))["kept.log"] == (["old\n"], ["new\n"])


async def test_a_mode_and_a_binary_file_are_told(numbers: Path) -> None:
    (numbers.parent / "data.bin").write_bytes(b"\0\1")
    work = [{"calls": [bash("chmod 755 numbers.txt; printf '\\0\\2\\3' > data.bin")]}, DONE]
    async with open_driven(numbers.parent, work, settings=ACCEPT) as driven:
        await driven.turn()
        parts = {change.path: [hunk.part for hunk in change.hunks] for change in (await net(driven)).changes}
        assert parts == {"data.bin": [HunkPart.WHOLE], "numbers.txt": [HunkPart.MODE]}


async def test_what_a_command_without_a_sandbox_changed_is_in_it(numbers: Path) -> None:
    work = [{"calls": [bash("echo more >> numbers.txt; echo new > made.txt")]}, DONE]
    async with open_driven(numbers.parent, work, settings=unconfined()) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer()
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert changed(await net(driven)) == {"made.txt": ([], ["new\n"]), "numbers.txt": ([], ["more\n"])}


async def test_secrets_are_masked_in_it_as_in_what_landed(numbers: Path) -> None:
    work = [{"calls": [bash(f"printf '%s\\n' '{SECRET}' > numbers.txt")]}, DONE]
    async with open_driven(numbers.parent, work, settings=ACCEPT) as driven:
        await driven.turn()
        landed = next(run.patch for run in driven.runs if run.patch is not None)
        patch = await net(driven)
        assert changed(patch)["numbers.txt"][1] == ['password = "[redacted: password]"\n']
        assert changed(patch) == changed(landed)


async def test_secrets_are_masked_in_what_an_undo_would_overwrite(numbers: Path) -> None:
    async with open_driven(numbers.parent, FIRST, settings=ACCEPT) as driven:
        await driven.turn()
        numbers.write_text(numbers.read_text() + f"{SECRET}\n")
        preview = await driven.session.rewind.preview(ops.CheckpointRestore())
        assert preview.conflicts == ("numbers.txt",)
        shown = preview.overwritten.model_dump_json()
        assert "[redacted: password]" in shown
        assert "hunter2" not in shown


async def test_a_file_that_is_in_no_snapshot_any_more_is_not_told_as_deleted(numbers: Path) -> None:
    async with open_driven(numbers.parent, FIRST, settings=ACCEPT) as driven:
        await driven.turn()
        with numbers.open("wb") as stream:
            stream.truncate(FILE_LIMIT_BYTES + 1)
        (change,) = (await net(driven)).changes
        assert (change.kind, [hunk.what for hunk in change.hunks]) == (
            ChangeKind.MODIFIED,
            ["now 10,000,001 bytes, too many to compare"],
        )
        numbers.unlink()
        os.mkfifo(numbers)
        (change,) = (await net(driven)).changes
        assert (change.kind, [hunk.what for hunk in change.hunks]) == (ChangeKind.MODIFIED, ["no plain file any more"])
        numbers.unlink()
        (change,) = (await net(driven)).changes
        assert (change.kind, changed(await net(driven))["numbers.txt"][1]) == (ChangeKind.DELETED, [])


async def test_a_file_whose_name_no_text_can_carry_is_in_it(numbers: Path) -> None:
    work = [{"calls": [bash("printf x > $(printf 'na\\377me.txt')")]}, DONE]
    async with open_driven(numbers.parent, work, settings=ACCEPT) as driven:
        await driven.turn()
        (change,) = (await net(driven)).changes
        assert (change.path.startswith("na"), change.kind) == (True, ChangeKind.ADDED)


async def test_nothing_beyond_a_link_is_looked_at(numbers: Path, tmp_path: Path) -> None:
    """Where a folder became a link to another place, what bears a known name there is none of the session's."""
    outside = tmp_path / "outside"
    (outside / "part").mkdir(parents=True)
    (outside / "part" / "secret.txt").write_text("theirs\n")
    async with open_driven(
        numbers.parent, [{"calls": [write("made/part", "ours\n")]}, DONE], settings=ACCEPT
    ) as driven:
        await driven.turn()
        shutil.rmtree(numbers.parent / "made")
        (numbers.parent / "made").symlink_to(outside)
        assert [(change.path, change.kind) for change in (await net(driven)).changes] == []
        assert with_contents(numbers.parent, ["made/part"]) == {"made/part"}


async def test_a_file_that_became_a_folder_is_told_with_what_is_in_it(numbers: Path) -> None:
    async with open_driven(numbers.parent, FIRST, settings=ACCEPT) as driven:
        await driven.turn()
        numbers.unlink()
        numbers.mkdir()
        (numbers / "a").write_text("a\n")
        (numbers / "out").symlink_to("/etc/hostname")
        told = {
            change.path: (change.kind, [hunk.what for hunk in change.hunks]) for change in (await net(driven)).changes
        }
        assert told == {
            "numbers.txt": (ChangeKind.DELETED, [""]),
            "numbers.txt/a": (ChangeKind.ADDED, [""]),
            "numbers.txt/out": (ChangeKind.ADDED, ["nothing -> link to /etc/hostname"]),
        }


async def test_a_fork_has_the_net_of_what_was_copied(numbers: Path) -> None:
    async with open_driven(numbers.parent, [*FIRST, *SECOND], settings=ACCEPT) as driven:
        await driven.turn()
        await driven.turn()
        before, point = await net(driven), ForkPoint(driven.session.session_id)
        fork_id = Library(driven.session.library._folder, numbers.parent).fork(point)
    async with open_driven(numbers.parent, SECOND, settings=ACCEPT, resume=fork_id) as driven:
        assert await net(driven) == before


async def test_every_file_is_compared_with_what_it_was_before_the_first_change_of_any(numbers: Path) -> None:
    other = numbers.parent / "other.txt"
    other.write_text("first\n")
    later = [{"calls": [read("other.txt"), edit("other.txt", "second", "third")]}, DONE]
    async with open_driven(numbers.parent, [*FIRST, *later], settings=ACCEPT) as driven:
        await driven.turn()
        other.write_text("second\n")
        await driven.turn()
        assert changed(await net(driven))["other.txt"] == (["first\n"], ["third\n"])


async def test_the_hunks_of_what_is_in_no_snapshot_have_names_of_their_own(numbers: Path) -> None:
    work = [{"calls": [write("a.txt", "a\n"), read("numbers.txt"), write("numbers.txt", ONE)]}, DONE]
    async with open_driven(numbers.parent, work, settings=ACCEPT) as driven:
        await driven.turn()
        with numbers.open("wb") as stream:
            stream.truncate(FILE_LIMIT_BYTES + 1)
        assert [hunk.hunk_id for hunk in (await net(driven)).hunks] == ["1", "2"]


async def test_a_file_whose_folder_became_a_link_is_gone_whatever_lies_beyond_that(
    numbers: Path, tmp_path: Path
) -> None:
    (numbers.parent / "made").mkdir()
    (numbers.parent / "made" / "part.txt").write_text("old\n")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "part.txt").write_text("theirs\n")
    work = [{"calls": [read("made/part.txt"), write("made/part.txt", "ours\n")]}, DONE]
    async with open_driven(numbers.parent, work, settings=ACCEPT) as driven:
        await driven.turn()
        shutil.rmtree(numbers.parent / "made")
        (numbers.parent / "made").symlink_to(outside)
        (change,) = (await net(driven)).changes
        assert (change.path, change.kind) == ("made/part.txt", ChangeKind.DELETED)
        assert changed(await net(driven))["made/part.txt"] == (["old\n"], [])
