"""Nothing but ASCII on the screen where that was asked for: frames of overlays, scroll bars, and the brightest pane."""

from __future__ import annotations

from typing import Any

import pytest

from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui.screens.main import MainScreen
from trashclaw.faces.tui.widgets.diff_pane import DiffPane

LONG = {"text": "\n\n".join(f"Paragraph number {number}." for number in range(60))}


def beyond_ascii(play: Any) -> list[str]:
    """Return the characters of the screen that a bare console does not have."""
    return sorted({character for character in play.text() if not character.isascii()})


@pytest.mark.parametrize("key", ["f1", "ctrl+p", "f4", "ctrl+r", "ctrl+t"])
async def test_the_frames_of_what_opens_are_ascii_too(stage, key: str) -> None:
    async with stage(LONG, size=(100, 30), look=FirstLook(is_ascii=True)) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press(key)
        await play.until(lambda: not isinstance(play.app.screen, MainScreen))
        await play.pilot.pause()
        assert beyond_ascii(play) == []


@pytest.mark.parametrize("command", ["/sessions", "/tree", "/context", "/rewind", "/model", "/theme"])
async def test_the_frames_of_what_commands_open_are_ascii_too(stage, command: str) -> None:
    async with stage(LONG, size=(100, 30), look=FirstLook(is_ascii=True)) as play:
        await play.say("go")
        await play.idle()
        await play.say(command)
        await play.until(lambda: not isinstance(play.app.screen, MainScreen))
        await play.pilot.pause()
        assert beyond_ascii(play) == []


async def test_a_scroll_bar_is_whole_cells_in_ascii(stage) -> None:
    async with stage(LONG, size=(100, 17), look=FirstLook(is_ascii=True)) as play:
        await play.say("go")
        await play.idle()
        await play.pilot.press("alt+c")
        for _ in range(6):
            await play.pilot.press("k")
            assert beyond_ascii(play) == []


async def test_what_waits_is_the_brightest_in_ascii_as_well(stage, edit) -> None:
    async with stage(edit, {"text": "Done."}, size=(100, 30), look=FirstLook(is_ascii=True)) as play:
        await play.say("be warmer")
        await play.asked()
        pane = play.app.screen.query_one(DiffPane)
        style, colour = pane.styles.border_top
        assert style == "ascii"
        assert colour.hex.lower() == play.app.theme_variables["warning"].lower()
        await play.pilot.press("r")
        await play.idle()
