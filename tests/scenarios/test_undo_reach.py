"""Undo where git does not look, where a turn was cut off, and where nobody noted how it ended."""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from pathlib import Path

import pytest

from tests.support.sessions import Driven, bash, edit, open_driven, read, unconfined, write
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import GitFailed
from trashclaw.protocol.ids import CheckpointId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.build import LOG_NAME
from trashclaw.store.log import Log
from trashclaw.tools import landing
from trashclaw.workspace.apply import LandedChange, apply_patch
from trashclaw.workspace.checkpoint import Checkpoints
from trashclaw.workspace.root import Workspace

SETTINGS = unconfined(mode=Mode.AUTO, allow_shell=True)


async def undo(driven: Driven) -> list[ev.Notice]:
    """Undo once and return what was told."""
    return [event for event in await driven.do(ops.CheckpointRestore()) if isinstance(event, ev.Notice)]


async def test_an_ignored_file_and_one_in_a_repository_inside_come_back(repository: Path) -> None:
    (repository / ".gitignore").write_text("local.ini\nbuild/\n")
    (repository / "local.ini").write_text("KEY=1\n")
    (repository / "lib").mkdir()
    subprocess.run(["git", "init", "-q"], cwd=repository / "lib", check=True, timeout=30)
    for name in ("x.py", "y.py"):
        (repository / "lib" / name).write_text("old\n")
    calls = [
        *(read(name) for name in ("README.md", "local.ini", "lib/x.py", "build/o")),
        write("README.md", "new\n"),
        write("local.ini", "KEY=2\n"),
        write("lib/x.py", "new\n"),
        write("build/o", "new\n"),
    ]
    async with open_driven(
        repository, [{"calls": calls}, {"text": "Done."}], settings=SETTINGS, can_ask=False
    ) as driven:
        await driven.turn()
        (repository / "lib" / "mine.py").write_text("mine\n")
        (notice,) = await undo(driven)
        assert notice.text == "Undone: README.md, build/o, lib/x.py, local.ini."
    assert (repository / "local.ini").read_text() == "KEY=1\n"
    assert (repository / "lib" / "x.py").read_text() == "old\n"
    assert sorted(path.name for path in (repository / "lib").glob("*.py")) == ["mine.py", "x.py", "y.py"]
    assert not (repository / "build").exists()


