"""Where things stand: wide, narrow, tiny, alone."""

from __future__ import annotations

import pytest

from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui.widgets.diff_pane import DiffPane
from trashclaw.faces.tui.widgets.plan_pane import PlanPane
from trashclaw.faces.tui.widgets.tool_log import ToolLog
from trashclaw.faces.tui.widgets.transcript import TranscriptPane

DONE = {"text": "Done."}


def shown(play) -> set[str]:
    """The panes that have room on the screen."""
    kinds = (TranscriptPane, PlanPane, ToolLog, DiffPane)
    return {kind.__name__ for kind in kinds if play.app.screen.query_one(kind).region.area}


async def test_four_panes_stand_side_by_side_when_there_is_room(stage) -> None:
    async with stage(DONE, size=(120, 40)) as play:
        assert shown(play) == {"TranscriptPane", "PlanPane", "ToolLog", "DiffPane"}
        assert "Conversation" in play.text()


@pytest.mark.parametrize("size", [(80, 24), (60, 16), (99, 40)])
async def test_a_narrow_screen_shows_one_pane_and_the_one_that_asks_comes_forward(stage, edit, size) -> None:
    async with stage(edit, DONE, size=size) as play:
        assert shown(play) == {"TranscriptPane"}
        await play.say("be warmer")
        await play.asked()
        assert shown(play) == {"DiffPane"}
        assert "Changes ?" in play.text()
        assert "a accept" in play.text()
        await play.pilot.press("a")
        await play.idle()
        assert shown(play) == {"TranscriptPane"}
        assert "Done." in play.text()


async def test_a_name_that_stands_in_the_tabs_is_not_told_twice(stage, edit) -> None:
    plan = {"name": "update_plan", "arguments": {"entries": [{"text": "look", "status": "completed"}]}}
    async with stage({"calls": [plan]}, edit, DONE, size=(80, 24)) as play:
        assert play.text().count("Conversation") == 1
        await play.say("be warmer")
        await play.asked()
        assert "Change src/app.py?  hunk 1 of 1" in play.text()
        await play.pilot.press("a")
        await play.idle()
        titles = {pane.id: str(pane.border_title) for pane in play.app.screen.query("#body #plan, #tools, #changes")}
        assert titles == {"plan": "1/1", "tools": "2", "changes": "the last one"}
        await play.pilot.resize_terminal(120, 40)
        await play.until(lambda: "Plan  1/1" in play.text() and "Changes, the last one" in play.text())


async def test_panes_are_walked_through_by_a_key(stage) -> None:
    async with stage(DONE, size=(80, 24)) as play:
        await play.pilot.press("f6", "f6")
        assert shown(play) == {"PlanPane"}
        await play.pilot.press("f6")
        assert shown(play) == {"ToolLog"}
        await play.pilot.press("f6", "f6")
        assert play.app.screen.query_one("#prompt").has_focus


async def test_a_tab_is_chosen_with_the_mouse(stage) -> None:
    async with stage(DONE, size=(80, 24)) as play:
        await play.pilot.click("#tabs", offset=(18, 0))
        assert shown(play) == {"PlanPane"}


async def test_a_pane_is_shown_alone_and_with_the_others_again(stage) -> None:
    async with stage(DONE) as play:
        play.app.screen.query_one(ToolLog).focus()
        await play.pilot.press("ctrl+f")
        assert shown(play) == {"ToolLog"}
        await play.pilot.press("ctrl+f")
        assert len(shown(play)) == 4


async def test_the_side_is_hidden_until_something_waits_there(stage, edit) -> None:
    async with stage(edit, DONE) as play:
        await play.pilot.press("ctrl+b")
        assert shown(play) == {"TranscriptPane"}
        await play.say("be warmer")
        await play.asked()
        assert "DiffPane" in shown(play)
        await play.pilot.press("r")
        await play.idle()
        assert shown(play) == {"TranscriptPane"}


async def test_resizing_keeps_every_word(stage) -> None:
    words = " ".join(f"word{number}" for number in range(60))
    async with stage({"text": words}) as play:
        await play.say("go")
        await play.idle()
        for size in ((60, 16), (140, 40), (100, 30)):
            await play.pilot.resize_terminal(*size)
            await play.pilot.pause()
            pane = play.app.screen.query_one(TranscriptPane)
            lines = " ".join(pane.strip_at(line).text for line in range(pane.line_count))
            assert [word for word in words.split() if word not in lines] == []


async def test_ascii_is_enough_for_a_bare_console(stage, edit) -> None:
    async with stage(edit, DONE, size=(100, 30), look=FirstLook(is_ascii=True)) as play:
        await play.say("be warmer")
        await play.asked()
        assert sorted({character for character in play.text() if not character.isascii()}) == []
        await play.pilot.press("r")
        await play.idle()
