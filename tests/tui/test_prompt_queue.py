"""The queue above the prompt: gone to, edited, moved, switched and removed."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from trashclaw.faces.tui.widgets.queue import QueueRows

DONE = {"text": "Done."}
HELD = {"text": "Let me think about", "hold": True}


@asynccontextmanager
async def queued(stage, *texts: str):
    """The app with messages that wait for the end of a turn."""
    async with stage(HELD) as play:
        await play.say("begin")
        await play.until(lambda: play.transcript.live.previews)
        for text in texts:
            await play.pilot.press(*text, "tab")
        await play.until(lambda: len(play.transcript.queue) == len(texts))
        yield play


def waiting(play) -> list[str]:
    """What waits, as the session has it."""
    return [f"{entry.origin.value}: {entry.text}" for entry in play.transcript.queue]


async def test_a_message_is_moved_and_switched(stage) -> None:
    async with queued(stage, "one", "two") as play:
        await play.pilot.press("alt+q")
        assert play.app.main.query_one(QueueRows).has_focus
        await play.pilot.press("alt+up")
        await play.until(lambda: waiting(play) == ["follow_up: two", "follow_up: one"])
        await play.pilot.press("s")
        await play.until(lambda: waiting(play) == ["steer: two", "follow_up: one"])
        assert "steers next: two" in play.text()
        await play.pilot.press("alt+down")
        await play.until(lambda: waiting(play) == ["follow_up: one", "steer: two"])


@pytest.mark.parametrize(
    ("width", "said"),
    [(120, "Enter edits   s switches   Delete removes"), (80, "Enter edits   Delete removes")],
)
async def test_as_many_keys_of_the_queue_are_told_as_there_is_room_for(stage, width: int, said: str) -> None:
    async with queued(stage, "one") as play:
        await play.pilot.resize_terminal(width, 30)
        await play.pilot.press("alt+q")
        await play.until(lambda: said in play.text())
        assert any(row.rstrip().endswith(said) for row in play.text().splitlines())


async def test_a_message_is_removed_and_the_focus_goes_back_with_the_last(stage) -> None:
    async with queued(stage, "one", "two") as play:
        await play.pilot.press("alt+q", "up", "delete")
        await play.until(lambda: waiting(play) == ["follow_up: two"])
        await play.pilot.press("delete")
        await play.until(lambda: not play.transcript.queue)
        await play.until(lambda: play.app.main.prompt.has_focus)


async def test_an_older_message_is_taken_back_into_the_editor(stage) -> None:
    async with queued(stage, "one", "two") as play:
        await play.pilot.press("alt+q", "up", "enter")
        await play.until(lambda: waiting(play) == ["follow_up: two"])
        assert play.app.main.prompt.text == "one"
        assert play.app.main.prompt.has_focus


async def test_down_from_the_last_message_leads_to_the_prompt_and_letters_are_no_text_there(stage) -> None:
    async with queued(stage, "one") as play:
        await play.pilot.press("alt+q", "k", "down")
        assert play.app.main.prompt.has_focus
        assert play.app.main.prompt.text == ""


async def test_the_mouse_takes_a_message_back(stage) -> None:
    async with queued(stage, "one", "two") as play:
        await play.pilot.click(QueueRows, offset=(10, 0), times=2)
        await play.until(lambda: waiting(play) == ["follow_up: two"])
        assert play.app.main.prompt.text == "one"


async def test_with_nothing_waiting_there_is_no_queue_to_go_to(stage) -> None:
    async with stage(DONE) as play:
        await play.pilot.press("alt+q", *"hi")
        assert play.app.main.prompt.text == "hi"
