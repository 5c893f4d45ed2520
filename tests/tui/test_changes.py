"""The changes that landed: looked through by change, turn and session, and hunks reverted and brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.change_log import ChangeLog, Span, joined_change
from trashclaw.faces.tui.screens.review import ReviewScreen
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.file_list import FileList
from trashclaw.protocol import ops
from trashclaw.protocol.ids import CallId, HunkId, ItemId
from trashclaw.protocol.items import ToolRun, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import ChangeKind, Patch
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.workspace.diff import make_change, make_patch

DONE = {"text": "Done."}


def write(path: str, content: str) -> dict[str, Any]:
    return {"calls": [{"name": "write_file", "arguments": {"path": path, "content": content}}]}


def landed(number: int, *paths: str) -> ToolRun:
    call = ToolCall(call_id=CallId(f"call_{number}"), name="write_file")
    patch = make_patch(make_change(path, f"old {number}\n", f"new {number}\n", "0") for path in paths)
    return ToolRun(
        item_id=ItemId(f"item_{number}"),
        call=call,
        title="write",
        status=ToolStatus.DONE,
        patch=patch,
        result=ToolResult(
            call_id=call.call_id,
            status=ToolStatus.DONE,
            text="",
            metadata={"landed": [hunk.hunk_id for hunk in patch.hunks]},
        ),
    )


def said(number: int) -> UserMessage:
    return UserMessage(item_id=ItemId(f"said_{number}"), text=f"task {number}")


def paths(log: ChangeLog) -> list[str]:
    patch = log.review().patch
    return [change.path for change in patch.changes] if patch is not None else []


def filled() -> ChangeLog:
    log = ChangeLog()
    for entry in (said(1), landed(1, "a"), landed(2, "b"), said(2), said(3), landed(3, "a", "c"), said(4)):
        log.put(entry)
    return log


def test_spans_hold_what_they_say_file_by_file() -> None:
    log = filled()
    assert (log.words(), paths(log)) == ("the last one", ["a", "c"])
    log.step_span()
    assert (log.words(), paths(log)) == ("turn 3: task 3", ["a", "c"])
    log.step_turn(-1)
    assert (log.words(), paths(log)) == ("turn 1: task 1", ["a", "b"])
    log.step_turn(-1)
    assert log.words() == "turn 1: task 1"
    log.choose(Span.SESSION)
    assert (log.words(), paths(log)) == ("this session", ["a", "b", "c"])


def test_a_file_changed_twice_is_one_row_with_its_counts_added_up() -> None:
    log = filled()
    log.choose(Span.SESSION)
    patch = log.review().patch
    assert patch is not None
    first = patch.changes[0]
    assert (first.path, first.added, first.removed) == ("a", 2, 2)
    assert [hunk.lines[-1] for hunk in first.hunks] == ["+new 1\n", "+new 3\n"], "in the order in which they landed"


@pytest.mark.parametrize(
    ("kinds", "whole"),
    [
        (("added", "modified"), "added"),
        (("modified", "deleted"), "deleted"),
        (("deleted", "added"), "modified"),
        (("renamed", "modified"), "renamed"),
    ],
)
def test_what_several_changes_are_together(kinds: tuple[str, ...], whole: str) -> None:
    changes = [
        make_change("a", None if kind == "added" else "old\n", None if kind == "deleted" else "new\n", "0").model_copy(
            update={"kind": ChangeKind(kind), "from_path": "was" if kind == "renamed" else None}
        )
        for kind in kinds
    ]
    joined = joined_change(changes)
    assert joined.kind == whole
    assert len(joined.hunks) == sum(len(change.hunks) for change in changes)
    assert joined.from_path == ("was" if whole == "renamed" else None)


def test_hunks_are_numbered_through_and_known_by_their_run() -> None:
    log = filled()
    log.choose(Span.SESSION)
    patch = log.review().patch
    assert patch is not None
    assert len(patch.hunk_ids) == 4
    assert [log.source([hunk.hunk_id]) for hunk in patch.hunks] == [
        ("item_1", ("1",)),
        ("item_3", ("1",)),
        ("item_2", ("1",)),
        ("item_3", ("2",)),
    ]


def test_what_was_reverted_is_off_and_the_place_stays() -> None:
    log = filled()
    log.review().switches.step(1)
    log.show_reverted(lambda item_id: frozenset({HunkId("2")}) if item_id == "item_3" else frozenset())
    switches = log.review().switches
    assert (switches.is_on(HunkId("1")), switches.is_on(HunkId("2"))) == (True, False)
    assert switches.current == "2"


async def two_turns(play: Play) -> DiffPane:
    for words in ("first", "second"):
        await play.say(words)
        await play.idle()
        await play.until(lambda words=words: words in play.text())
    pane = play.app.screen.query_one(DiffPane)
    await play.until(lambda: len(pane.landed.turns) == 2)
    await play.pilot.press("alt+d")
    return pane


STEPS = (write("one.txt", "one\n"), DONE, write("two.txt", "two\n"), DONE)


async def test_keys_go_through_turns_and_the_session(stage: Stage) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        pane = await two_turns(play)
        assert "two.txt" in play.text()
        await play.pilot.press("t")
        assert "turn 2: second" in str(pane.border_title)
        await play.pilot.press("comma")
        assert "turn 1: first" in str(pane.border_title)
        await play.pilot.press("t")
        assert str(pane.border_title) == "Changes, this session"
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        assert "one.txt" in play.text()
        assert "two.txt" in play.text()
        await play.pilot.press("t")
        assert "the last one" in play.text()


async def test_a_hunk_is_reverted_and_brought_back_by_key(stage: Stage, repository: Path) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await two_turns(play)
        await play.pilot.press("u")
        await play.until(lambda: "reverted" in play.text())
        assert not (repository / "two.txt").exists()
        await play.until(lambda: "u bring back" in play.text())
        await play.pilot.press("u")
        await play.until(lambda: (repository / "two.txt").exists())
        await play.until(lambda: "u revert" in play.text())


async def test_it_is_reverted_on_the_whole_screen_too(stage: Stage, repository: Path) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await two_turns(play)
        await play.say("/diff")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        await play.pilot.press("right_square_bracket", "U")
        await play.until(lambda: not (repository / "two.txt").exists())
        await play.until(lambda: "u bring back" in play.text())
        assert (repository / "one.txt").exists()
        await play.pilot.press("escape")
        await play.until(lambda: play.app.screen is play.app.main)
        assert "this session" in str(play.app.screen.query_one(DiffPane).border_title)


async def test_what_cannot_be_reverted_is_told(stage: Stage, repository: Path) -> None:
    async with stage(*STEPS, mode=Mode.ACCEPT, size=(140, 40)) as play:
        await two_turns(play)
        (repository / "two.txt").write_text("mine\n")
        await play.pilot.press("u")
        await play.until(lambda: "was changed since" in play.text())
        assert (repository / "two.txt").read_text() == "mine\n"


async def test_of_a_file_that_landed_twice_the_run_of_the_current_hunk_is_reverted(
    stage: Stage, repository: Path
) -> None:
    again = {
        "calls": [
            {"name": "edit_file", "arguments": {"path": "one.txt", "old_text": "c\n", "new_text": "see\n"}},
        ]
    }
    steps = (write("one.txt", "a\nb\nc\n"), DONE, again, DONE)
    async with stage(*steps, mode=Mode.ACCEPT, size=(140, 40)) as play:
        pane = await two_turns(play)
        await play.pilot.press("t", "t", "right_square_bracket")
        assert str(pane.border_title) == "Changes, this session"
        assert pane.review.switches.place == 2
        await play.pilot.press("U")
        await play.until(lambda: (repository / "one.txt").read_text() == "a\nb\nc\n")
        await play.until(lambda: "u bring back" in play.text())


def shown(pane: DiffPane) -> Patch:
    return pane.review.patch or Patch()


async def test_the_net_of_the_session_is_shown_by_key_and_kept_up_to_date(stage: Stage, repository: Path) -> None:
    (repository / "one.txt").write_text("zero\n")
    read = {"calls": [{"name": "read_file", "arguments": {"path": "one.txt"}}]}
    steps = (read, write("one.txt", "one\n"), DONE, write("one.txt", "two\n"), DONE, write("two.txt", "other\n"), DONE)
    async with stage(*steps, mode=Mode.ACCEPT, size=(140, 40)) as play:
        pane = await two_turns(play)
        await play.pilot.press("N")
        await play.until(lambda: str(pane.border_title) == "Changes, net of this session")
        await play.until(lambda: shown(pane).changes)
        (hunk,) = shown(pane).hunks
        assert hunk.lines == ("-zero\n", "+two\n")
        assert "N each change" in play.text()
        await play.pilot.press("u")
        await play.told("N shows the changes that landed")
        assert (repository / "one.txt").read_text() == "two\n"
        await play.say("third")
        await play.idle()
        await play.until(lambda: len(shown(pane).changes) == 2)
        await play.pilot.press("alt+d", "enter")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        assert "two.txt" in play.text()
        await play.pilot.press("N")
        await play.until(lambda: "this session" in play.text() and "net of" not in play.text())
        await play.pilot.press("N")
        await play.until(lambda: "net of this session" in play.text() and "two.txt" in play.text())
        await play.pilot.press("escape")
        play.app.submit(ops.CheckpointRestore())
        await play.until(lambda: len(shown(pane).changes) == 1)
        play.app.submit(ops.CheckpointRestore())
        await play.until(lambda: shown(pane).hunks[0].lines == ("-zero\n", "+one\n"))
        play.app.submit(ops.CheckpointRestore())
        await play.until(lambda: str(pane.border_title) == "Changes, net of this session: nothing")


def test_the_net_is_a_view_of_its_own() -> None:
    log = filled()
    log.switch_net()
    assert log.words() == "net of this session, reading"
    log.put_net(make_patch([make_change("a", "x\n", "y\n", "0"), make_change("b", "x\n", "y\n", "0")]))
    assert (log.words(), paths(log)) == ("net of this session", ["a", "b"])
    assert log.source([HunkId("1")]) is None
    log.review().switches.select_file(1)
    log.put_net(make_patch([make_change(path, "x\n", "y\n", "0") for path in ("0", "a", "b")]))
    assert log.review().switches.path == "b", "the file that was looked at stays"
    log.step_span()
    assert log.span is Span.LAST


async def test_the_list_of_files_tells_what_was_reverted_and_lists_the_hunks(stage: Stage, repository: Path) -> None:
    old = "".join(f"line {number}\n" for number in range(1, 31))
    (repository / "one.txt").write_text(old)
    new = old.replace("line 5\n", "five\n").replace("line 20\n", "twenty\n")
    read = {"calls": [{"name": "read_file", "arguments": {"path": "one.txt"}}]}
    async with stage(
        read, write("one.txt", new), DONE, write("two.txt", "two\n"), DONE, mode=Mode.ACCEPT, size=(140, 40)
    ) as play:
        await two_turns(play)
        await play.say("/diff")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        files = play.app.screen.query_one(FileList)

        def rows() -> list[str]:
            found = (files.strip_at(line) for line in range(files.line_count))
            return [" ".join(strip.text.split()) for strip in found if strip is not None]

        assert rows() == ["one.txt +2 -2", "line 2 +1 -1", "line 17 +1 -1", "two.txt new +1 -0"]
        await play.pilot.press("right_square_bracket", "u")
        await play.until(lambda: "line 17 reverted +1 -1" in rows())
        assert rows()[0] == "one.txt 1 of 2 reverted +2 -2"
        await play.pilot.press("U")
        await play.until(lambda: rows()[0] == "one.txt reverted +2 -2")
        assert (repository / "one.txt").read_text() == old
