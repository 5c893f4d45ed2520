"""Runs whose changes were taken back: the conversation, the tool log and every document say so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.faces.documents.formats import Format
from trashclaw.faces.documents.writing import pieces
from trashclaw.faces.plain.saying import entry_lines
from trashclaw.faces.tui.screens.replay import ReplayScreen
from trashclaw.faces.tui.widgets.tool_log import ToolLog
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.faces.wording.outcomes import outcome
from trashclaw.protocol import ops
from trashclaw.protocol.ids import CallId, HunkId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.session.transcript import fold
from trashclaw.workspace.diff import make_change, make_patch

OLD = "".join(f"line {number}\n" for number in range(1, 31))
NEW = OLD.replace("line 5\n", "five\n").replace("line 20\n", "twenty\n")
READS: dict[str, Any] = {"calls": [{"name": "read_file", "arguments": {"path": "numbers.txt"}}]}
WRITES: dict[str, Any] = {"calls": [{"name": "write_file", "arguments": {"path": "numbers.txt", "content": NEW}}]}
STEPS = (READS, WRITES, {"text": "Written."}, {"text": "Another."})


def run_of(play: Play) -> ToolRun:
    return next(one for one in play.transcript.entries if isinstance(one, ToolRun) and one.patch is not None)


def line_of(play: Play, widget: type[TranscriptPane | ToolLog] = TranscriptPane) -> str:
    """Return the line of the run that wrote, in a pane."""
    pane = play.app.screen.query_one(widget)
    rows = [strip.text for at in range(pane.line_count) if (strip := pane.strip_at(at)) is not None]
    return next(row for row in rows if "write numbers.txt" in row or "edit numbers.txt" in row)


async def revert(play: Play, *hunk_ids: str) -> None:
    named = tuple(HunkId(hunk_id) for hunk_id in hunk_ids)
    before = len(play.transcript.reverts)
    play.app.submit(ops.HunksRevert(item_id=run_of(play).item_id, hunk_ids=named))
    await play.until(lambda: len(play.transcript.reverts) > before)


@pytest.fixture
def numbers(repository: Path) -> Path:
    path = repository / "numbers.txt"
    path.write_text(OLD)
    return path


async def written(play: Play) -> None:
    await play.say("write it")
    await play.idle()
    await play.until(lambda: "landed" in line_of(play))


@pytest.mark.usefixtures("numbers")
async def test_the_line_tells_what_was_taken_back_and_what_came_back(stage: Stage) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await written(play)
        await revert(play, "1")
        await play.until(lambda: "1 of 2 reverted" in line_of(play))
        assert "1 of 2 reverted" in line_of(play, ToolLog)
        await revert(play, "2")
        await play.until(lambda: "1 of 2" not in line_of(play) and "reverted" in line_of(play))
        assert "landed" not in line_of(play)
        await revert(play, "1", "2")
        await play.until(lambda: "landed" in line_of(play))
        assert "reverted" not in line_of(play)


@pytest.mark.usefixtures("numbers")
async def test_a_revert_that_was_undone_is_none(stage: Stage) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await written(play)
        await revert(play, "2")
        await play.until(lambda: "1 of 2 reverted" in line_of(play))
        play.app.submit(ops.CheckpointRestore())
        await play.until(lambda: "landed" in line_of(play))


@pytest.mark.usefixtures("numbers")
async def test_an_opened_run_says_which_lines(stage: Stage) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await written(play)
        await revert(play, "2")
        await play.until(lambda: "1 of 2 reverted" in line_of(play))
        play.app.screen.query_one(TranscriptPane).toggle(run_of(play).item_id)
        await play.until(lambda: "reverted: numbers.txt, line 17" in play.text())


@pytest.mark.usefixtures("numbers")
async def test_it_is_still_told_after_a_resume_and_in_a_replay(stage: Stage) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await written(play)
        await revert(play, "1")
        await play.until(lambda: "1 of 2 reverted" in line_of(play))
        session_id = play.session.session_id
        await play.say("/new")
        await play.until(lambda: play.session.session_id != session_id)
        await play.say(f"/resume {session_id}")
        await play.until(lambda: play.session.session_id == session_id)
        await play.until(lambda: "1 of 2 reverted" in line_of(play))
        await play.say("/replay")
        await play.until(lambda: isinstance(play.app.screen, ReplayScreen))
        await play.pilot.press("end")
        await play.until(lambda: "1 of 2 reverted" in line_of(play))
        assert "1 of 2 reverted" in line_of(play, ToolLog)
        await play.pilot.press("left", "left")
        await play.until(lambda: "reverted" not in line_of(play))


@pytest.mark.usefixtures("numbers")
async def test_documents_and_plain_lines_say_it(stage: Stage) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await written(play)
        await revert(play, "1")
        session_id = play.session.session_id
        events = list(play.session.library.envelopes(session_id))
        markdown = "".join(pieces(Format.MARKDOWN, session_id, events))
        assert "1 of 2 reverted" in markdown
        assert "> reverted: numbers.txt, line 2\n" in markdown
        page = "".join(pieces(Format.HTML, session_id, events))
        assert "1 of 2 reverted" in page
        assert page.count("line 2, reverted<") == 1
        assert "line 17<" in page
        known = fold(events)
        run = run_of(play)
        said = "\n".join(entry_lines(run, known.reverted(run.item_id)))
        assert "1 of 2 reverted" in said
        assert "  reverted: numbers.txt, line 2" in said


def made(landed: int, exit_code: int | None = None, **metadata: Any) -> ToolRun:
    """Return a run that proposed three hunks, of which so many landed."""
    call = ToolCall(call_id=CallId("call"), name="bash")
    patch = make_patch(make_change(path, "old\n", "new\n", "0") for path in ("a", "b", "c"))
    named = [hunk.hunk_id for hunk in patch.hunks][:landed]
    result = ToolResult(
        call_id=call.call_id,
        status=ToolStatus.DONE,
        text="",
        exit_code=exit_code,
        metadata={"landed": named, **metadata},
    )
    return ToolRun(
        item_id=ItemId("item"),
        call=call,
        title="run",
        tool_kind=ToolKind.EXECUTE,
        status=ToolStatus.DONE,
        patch=patch,
        result=result,
    )


@pytest.mark.parametrize(
    ("run", "out", "words"),
    [
        (made(3), {"1", "2", "3"}, "reverted"),
        (made(3), {"2"}, "1 of 3 reverted"),
        (made(2), {"2"}, "2 of 3 landed, 1 of 2 reverted"),
        (made(2), {"3"}, "2 of 3 landed"),
        (made(3, 0, effects={"proposed": 3, "landed": 3}), {"1", "2", "3"}, "3 files changed, reverted"),
        (made(3, 1, effects={"proposed": 3, "landed": 3}), {"1"}, "exit 1, 3 files changed, 1 of 3 reverted"),
    ],
)
def test_the_words_for_a_part(run: ToolRun, out: set[str], words: str) -> None:
    assert outcome(run, is_waiting=False, reverted={HunkId(one) for one in out}) == words
