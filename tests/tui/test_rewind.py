"""The rewind screen: Esc twice shows the points, and what was chosen comes back, never silently over one's own work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.screens.rewind import OverwriteScreen, RewindScreen
from trashclaw.faces.tui.widgets.prompt import Prompt
from trashclaw.protocol.items import AgentMessage, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.ops import CheckpointRestore

FILE = "src/app.py"


def two_turns(edit: dict[str, Any]) -> tuple[dict[str, Any], ...]:
    again = {"path": FILE, "old_text": "Good day", "new_text": "Good night"}
    second = {"text": "Once more.", "calls": [{"name": "edit_file", "arguments": again}]}
    return edit, {"text": "Done once."}, second, {"text": "Done twice."}


async def talk(play: Play) -> None:
    """Let both turns happen."""
    for words, answer in (("be warmer\nplease", "Done once."), ("be darker", "Done twice.")):
        await play.say(words)
        await play.until(lambda answer=answer: answer in play.app.desk.last_answer())
        await play.idle()


async def open_points(play: Play) -> None:
    await play.pilot.press("escape", "escape")
    await play.until(lambda: isinstance(play.app.screen, RewindScreen))


def greeting(repository: Path) -> str:
    text = (repository / FILE).read_text()
    return next(word for word in ("Good night", "Good day", "Hello") if word in text)


async def test_esc_twice_shows_the_points_newest_first(stage: Stage, edit: dict[str, Any]) -> None:
    async with stage(*two_turns(edit), mode=Mode.ACCEPT) as play:
        await talk(play)
        await open_points(play)
        shown = play.text()
        rows = [row for row in shown.splitlines() if "1 file" in row and "be " in row]
        assert ["darker" in row for row in rows] == [True, False]
        for words in ("1 file", "+1 -1", "Enter both", "c conversation", "f files"):
            assert words in shown
        await play.pilot.press("escape")
        assert not isinstance(play.app.screen, RewindScreen)


async def test_both_come_back_and_the_prompt_with_them(stage: Stage, edit: dict[str, Any], repository: Path) -> None:
    async with stage(*two_turns(edit), mode=Mode.ACCEPT) as play:
        await talk(play)
        await open_points(play)
        await play.pilot.press("enter")
        prompt = play.app.screen_stack[0].query_one(Prompt)
        await play.until(lambda: prompt.text == "be darker")
        await play.until(lambda: "Done twice." not in play.text())
        assert greeting(repository) == "Good day"
        assert "Done once." in play.text()
        assert len(play.session.rewind.points()) == 2


async def test_the_conversation_alone_leaves_the_files(stage: Stage, edit: dict[str, Any], repository: Path) -> None:
    async with stage(*two_turns(edit), mode=Mode.ACCEPT) as play:
        await talk(play)
        await play.say("/rewind")
        await play.until(lambda: isinstance(play.app.screen, RewindScreen))
        await play.pilot.press("down", "down", "c")
        prompt = play.app.screen_stack[0].query_one(Prompt)
        await play.until(lambda: prompt.text == "be warmer\nplease")
        assert greeting(repository) == "Good night"


async def test_the_files_alone_leave_the_conversation(stage: Stage, edit: dict[str, Any], repository: Path) -> None:
    async with stage(*two_turns(edit), mode=Mode.ACCEPT) as play:
        await talk(play)
        await open_points(play)
        await play.pilot.press("down", "down", "f")
        await play.until(lambda: greeting(repository) == "Hello")
        assert "Done twice." in play.text()
        assert play.app.screen_stack[0].query_one(Prompt).text == ""


@pytest.mark.parametrize(("key", "is_overwritten"), [("n", False), ("escape", False), ("y", True)])
async def test_ones_own_later_work_is_shown_and_asked_about(
    stage: Stage, edit: dict[str, Any], repository: Path, key: str, is_overwritten: bool
) -> None:
    async with stage(*two_turns(edit), mode=Mode.ACCEPT) as play:
        await talk(play)
        own = (repository / FILE).read_text() + "# my own line\n"
        (repository / FILE).write_text(own)
        await open_points(play)
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, OverwriteScreen))
        assert "# my own line" in play.text()
        await play.pilot.resize_terminal(60, 16)
        await play.until(lambda: "y overwrite   n leave everything" in play.text())
        assert (repository / FILE).read_text() == own
        await play.pilot.press(key)
        if is_overwritten:
            await play.until(lambda: "# my own line" not in (repository / FILE).read_text())
            play.session.submit(CheckpointRestore(is_redo=True))
            await play.until(lambda: (repository / FILE).read_text() == own)
        else:
            await play.until(lambda: len(play.app.screen_stack) == 1)
            await play.session.wait_idle()
            assert (repository / FILE).read_text() == own
            assert "Done twice." in play.text()


async def test_esc_twice_over_a_draft_or_a_running_turn_goes_nowhere(stage: Stage) -> None:
    async with stage({"text": "Slow.", "hold": True}) as play:
        await play.pilot.press(*"draft", "escape", "escape")
        assert len(play.app.screen_stack) == 1
        await play.say("go")
        await play.until(lambda: play.transcript.is_running)
        await play.pilot.press("escape")
        await play.until(lambda: not play.transcript.is_running)
        await play.pilot.press("escape")
        assert len(play.app.screen_stack) == 1


async def test_with_nothing_to_go_back_to_the_screen_says_so(stage: Stage) -> None:
    async with stage() as play:
        await play.say("/rewind")
        await play.until(lambda: isinstance(play.app.screen, RewindScreen))
        assert "nothing to go back to yet" in play.text()
        await play.pilot.press("enter", "c", "f", "escape")
        assert len(play.app.screen_stack) == 1


async def test_a_fork_goes_on_from_the_point_in_a_tab_and_everything_here_stays(stage: Stage) -> None:
    async with stage({"text": "One."}, {"text": "Two."}) as play:
        await play.say("the first")
        await play.idle()
        await play.say("the second")
        await play.until(lambda: play.text().count("Two."))
        await play.idle()
        parent, shown = play.session, len(play.transcript.entries)
        await play.say("/rewind")
        await play.until(lambda: isinstance(play.app.screen, RewindScreen))
        assert "F fork" in play.text()
        await play.pilot.press("F")
        await play.until(lambda: len(play.app.tabs.all) == 2 and play.app.desk.session is not None)
        assert play.transcript.parent_id == parent.session_id
        assert [entry.text for entry in play.transcript.entries if isinstance(entry, UserMessage)] == ["the first"]
        assert play.app.main.prompt.text == "the second"
        assert len(parent.transcript.entries) == shown


async def test_a_fork_before_a_step_has_what_came_before_that(stage: Stage, edit: dict[str, Any]) -> None:
    first, _, second, done = two_turns(edit)
    async with stage(first, second, done, mode=Mode.ACCEPT) as play:
        await play.say("warm the greeting")
        await play.idle()
        await play.say("/rewind")
        await play.until(lambda: isinstance(play.app.screen, RewindScreen))
        points = play.app.screen._points
        last = next(place for place, point in enumerate(points) if point.step == 2)
        play.app.screen.action_move(last - play.app.screen._at)
        await play.pilot.press("F")
        await play.until(lambda: len(play.app.tabs.all) == 2 and play.app.desk.session is not None)
        told = [entry.text for entry in play.transcript.entries if isinstance(entry, AgentMessage)]
        assert told == ["A warmer word."]
        assert play.app.main.prompt.text == ""


async def test_there_is_nothing_to_fork_where_nothing_was_said(stage: Stage) -> None:
    async with stage() as play:
        await play.say("/rewind")
        await play.until(lambda: isinstance(play.app.screen, RewindScreen))
        await play.pilot.press("F")
        assert isinstance(play.app.screen, RewindScreen)
        assert "fork" not in play.text()
