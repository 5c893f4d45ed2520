"""Reverting hunks that landed: real files, real git, real log, and whatever happened to the files in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.sessions import Driven, bash, edit, open_driven, read, write
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Verdict
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode

ACCEPT = Settings(mode=Mode.ACCEPT)
NUMBERS = [f"line {number}\n" for number in range(1, 31)]
OLD = "".join(NUMBERS)
NEW = OLD.replace("line 5\n", "five\n").replace("line 20\n", "twenty\ntwenty and a half\n")
WRITES = [{"calls": [write("new.txt", OLD)]}, {"text": "Made."}]
EDITS = [{"calls": [read("numbers.txt"), write("numbers.txt", NEW)]}, {"text": "Done."}]
AGAIN = [{"text": "I see.", "expect": "reverted a part of your changes"}]


@pytest.fixture
def numbers(repository: Path) -> Path:
    path = repository / "numbers.txt"
    path.write_text(OLD)
    return path


def edited(driven: Driven) -> ToolRun:
    return [run for run in driven.runs if run.patch is not None][-1]


async def revert(driven: Driven, *hunk_ids: str, run: ToolRun | None = None) -> list[ev.Event]:
    named = tuple(HunkId(hunk_id) for hunk_id in hunk_ids)
    return await driven.do(ops.HunksRevert(item_id=(run or edited(driven)).item_id, hunk_ids=named))


def error_of(events: list[ev.Event]) -> str:
    (notice,) = [event for event in events if isinstance(event, ev.Notice)]
    assert notice.level is ev.NoticeLevel.ERROR
    return notice.text


async def test_one_hunk_goes_out_and_the_model_is_told(numbers: Path) -> None:
    async with open_driven(numbers.parent, [*EDITS, *AGAIN], settings=ACCEPT) as driven:
        await driven.turn()
        events = await revert(driven, "1")
        assert numbers.read_text() == NEW.replace("five\n", "line 5\n")
        assert [event.type for event in events] == [
            "checkpoint.created",
            "hunks.reverted",
            "checkpoint.created",
            "notice",
        ]
        assert driven.session.transcript.reverted(edited(driven).item_id) == {"1"}
        assert (await driven.turn("and?")).stop_reason is ev.StopReason.END_TURN


async def test_a_revert_of_a_revert_brings_it_back(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        await revert(driven, "1", "2")
        assert numbers.read_text() == OLD
        await revert(driven, "2")
        assert numbers.read_text() == OLD.replace("line 20\n", "twenty\ntwenty and a half\n")
        await revert(driven, "1")
        assert numbers.read_text() == NEW
        assert driven.session.transcript.reverted(edited(driven).item_id) == frozenset()


async def test_of_some_in_and_some_out_those_that_are_in_go_out(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        await revert(driven, "1")
        await revert(driven, "1", "2")
        assert numbers.read_text() == OLD


async def test_it_is_still_reverted_after_a_resume(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        await revert(driven, "1")
        session_id, item_id = driven.session.session_id, edited(driven).item_id
    told = [{"text": "I see.", "expect": "Changed outside since you read them: numbers.txt"}]
    async with open_driven(numbers.parent, told, settings=ACCEPT, resume=session_id) as driven:
        assert driven.session.transcript.reverted(item_id) == {"1"}
        await driven.do(ops.HunksRevert(item_id=item_id, hunk_ids=(HunkId("1"),)))
        assert numbers.read_text() == NEW
        await driven.do(ops.HunksRevert(item_id=item_id, hunk_ids=(HunkId("1"),)))
        await driven.turn("and?")


async def test_undo_takes_the_revert_back_and_then_the_turn(numbers: Path) -> None:
    steps = [*EDITS, {"text": "I see.", "expect": "took back what they had reverted themselves"}]
    async with open_driven(numbers.parent, steps, settings=ACCEPT) as driven:
        await driven.turn()
        await revert(driven, "2")
        item_id = edited(driven).item_id
        await driven.do(ops.CheckpointRestore())
        assert numbers.read_text() == NEW
        assert driven.session.transcript.reverted(item_id) == frozenset()
        await driven.do(ops.CheckpointRestore(is_redo=True))
        assert numbers.read_text() == NEW.replace("twenty\ntwenty and a half\n", "line 20\n")
        assert driven.session.transcript.reverted(item_id) == {"2"}
        await driven.do(ops.CheckpointRestore())
        await driven.turn("and?")
        await driven.do(ops.CheckpointRestore())
        assert numbers.read_text() == OLD


async def test_it_adds_no_place_to_rewind_to(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        before = [point.item_id for point in driven.session.rewind.points()]
        await revert(driven, "1")
        assert [point.item_id for point in driven.session.rewind.points()] == before


async def test_it_finds_its_lines_after_a_later_turn_and_after_the_person(numbers: Path) -> None:
    later = [{"calls": [edit("numbers.txt", "line 1\n", "zero\none\n")]}, {"text": "Done."}]
    async with open_driven(numbers.parent, [*EDITS, *later], settings=ACCEPT) as driven:
        await driven.turn()
        run = edited(driven)
        await driven.turn()
        numbers.write_text("mine\n" + numbers.read_text() + "mine too\n")
        await revert(driven, "2", run=run)
        wanted = NEW.replace("line 1\n", "zero\none\n", 1).replace("twenty\ntwenty and a half\n", "line 20\n")
        assert numbers.read_text() == f"mine\n{wanted}mine too\n"


async def test_lines_that_were_changed_since_stay_as_they_are(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        numbers.write_text(NEW.replace("five\n", "five, says the person\n"))
        before = numbers.read_bytes()
        assert "not as they landed any more" in error_of(await revert(driven, "1"))
        assert "not as they landed any more" in error_of(await revert(driven, "1", "2"))
        assert numbers.read_bytes() == before
        assert len(driven.session.transcript.undoable) == 1


async def test_lines_alike_are_told_apart_by_the_way_they_went(repository: Path) -> None:
    one = "def f():\n    return 1\n\n\n"
    two = one.replace("1", "2")
    (repository / "alike.py").write_text(one * 6)
    first = [{"calls": [read("alike.py"), write("alike.py", one * 3 + two + one * 2)]}, {"text": "Done."}]
    second = [{"calls": [write("alike.py", "import os\n" + one + two + one + two + one * 2)]}, {"text": "Done."}]
    async with open_driven(repository, [*first, *second], settings=ACCEPT) as driven:
        await driven.turn()
        run = edited(driven)
        await driven.turn()
        await revert(driven, "1", run=run)
        assert (repository / "alike.py").read_text() == "import os\n" + one + two + one * 4
        await revert(driven, "1", run=run)
        assert (repository / "alike.py").read_text() == "import os\n" + one + two + one + two + one * 2


async def test_lines_alike_that_somebody_moved_are_refused(repository: Path) -> None:
    block = "def f():\n    return 1\n\n\n"
    two = block.replace("1", "2")
    (repository / "alike.py").write_text(block * 3)
    steps = [{"calls": [read("alike.py"), write("alike.py", block + two + block)]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=ACCEPT) as driven:
        await driven.turn()
        (repository / "alike.py").write_text((block + two + block) * 2)
        assert "several places" in error_of(await revert(driven, "1"))
        assert (repository / "alike.py").read_text() == (block + two + block) * 2


async def test_a_new_file_goes_and_comes_again(repository: Path) -> None:
    async with open_driven(repository, WRITES, settings=ACCEPT) as driven:
        await driven.turn()
        await revert(driven, "1")
        assert not (repository / "new.txt").exists()
        await revert(driven, "1")
        assert (repository / "new.txt").read_text() == OLD
        (repository / "new.txt").write_text(OLD + "mine\n")
        assert "changed since" in error_of(await revert(driven, "1"))
        assert (repository / "new.txt").read_text() == OLD + "mine\n"


async def test_only_what_was_accepted_can_be_reverted(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=Settings(mode=Mode.REVIEW)) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer(Verdict.ACCEPTED, hunk_ids=(HunkId("2"),))
        await driven.until(ev.TurnCompleted)
        await driven.session.wait_idle()
        assert "did not land" in error_of(await revert(driven, "1"))
        await revert(driven, "2")
        assert numbers.read_text() == OLD


async def test_what_lines_do_not_say_is_refused(repository: Path) -> None:
    (repository / "README.md").chmod(0o644)
    steps = [{"calls": [bash("mv README.md LIESMICH.md && head -c 64 /dev/zero > zeros.bin")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=ACCEPT) as driven:
        await driven.turn()
        run = edited(driven)
        assert run.patch is not None
        for hunk in run.patch.hunks:
            assert "cannot be reverted by itself" in error_of(await revert(driven, hunk.hunk_id))
        assert (repository / "LIESMICH.md").exists()


async def test_it_waits_for_no_running_turn(numbers: Path) -> None:
    async with open_driven(numbers.parent, [*EDITS, *EDITS], settings=Settings(mode=Mode.REVIEW)) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        with pytest.raises(UsageError, match="still running"):
            driven.submit(ops.HunksRevert(item_id=asked.request.item_id, hunk_ids=(HunkId("1"),)))
        driven.submit(ops.TurnInterrupt())
        await driven.until(ev.TurnCompleted)


async def test_killed_between_the_landing_and_its_event_it_is_marked_later(numbers: Path) -> None:
    """A log without the event, and the lines already out: to revert them once more says so, and marks them."""
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        numbers.write_text(NEW.replace("five\n", "line 5\n"))
        events = await revert(driven, "1")
        assert [event.type for event in events] == ["hunks.reverted", "notice"]
        assert driven.session.transcript.reverted(edited(driven).item_id) == {"1"}
        assert len(driven.session.transcript.undoable) == 1


async def test_a_landing_that_fails_leaves_everything(numbers: Path) -> None:
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        numbers.chmod(0o444)
        assert "read-only" in error_of(await revert(driven, "1"))
        numbers.chmod(0o644)
        assert numbers.read_text() == NEW
        assert len(driven.session.transcript.undoable) == 1


async def test_a_secret_in_the_lines_comes_back_itself(repository: Path) -> None:
    token = "ghp_" + "a1B2c3D4e5F6g7H8i9J0" + "k1L2m3N4o5P6q7R8"
    (repository / "conf.py").write_text(f'first = 1\ntoken = "{token}"\nlast = 2\n')
    steps = [{"calls": [read("conf.py"), edit("conf.py", "first = 1\n", "first = 3\n")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=ACCEPT) as driven:
        await driven.turn()
        assert token not in edited(driven).model_dump_json()
        events = await revert(driven, "1")
        assert (repository / "conf.py").read_text() == f'first = 1\ntoken = "{token}"\nlast = 2\n'
        assert all(token not in event.model_dump_json() for event in events)
        session_id, item_id = driven.session.session_id, edited(driven).item_id
    async with open_driven(repository, [{"text": "Hi."}], settings=ACCEPT, resume=session_id) as driven:
        before = (repository / "conf.py").read_bytes()
        assert "not known" in error_of(await driven.do(ops.HunksRevert(item_id=item_id, hunk_ids=(HunkId("1"),))))
        assert (repository / "conf.py").read_bytes() == before


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(st.tuples(st.integers(0, 13), st.sampled_from(["change", "insert", "remove"])), max_size=4),
    hunk_id=st.sampled_from(["1", "2"]),
)
async def test_after_edits_elsewhere_exactly_those_lines_come_back(
    numbers: Path, edits: list[tuple[int, str]], hunk_id: str
) -> None:
    """Whatever the person did to the lines between and behind the hunks, a revert touches none of it."""
    numbers.write_text(OLD)
    before = {"1": ("line 5\n", "five\n"), "2": ("line 20\n", "twenty\ntwenty and a half\n")}
    async with open_driven(numbers.parent, EDITS, settings=ACCEPT) as driven:
        await driven.turn()
        lines = NEW.splitlines(keepends=True)
        safe = [line for line in lines if line.startswith("line ")]
        for place, what in edits:
            line = safe[place]
            if line in lines:
                at = lines.index(line)
                lines[at : at + 1] = {"change": [f"mine {place}\n"], "insert": [f"new {place}\n", line], "remove": []}[
                    what
                ]
        numbers.write_text("".join(lines))
        old, new = before[hunk_id]
        await revert(driven, hunk_id)
        text = "".join(lines)
        assert numbers.read_text() in (text.replace(new, old), text)
        if not edits:
            assert numbers.read_text() == NEW.replace(new, old)
