"""Undo end to end: the files come back, and what the person wrote is never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.sessions import Driven, bash, open_driven, read, write
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.modes import Mode

SETTINGS = Settings(mode=Mode.ACCEPT)
FIRST = [{"calls": [read("README.md"), write("a.txt", "one\n"), write("README.md", "# Mine\n")]}, {"text": "Done."}]
SECOND = [{"calls": [write("a.txt", "two\n"), write("deep/b.txt", "b\n")]}, {"text": "Done."}]
THIRD = [{"text": "I see.", "expect": "undid your changes"}]


async def undo(driven: Driven) -> list[ev.Event]:
    return await driven.do(ops.CheckpointRestore())


async def test_there_is_nothing_to_undo_at_first(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.turn()
        (notice,) = await undo(driven)
        assert isinstance(notice, ev.Notice)
        assert (notice.level, notice.text) == (ev.NoticeLevel.ERROR, "There is nothing to undo.")


async def test_one_turn_is_undone_and_the_model_is_told(repository: Path) -> None:
    readme = (repository / "README.md").read_bytes()
    async with open_driven(repository, [*FIRST, *THIRD], settings=SETTINGS) as driven:
        await driven.turn()
        assert len(driven.session.transcript.undoable) == 1
        await undo(driven)
        assert not (repository / "a.txt").exists()
        assert (repository / "README.md").read_bytes() == readme
        assert driven.session.transcript.undoable == []
        assert (await driven.turn("and now?")).stop_reason is ev.StopReason.END_TURN


async def test_two_turns_are_undone_one_after_the_other(repository: Path) -> None:
    async with open_driven(repository, [*FIRST, *SECOND], settings=SETTINGS) as driven:
        await driven.turn()
        await driven.turn()
        await undo(driven)
        assert (repository / "a.txt").read_text() == "one\n"
        assert not (repository / "deep").exists()
        await undo(driven)
        assert not (repository / "a.txt").exists()
        assert (await undo(driven))[-1].type == "notice"


async def test_two_turns_are_undone_at_once_but_not_what_the_person_did_between(repository: Path) -> None:
    async with open_driven(repository, [*FIRST, *SECOND], settings=SETTINGS) as driven:
        await driven.turn()
        (repository / "src" / "app.py").write_text("mine\n")
        await driven.turn()
        first = driven.session.transcript.undoable[0]
        await driven.do(ops.CheckpointRestore(checkpoint_id=first))
        assert not (repository / "a.txt").exists()
        assert (repository / "src" / "app.py").read_text() == "mine\n"
        assert driven.session.transcript.undoable == []


async def test_a_later_change_of_the_persons_stands_in_the_way_and_is_kept(repository: Path) -> None:
    async with open_driven(repository, FIRST, settings=SETTINGS) as driven:
        await driven.turn()
        (repository / "a.txt").write_text("one, and mine\n")
        (notice,) = await undo(driven)
        assert isinstance(notice, ev.Notice)
        assert "a.txt" in notice.text
        assert (repository / "a.txt").read_text() == "one, and mine\n"
        assert (repository / "README.md").read_text() == "# Mine\n"
        assert len(driven.session.transcript.undoable) == 1
        (repository / "a.txt").write_text("one\n")
        await undo(driven)
        assert not (repository / "a.txt").exists()


async def test_what_the_person_did_elsewhere_since_is_left_alone(repository: Path) -> None:
    async with open_driven(repository, FIRST, settings=SETTINGS) as driven:
        await driven.turn()
        (repository / "mine.txt").write_text("mine\n")
        (repository / "src" / "app.py").write_text("mine too\n")
        await undo(driven)
        assert (repository / "mine.txt").read_text() == "mine\n"
        assert (repository / "src" / "app.py").read_text() == "mine too\n"
        assert not (repository / "a.txt").exists()


async def test_the_effects_of_commands_are_undone_too(repository: Path) -> None:
    settings = Settings(mode=Mode.ACCEPT, allow_shell=True)
    steps = [{"calls": [bash("rm README.md; mkdir made; echo x > made/x; chmod +x src/app.py")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=settings, can_ask=False) as driven:
        await driven.turn()
        assert not (repository / "README.md").exists()
        await undo(driven)
        assert (repository / "README.md").read_text() == "# Shop\n\nA small shop.\n"
        assert not (repository / "made").exists()
        assert not (repository / "src" / "app.py").stat().st_mode & 0o111


async def test_an_interrupted_turn_can_be_undone(repository: Path) -> None:
    steps = [{"calls": [write("a.txt", "one\n")]}, {"text": "Wait", "hold": True}]
    async with open_driven(repository, steps, settings=SETTINGS) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta, lambda event: event.text.startswith("Wait"))
        driven.submit(ops.TurnInterrupt())
        driven.submit(ops.TurnInterrupt())
        await driven.until(ev.TurnCompleted)
        driven.submit(ops.TurnInterrupt())
        await undo(driven)
        assert not (repository / "a.txt").exists()


async def test_nothing_begins_while_files_are_brought_back(repository: Path) -> None:
    async with open_driven(repository, FIRST, settings=SETTINGS) as driven:
        await driven.turn()
        driven.submit(ops.CheckpointRestore())
        for op in (ops.TurnStart(text="a"), ops.TurnSteer(text="b"), ops.TurnFollowUp(text="c"), ops.ContextCompact()):
            with pytest.raises(UsageError, match="still running"):
                driven.submit(op)
        await driven.session.wait_idle()
        assert not (repository / "a.txt").exists()


async def test_an_undo_is_refused_while_a_turn_runs(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Wait", "hold": True}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        with pytest.raises(UsageError, match="still running"):
            driven.submit(ops.CheckpointRestore())
        driven.submit(ops.TurnInterrupt())


async def test_a_resumed_session_undoes_what_an_earlier_one_did(repository: Path) -> None:
    async with open_driven(repository, [*FIRST, *SECOND], settings=SETTINGS) as driven:
        await driven.turn()
        await driven.turn()
    async with open_driven(repository, [], settings=SETTINGS, resume="last") as driven:
        await undo(driven)
        assert (repository / "a.txt").read_text() == "one\n"
    async with open_driven(repository, [], settings=SETTINGS, resume="last") as driven:
        assert len(driven.session.transcript.undoable) == 1
        (repository / "a.txt").write_text("mine\n")
        await undo(driven)
        assert (repository / "a.txt").read_text() == "mine\n"


async def test_undo_works_in_a_folder_without_git(workspace_folder: Path) -> None:
    async with open_driven(workspace_folder, FIRST, settings=SETTINGS) as driven:
        await driven.turn()
        await undo(driven)
        assert list(workspace_folder.iterdir()) == []