async def test_a_turn_that_changed_no_file_is_not_one_to_undo(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "new\n")]}, {"text": "Done."}, {"calls": [bash("ls")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=SETTINGS) as driven:
        await driven.turn()
        await run_turn(driven, [bash("ls")])
        assert len(driven.session.transcript.undoable) == 1
        (notice,) = await undo(driven)
        assert notice.text == "Undone: a.txt."
        assert not (repository / "a.txt").exists()


async def test_an_edit_that_lands_while_the_turn_is_interrupted_is_told_and_undone(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_land = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def slow(workspace: Workspace, patch: Patch) -> tuple[LandedChange, ...]:
        loop.call_soon_threadsafe(begun.set)
        may_land.wait(10)
        return apply_patch(workspace, patch)

    monkeypatch.setattr(landing, "apply_patch", slow)
    async with open_driven(
        repository, [{"calls": [write("a.txt", "new\n")]}], settings=SETTINGS, can_ask=False
    ) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await begun.wait()
        driven.submit(ops.TurnInterrupt())
        loop.call_soon(may_land.set)
        assert (await driven.until(ev.TurnCompleted)).stop_reason is ev.StopReason.CANCELLED
        assert (repository / "a.txt").read_text() == "new\n"
        (run,) = driven.runs
        assert run.status is ToolStatus.DONE
        assert run.result is not None
        assert "Created a.txt" in run.result.text
        await driven.session.wait_idle()
        await undo(driven)
        assert not (repository / "a.txt").exists()


async def test_when_the_end_of_a_turn_could_not_be_remembered_only_its_edits_are_undone(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = Checkpoints.create

    async def failing(self: Checkpoints, label: str, also: frozenset[str] = frozenset()) -> CheckpointId:
        if label == "after a turn":
            raise GitFailed("No space left on device.")
        return await create(self, label, also)

    calls = [write("a.txt", "new\n"), bash("echo made > made.txt")]
    async with open_driven(repository, [{"calls": calls}, {"text": "Done."}], settings=SETTINGS) as driven:
        monkeypatch.setattr(Checkpoints, "create", failing)
        await run_turn(driven, calls)
        assert "could not be remembered" in driven.notices[-1].text
        (repository / "mine.py").write_text("hours of work\n")
        undone, alone = await undo(driven)
        assert undone.text == "Undone: a.txt."
        assert alone.text.startswith("Left alone: made.txt, mine.py.")
        assert "commands" in alone.hint
    assert not (repository / "a.txt").exists()
    assert (repository / "mine.py").read_text() == "hours of work\n"
    assert (repository / "made.txt").exists()


async def run_turn(driven: Driven, calls: list[dict[str, object]]) -> None:
    """Run a turn to its end and accept every command in it."""
    driven.submit(ops.TurnStart(text="go"))
    for _ in [call for call in calls if call["name"] == "bash"]:
        await driven.answer()
    await driven.until(ev.TurnCompleted)
    await driven.session.wait_idle()


async def cut(repository: Path, calls: list[dict[str, object]], *, keep_result: bool) -> None:
    """Run a turn of these calls, and cut its log behind the last call's result or just before it."""
    async with open_driven(repository, [{"calls": calls}, {"text": "Done."}], settings=SETTINGS) as driven:
        await run_turn(driven, calls)
        envelopes = driven.stored()
    ends = [place for place, envelope in enumerate(envelopes) if is_result(envelope)]
    (driven.state / LOG_NAME).unlink()
    log = Log(driven.state / LOG_NAME)
    for envelope in envelopes[: ends[-1] + keep_result]:
        log.append(envelope)
    log.close()


def is_result(envelope: Envelope) -> bool:
    return isinstance(envelope.event, ev.ItemCompleted) and isinstance(envelope.event.item, ToolRun)


CALLS = [write("a.txt", "new\n"), edit("README.md", "small", "large")]


@pytest.mark.parametrize("keep_result", [True, False])
async def test_a_turn_that_was_cut_off_is_undone_but_not_what_the_person_did_since(
    repository: Path, keep_result: bool
) -> None:
    await cut(repository, CALLS, keep_result=keep_result)
    (repository / "mine.txt").write_text("mine\n")
    async with open_driven(repository, [], settings=SETTINGS, resume="last") as driven:
        undone, alone = await undo(driven)
        assert undone.text == "Undone: README.md, a.txt."
        assert alone.text.startswith("Left alone: mine.txt.")
    assert not (repository / "a.txt").exists()
    assert "small" in (repository / "README.md").read_text()
    assert (repository / "mine.txt").read_text() == "mine\n"


@pytest.mark.parametrize("keep_result", [True, False])
@pytest.mark.parametrize("path", ["a.txt", "README.md"])
async def test_an_edit_of_a_turn_that_was_cut_off_is_not_undone_over_later_work(
    repository: Path, keep_result: bool, path: str
) -> None:
    await cut(repository, CALLS, keep_result=keep_result)
    mine = (repository / path).read_text() + "my own hour of work\n"
    (repository / path).write_text(mine)
    for _ in range(2):
        async with open_driven(repository, [], settings=SETTINGS, resume="last") as driven:
            (notice,) = await undo(driven)
            assert notice.level is ev.NoticeLevel.ERROR
            assert notice.text == f"These files are not as the edits of the turn left them: {path}."
            assert len(driven.session.transcript.undoable) == 1
    assert (repository / path).read_text() == mine
    assert "large" in (repository / "README.md").read_text()


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
async def test_the_commands_of_a_turn_that_was_cut_off_are_left_alone_and_told(repository: Path) -> None:
    await cut(repository, [bash("echo made > made.txt"), write("a.txt", "new\n")], keep_result=True)
    async with open_driven(repository, [], settings=SETTINGS, resume="last") as driven:
        undone, alone = await undo(driven)
        assert undone.text == "Undone: a.txt."
        assert alone.text.startswith("Left alone: made.txt.")
        assert "commands" in alone.hint
    assert (repository / "made.txt").exists()


async def test_a_turn_that_changed_only_an_added_folder_says_that_it_cannot_be_undone(
    repository: Path, tmp_path: Path
) -> None:
    added = tmp_path / "added"
    added.mkdir()
    steps = [{"calls": [write(str(added / "n.txt"), "new\n")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=SETTINGS, added=(added,)) as driven:
        await driven.turn()
        (notice,) = driven.notices
        assert notice.text == f"Not in the checkpoint, so /undo leaves it as it is: {added / 'n.txt'}."
        assert len(driven.session.transcript.undoable) == 0
