"""Undo step by step, redo, and what is asked before the person's own work is overwritten."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, bash, open_driven, write
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.base import Frozen
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.modes import Mode
from trashclaw.session.build import LOG_NAME
from trashclaw.store.log import Log

SETTINGS = Settings(mode=Mode.AUTO, allow_shell=True)
THREE_STEPS = [
    {"calls": [write("a.txt", "one\n"), write("b.txt", "one\n")]},
    {"calls": [write("a.txt", "two\n"), write("c.txt", "two\n")]},
    {"calls": [write("a.txt", "three\n")]},
    {"text": "Done."},
]
UNDO, REDO = ops.CheckpointRestore(), ops.CheckpointRestore(is_redo=True)


def open_here(root: Path, steps: list[dict[str, Any]], **opening: Any) -> Any:
    return open_driven(root, steps, settings=SETTINGS, **{"can_ask": False, **opening})


async def accepted_turn(driven: Driven) -> None:
    """Run a turn, and accept whatever is asked: what would be lost is asked about in every mode."""
    driven.submit(ops.TurnStart(text="go"))
    while not isinstance(event := await driven.until(Frozen, is_awaited), ev.TurnCompleted):
        assert isinstance(event, ev.ApprovalRequested)
        approval = Approval(verdict=Verdict.ACCEPTED)
        driven.submit(ops.ApprovalAnswer(approval_id=event.request.approval_id, approval=approval))
    await driven.session.wait_idle()


def is_awaited(event: Frozen) -> bool:
    return isinstance(event, (ev.ApprovalRequested, ev.TurnCompleted))


def texts(root: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted(root.glob("?.txt"))}


def step_points(driven: Driven) -> dict[int, ops.CheckpointRestore]:
    """The ops that bring the files back to before each step that had effects."""
    points = driven.session.rewind.points()
    return {point.step: ops.CheckpointRestore(item_id=point.item_id) for point in points if point.step}


ONE = {"a.txt": "one\n", "b.txt": "one\n"}
TWO = {"a.txt": "two\n", "b.txt": "one\n", "c.txt": "two\n"}
THREE = {**TWO, "a.txt": "three\n"}


async def test_the_files_go_back_to_before_any_step(repository: Path) -> None:
    async with open_here(repository, THREE_STEPS) as driven:
        await driven.turn()
        points = step_points(driven)
        assert sorted(points) == [1, 2, 3]
        await driven.do(points[3])
        assert texts(repository) == TWO
        await driven.do(points[2])
        assert texts(repository) == ONE
        await driven.do(UNDO)
        assert texts(repository) == {}
        assert driven.session.transcript.undoable == []
        for expected in (ONE, TWO, THREE):
            await driven.do(REDO)
            assert texts(repository) == expected
        assert driven.session.transcript.redoable == []
        assert len(driven.session.transcript.undoable) == 1


async def test_a_step_without_effects_has_no_checkpoint(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "one\n")]}, {"text": "I look.", "calls": [{"name": "git_status"}]}, *THREE_STEPS]
    async with open_here(repository, steps) as driven:
        await driven.turn()
        assert sorted(step_points(driven)) == [1, 3, 4, 5]


async def test_a_redo_is_still_there_after_the_session_was_resumed(repository: Path) -> None:
    async with open_here(repository, THREE_STEPS) as driven:
        await driven.turn()
        await driven.do(UNDO)
    async with open_here(repository, [], resume="last") as driven:
        await driven.do(REDO)
        assert texts(repository) == THREE
    async with open_here(repository, [], resume="last") as driven:
        await driven.do(UNDO)
        assert texts(repository) == {}


async def test_a_redo_ends_with_the_next_effects_but_not_with_a_turn_that_had_none(repository: Path) -> None:
    steps = [
        *THREE_STEPS,
        {"calls": [bash("true")]},
        {"text": "Nothing."},
        {"calls": [write("d.txt", "")]},
        {"text": "!"},
    ]
    async with open_here(repository, steps) as driven:
        await driven.turn()
        await driven.do(UNDO)
        await driven.turn()
        assert len(driven.session.transcript.redoable) == 1
        await driven.turn()
        (notice,) = await driven.do(REDO)
        assert isinstance(notice, ev.Notice)
        assert notice.text == "There is nothing to redo."
        assert texts(repository) == {"d.txt": ""}


async def test_what_the_person_did_since_stands_in_the_way_of_a_redo_too(repository: Path) -> None:
    async with open_here(repository, THREE_STEPS) as driven:
        await driven.turn()
        await driven.do(UNDO)
        (repository / "b.txt").write_text("mine\n")
        (notice,) = await driven.do(REDO)
        assert isinstance(notice, ev.Notice)
        assert (notice.code, notice.level) == ("conflict", ev.NoticeLevel.ERROR)
        assert texts(repository) == {"b.txt": "mine\n"}
        await driven.do(ops.CheckpointRestore(is_redo=True, is_forced=True))
        assert texts(repository) == THREE
        await driven.do(UNDO)
        assert texts(repository) == {"b.txt": "mine\n"}


async def test_going_over_the_persons_work_is_shown_asked_and_can_itself_be_undone(repository: Path) -> None:
    async with open_here(repository, THREE_STEPS) as driven:
        await driven.turn()
        (repository / "b.txt").write_text("one\nand mine\n")
        (repository / "mine.txt").write_text("mine\n")
        preview = await driven.session.rewind.preview(UNDO)
        assert (preview.paths, preview.conflicts) == (("a.txt", "b.txt", "c.txt"), ("b.txt",))
        (change,) = preview.overwritten.changes
        assert [line for hunk in change.hunks for line in hunk.lines] == ["-one\n", "-and mine\n"]
        (notice,) = await driven.do(UNDO)
        assert isinstance(notice, ev.Notice)
        assert (notice.code, notice.level) == ("conflict", ev.NoticeLevel.ERROR)
        assert "b.txt" in notice.text
        assert texts(repository) == {**THREE, "b.txt": "one\nand mine\n"}
        await driven.do(ops.CheckpointRestore(is_forced=True))
        assert texts(repository) == {}
        assert (repository / "mine.txt").read_text() == "mine\n"
        await driven.do(REDO)
        assert texts(repository) == {**THREE, "b.txt": "one\nand mine\n"}
        assert (repository / "mine.txt").read_text() == "mine\n"


async def test_over_several_turns_nothing_is_undone_where_the_oldest_meets_the_persons_work(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "one\n")]}, {"text": "."}, {"calls": [write("b.txt", "two\n")]}, {"text": "."}]
    async with open_here(repository, steps) as driven:
        await driven.turn()
        await driven.turn()
        (repository / "a.txt").write_text("mine\n")
        first = driven.session.transcript.undoable[0]
        await driven.do(ops.CheckpointRestore(checkpoint_id=first))
        assert texts(repository) == {"a.txt": "mine\n", "b.txt": "two\n"}
        assert len(driven.session.transcript.undoable) == 2


async def test_what_the_person_did_while_edits_landed_stays_theirs(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "one\n")]}, {"text": "Wait", "hold": True}]
    async with open_here(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta, lambda event: event.text.startswith("Wait"))
        (repository / "README.md").write_text("mine\n")
        driven.submit(ops.TurnInterrupt())
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        await driven.do(UNDO)
        assert texts(repository) == {}
        assert (repository / "README.md").read_text() == "mine\n"


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
async def test_modes_links_and_renamed_files_come_back_and_go_again(repository: Path) -> None:
    secret = repository / "key.txt"
    secret.write_text("k\n")
    secret.chmod(0o600)
    (repository / "link").symlink_to("README.md")
    script = "rm key.txt; ln -sfn src link; chmod 750 src/app.py; mv README.md READ.me; chmod 600 READ.me"
    async with open_here(repository, [{"calls": [bash(script)]}, {"text": "Done."}], can_ask=True) as driven:
        await accepted_turn(driven)
        await driven.do(UNDO)
        assert (secret.read_text(), secret.stat().st_mode & 0o777) == ("k\n", 0o600)
        assert (repository / "link").readlink() == Path("README.md")
        assert (repository / "src" / "app.py").stat().st_mode & 0o777 == 0o644
        assert not (repository / "READ.me").exists()
        await driven.do(REDO)
        assert not secret.exists()
        assert (repository / "link").readlink() == Path("src")
        assert (repository / "src" / "app.py").stat().st_mode & 0o777 == 0o750
        assert (repository / "READ.me").stat().st_mode & 0o777 == 0o600


async def test_a_preview_is_refused_while_a_turn_runs(repository: Path) -> None:
    async with open_here(repository, [{"text": "Wait", "hold": True}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        with pytest.raises(UsageError, match="still running"):
            await driven.session.rewind.preview(UNDO)
        driven.submit(ops.TurnInterrupt())


@pytest.mark.skipif(os.name == "nt", reason="a shell of POSIX")
async def test_a_commit_of_the_agents_stays_and_that_is_told(repository: Path) -> None:
    script = "echo new > a.txt; git add a.txt; git commit -qm agent; echo more >> README.md"
    async with open_here(repository, [{"calls": [bash(script)]}, {"text": "Done."}], can_ask=True) as driven:
        await accepted_turn(driven)
        assert (repository / ".git" / "logs" / "HEAD").read_text().count("\n") == 2
        await driven.do(UNDO)
        assert texts(repository) == {}
        assert "more" not in (repository / "README.md").read_text()
        (run,) = driven.runs
        assert run.result is not None
        if run.result.metadata.get("is_confined"):
            assert [notice.code for notice in driven.notices][-2:] == ["undone", "git_kept"]


@pytest.mark.skipif(sys.platform != "linux", reason="file names of any bytes")
async def test_files_come_back_whose_names_no_text_can_carry(repository: Path) -> None:
    odd = repository / os.fsdecode(b"odd \xff name")
    odd.write_text("mine\n")
    script = "printf new > $(printf 'new\\377name'); rm odd*"
    async with open_here(repository, [{"calls": [bash(script)]}, {"text": "Done."}], can_ask=True) as driven:
        before = sorted(path.name for path in repository.iterdir())
        await accepted_turn(driven)
        assert not odd.exists()
        await driven.do(UNDO)
        assert sorted(path.name for path in repository.iterdir()) == before
        assert odd.read_text() == "mine\n"


async def test_a_turn_of_several_steps_that_was_killed_goes_back_to_any_of_them(repository: Path) -> None:
    async with open_here(repository, THREE_STEPS) as driven:
        await driven.turn()
        envelopes = driven.stored()
    place = [at for at, found in enumerate(envelopes) if isinstance(found.event, ev.StepCompleted)][2]
    (driven.state / LOG_NAME).unlink()
    log = Log(driven.state / LOG_NAME)
    for envelope in envelopes[:place]:
        log.append(envelope)
    log.close()
    async with open_here(repository, [], resume="last") as driven:
        await driven.do(step_points(driven)[3])
        assert texts(repository) == TWO
        await driven.do(UNDO)
        assert texts(repository) == {}
        await driven.do(REDO)
        assert texts(repository) == TWO
