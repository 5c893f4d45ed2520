"""Every screen over the main one on small windows: its frame is whole, and what its edges say is not cut."""

from __future__ import annotations

import pytest
from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget

from tests.support.overlays import OPENINGS, open_overlay
from tests.tui.conftest import Play, Stage


def faults(play: Play, frame: Widget) -> list[str]:
    """Return what is wrong with the frame of a widget as it stands on the screen."""
    rows, region = play.text().splitlines(), frame.region
    if region not in play.app.screen.region:
        return [f"{region} is not on the screen"]
    top, foot = rows[region.y], rows[region.bottom - 1]
    corners = top[region.x] + top[region.right - 1] + foot[region.x] + foot[region.right - 1]
    sides = {rows[y][region.x] for y in range(region.y + 1, region.bottom - 1)}
    said = [frame._border_title or Content(), frame._border_subtitle or Content()]
    found = [] if (corners, sides) == ("╭╮╰╯", {"│"}) else [f"corners {corners}, sides {sides}"]
    for words, edge in zip(said, (top, foot), strict=True):
        found += [] if words.plain.strip() in edge else [f"{words.plain!r} is cut to {edge.strip()!r}"]
    return found


@pytest.mark.parametrize("size", [(60, 16), (60, 20), (80, 24)], ids=["smallest", "small", "usual"])
async def test_every_frame_is_whole(stage: Stage, size: tuple[int, int]) -> None:
    async with stage({"text": "Done."}, size=size) as play:
        await play.say("Greet")
        await play.idle()
        found, count = [], 0
        for opening in OPENINGS:
            await open_overlay(play.app, opening)
            await play.until(lambda: play.app.screen is not play.app.main)
            frames = [frame for frame in play.app.screen.query(Vertical) if frame.region and frame.styles.border_top[0]]
            count += len(frames)
            found += [f"{opening}: {fault}" for frame in frames for fault in faults(play, frame)]
            play.app.screen.dismiss(None)
            await play.until(lambda: play.app.screen is play.app.main)
    assert not found
    assert count >= len(OPENINGS) - 1, "only the replay has panes for a frame"
