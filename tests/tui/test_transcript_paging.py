"""Paging through a long conversation: every key that scrolls it moves the view at once, and nothing fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage

if TYPE_CHECKING:
    from tests.tui.conftest import Play, Stage


async def conversation(play: Play) -> TranscriptPane:
    """Fill the conversation with what was never drawn, so that it is laid out anew as it comes into view."""
    pane = play.app.main.query_one(TranscriptPane)
    text = "\n\n".join(f"Paragraph {number} with `code` and **words**." for number in range(20))
    pane.load([(AgentMessage(item_id=ItemId(f"item_{number}"), text=text), True) for number in range(60)])
    pane.focus()
    await play.pilot.pause()
    return pane


async def test_each_key_that_scrolls_does_so_at_once(stage: Stage) -> None:
    async with stage() as play:
        pane = await conversation(play)
        end = pane.scroll_offset.y
        for key, goes_up in (("pageup", True), ("pageup", True), ("pagedown", False), ("pageup", True)):
            before = pane.scroll_offset.y
            await play.pilot.press(key)
            assert (pane.scroll_offset.y < before) is goes_up
            assert not play.app.animator.is_being_animated(pane, "scroll_y")
        await play.pilot.press("home")
        assert pane.scroll_offset.y == 0
        await play.pilot.press("pagedown")
        assert 0 < pane.scroll_offset.y < end
        await play.pilot.press("end")
        assert pane.scroll_offset.y == pane.max_scroll_y
        assert pane.is_following
