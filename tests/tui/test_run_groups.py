"""Runs that only look around are one line where several follow each other; it opens, and nothing of them is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.tool_runs import ran
from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.news import shown_entries
from trashclaw.faces.tui.widgets.block import Block
from trashclaw.faces.tui.widgets.pager_pane import PagerPane
from trashclaw.faces.tui.widgets.run_group import MOST, RunGroup, grouped
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import ToolRun

NAMES = ("one.txt", "two.txt", "three.txt", "four.txt", "five.txt")
DONE = {"text": "It is done."}


def read(*names: str) -> dict[str, Any]:
    return {"calls": [{"name": "read_file", "arguments": {"path": name}} for name in names]}


@pytest.fixture(autouse=True)
def files(repository: Path) -> None:
    for number, name in enumerate(NAMES):
        (repository / name).write_text(f"content of {name}\nneedle {number}\n")


def pane_of(play: Play) -> TranscriptPane:
    return play.app.main.query_one(TranscriptPane)


def rows(play: Play) -> list[str]:
    pane = pane_of(play)
    found = [strip.text.strip() for at in range(pane.line_count) if (strip := pane.strip_at(at)) is not None]
    return [" ".join(row.split()) for row in found]


def runs(play: Play) -> list[str]:
    """Return the lines of tool runs, without their signs and times."""
    said = [row.partition(" ")[2] for row in rows(play)]
    return [row for row in said if row.startswith(("read", "grep", "searched", "$"))]


async def look_around(play: Play, words: str = "look around") -> None:
    await play.say(words)
    await play.idle()
    await play.until(lambda: any("It is done." in row for row in rows(play)))


async def test_several_reads_become_one_line_that_opens(stage: Stage) -> None:
    async with stage(*[read(name) for name in NAMES], DONE, size=(120, 40)) as play:
        await look_around(play)
        (line,) = runs(play)
        assert line.startswith("read 5 files one.txt, two.txt, three.txt, four.txt")
        await play.pilot.press("alt+k", "home", "j")
        assert isinstance(pane_of(play).blocks[pane_of(play).cursor or 0], RunGroup)
        assert "Enter open" in str(pane_of(play).border_subtitle)
        await play.pilot.press("enter")
        assert [line.split(" ")[1] for line in runs(play)] == ["5", *NAMES]
        await play.pilot.press("j", "j", "enter")
        assert any("content of two.txt" in row for row in rows(play))
        await play.pilot.press("enter", "k", "k", "enter")
        assert len(runs(play)) == 1


async def test_a_run_that_is_folded_again_goes_back_and_the_cursor_to_its_group(stage: Stage) -> None:
    async with stage(read(*NAMES), DONE, size=(120, 40)) as play:
        await look_around(play)
        second = [entry for entry in play.transcript.entries if isinstance(entry, ToolRun)][1]
        await play.pilot.press("alt+k")
        pane_of(play).toggle(second.item_id)
        assert [line.split(" ")[:2] for line in runs(play)][:2] == [["read", "4"], ["read", "two.txt"]]
        await play.pilot.press("home", "j", "j", "enter")
        assert [line.split(" ")[:2] for line in runs(play)] == [["read", "5"]]
        assert isinstance(pane_of(play).blocks[pane_of(play).cursor or 0], RunGroup)


async def test_two_runs_stand_for_themselves_and_so_does_what_failed(stage: Stage) -> None:
    steps = (read("one.txt"), read("two.txt"), {"text": "Two."}, read("one.txt", "gone.txt", "two.txt"), DONE)
    async with stage(*steps, size=(120, 40)) as play:
        await play.say("first")
        await play.idle()
        await look_around(play, "second")
        lines = runs(play)
        assert [line.split(" ")[1] for line in lines] == ["one.txt", "two.txt", "2", "gone.txt"]


async def test_what_is_no_look_ends_a_group(stage: Stage) -> None:
    shell = {"calls": [{"name": "bash", "arguments": {"command": "true"}}]}
    search = {"calls": [{"name": "grep", "arguments": {"pattern": "needle"}}]}
    async with stage(read(*NAMES[:3]), shell, read("one.txt"), search, search, DONE, size=(120, 40)) as play:
        await look_around(play)
        first, command, second = runs(play)
        assert first.startswith("read 3 files")
        assert command.startswith("$ true")
        assert second.startswith("read 1 file, searched 2 times one.txt")


async def test_the_newest_run_stands_for_itself_until_something_else_comes(stage: Stage) -> None:
    async with stage(*[read(name) for name in NAMES], DONE, size=(120, 40)) as play:
        await look_around(play)
        live = shown_entries(play.transcript)
        last = max(place for place, (entry, _) in enumerate(live) if isinstance(entry, ToolRun))
        pane = pane_of(play)
        heights = []
        for end in range(2, last + 2):
            pane.load(live[:end])
            heights.append(pane.line_count)
        assert heights == sorted(heights), "it never gets shorter"
        assert [line.split(" ")[1] for line in runs(play)] == ["4", "five.txt"]
        before = pane.line_count
        for entry, is_done in live[last + 1 :]:
            pane.show_entry(entry, is_done=is_done)
        assert pane.line_count > before
        assert [line.split(" ")[1] for line in runs(play)] == ["5"]


async def test_it_looks_the_same_live_and_loaded(stage: Stage) -> None:
    steps = (read(*NAMES[:4]), {"text": "Now more.", **read("one.txt")}, read("gone.txt"), *map(read, NAMES), DONE)
    async with stage(*steps, size=(120, 40)) as play:
        await look_around(play)
        live = rows(play)
        pane_of(play).load(shown_entries(play.transcript), play.transcript.failures)
        await play.pilot.pause()
        assert rows(play) == live


async def test_the_search_finds_and_opens_what_is_folded(stage: Stage) -> None:
    async with stage(read(*NAMES), DONE, size=(120, 40)) as play:
        await look_around(play)
        await play.pilot.press("ctrl+s")
        pane_of(play)._look_for("needle 2")
        await play.until(lambda: "1 of 1" in play.text())
        assert any("needle 2" in row for row in rows(play))
        assert [line.split(" ")[1] for line in runs(play)][:2] == ["4", "three.txt"]
        current = pane_of(play).blocks[pane_of(play).cursor or 0].entry
        assert isinstance(current, ToolRun) and "three.txt" in current.title


async def test_all_of_a_group_is_copied(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    async with stage(read(*NAMES), DONE, size=(120, 40)) as play:
        monkeypatch.setattr(play.app.block_wishes, "copy", lambda message: copied.append(message.text))
        await look_around(play)
        await play.pilot.press("alt+k", "home", "j", "c")
        await play.until(lambda: copied)
        assert [name in copied[0] for name in NAMES] == [True] * 5
        assert "needle 4" in copied[0]


async def test_all_tool_output_opens_groups_too(stage: Stage) -> None:
    async with stage(read(*NAMES), DONE, size=(120, 40)) as play:
        await look_around(play)
        folded = rows(play)
        await play.pilot.press("ctrl+o")
        await play.until(lambda: sum("needle" in row for row in rows(play)) == 5)
        await play.pilot.press("ctrl+o")
        await play.until(lambda: rows(play) == folded)


async def test_the_first_block_that_is_seen_is_the_first_for_the_cursor(stage: Stage) -> None:
    async with stage(DONE) as play:
        pane = pane_of(play)
        pane.load([(ran("read_file", {"path": "one.txt"}).model_copy(update={"item_id": ItemId("1")}), True)])
        await play.pilot.press("alt+k", "home")
        assert not isinstance(pane.blocks[pane.cursor or 0], RunGroup), "it has no row yet"
        assert "Enter open" in str(pane.border_subtitle)


async def test_when_all_are_folded_the_cursor_goes_to_the_group_of_its_run(stage: Stage) -> None:
    async with stage(read(*NAMES), DONE, size=(120, 40)) as play:
        await look_around(play)
        await play.pilot.press("ctrl+o", "alt+k", "home", "j", "j", "j")
        pane = pane_of(play)
        assert isinstance(pane.blocks[pane.cursor or 0].entry, ToolRun)
        assert not isinstance(pane.blocks[pane.cursor or 0], RunGroup)
        await play.pilot.press("ctrl+o")
        assert isinstance(pane.blocks[pane.cursor or 0], RunGroup)
        assert "Enter open" in str(pane.border_subtitle)


async def test_the_pager_has_every_run(stage: Stage) -> None:
    async with stage(read(*NAMES), DONE, size=(120, 60)) as play:
        await look_around(play)
        await play.pilot.press("ctrl+t")
        await play.until(lambda: play.app.screen.query(PagerPane))
        pane = play.app.screen.query_one(PagerPane)
        await play.until(lambda: pane.line_count)
        assert "read 5 files" not in play.text()
        assert [f"read {name}" in play.text() for name in NAMES] == [True] * 5
        assert play.text().count("\n\n") == 0


def test_a_group_has_a_bound() -> None:
    blocks: list[Block] = []
    for number in range(2 * MOST + 5):
        block = Block(
            ran("read_file", {"path": f"{number}.py"}).model_copy(update={"item_id": ItemId(str(number))}), True
        )
        if (group := grouped(block, blocks)) is not None:
            blocks.append(group)
        blocks.append(block)
    groups = [block for block in blocks if isinstance(block, RunGroup)]
    assert [len(group.members) for group in groups] == [MOST, MOST, 5]
    assert [group.is_over for group in groups] == [True, True, False]


async def test_what_is_hidden_is_not_gone_through_again(stage: Stage) -> None:
    async with stage(DONE, size=(120, 40)) as play:
        pane = pane_of(play)
        for number in range(5 * MOST + 5):
            run = ran("read_file", {"path": f"{number}.py"}).model_copy(update={"item_id": ItemId(str(number))})
            pane.show_entry(run, is_done=True)
        assert pane.line_count == 7
        pane.load([(block.entry, True) for block in pane.blocks if not isinstance(block, RunGroup)])
        assert pane.line_count == 7
        assert pane.drawn_count < MOST
