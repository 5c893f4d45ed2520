"""Keys that come together close an overlay once: the second one finds nothing to close, and nothing breaks."""

from __future__ import annotations

import pytest

from tests.tui.conftest import Stage


@pytest.mark.parametrize(
    ("command", "keys"),
    [
        ("/mode", ("enter", "enter", "enter")),
        ("/theme", ("enter", "enter")),
        ("/transcript", ("escape", "q", "q")),
    ],
)
async def test_an_overlay_is_closed_once(stage: Stage, command: str, keys: tuple[str, ...]) -> None:
    async with stage({"text": "Done."}) as play:
        await play.say("Greet")
        await play.idle()
        await play.say(command)
        await play.until(lambda: len(play.app.screen_stack) == 2)
        await play.burst(*keys)
        await play.until(lambda: play.app.screen is play.app.main or len(play.app.screen_stack) == 2)
        assert play.app.is_running
        assert play.app._exception is None


async def test_an_overlay_behind_another_tab_is_not_closed_in_its_place(stage: Stage) -> None:
    async with stage({"text": "Done."}) as play:
        await play.say("/mode")
        await play.until(lambda: len(play.app.screen_stack) == 2)
        overlay = play.app.screen
        await play.app.tabs.add()
        overlay.dismiss(None)
        await play.pilot.pause()
        assert play.app.screen is play.app.main
        await play.app.tabs.step(-1)
        assert play.app.screen is overlay
