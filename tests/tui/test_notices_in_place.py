"""Notices cover nothing that is typed in or asked, and cut no frame."""

from __future__ import annotations

from typing import Any

import pytest
from textual.geometry import Region
from textual.widgets._toast import Toast

from tests.support.overlays import open_overlay
from tests.tui.conftest import Play, Stage
from trashclaw.faces.tui.screens.overlay import OverlayFrame
from trashclaw.faces.tui.screens.review import ReviewScreen
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.faces.tui.widgets.wide_review import WideReview

DONE = {"text": "Done."}
SIZES = [(60, 16), (80, 24), (100, 30), (140, 40)]
SHORT = "Copied the last answer (OSC 52)."
LONG = "The file /home/ada/projects/shop-api/src/app.py has changed since it was read. " * 3

each_size = pytest.mark.parametrize("size", SIZES, ids=["smallest", "usual", "middle", "wide"])


async def noticed(play: Play) -> list[Region]:
    """Show a short and a long notice, and return where they stand."""
    play.app.tell(SHORT)
    await play.until(lambda: SHORT in play.text())
    play.app.tell(LONG)
    await play.until(lambda: len(shown(play)) == 2)
    return shown(play)


def shown(play: Play) -> list[Region]:
    """Return where notices stand, as far as they are in view."""
    toasts = [toast for toast in play.app.screen.query(Toast) if toast.region]
    found = [toast.screen.find_widget(toast).visible_region for toast in toasts]
    return [region for region in found if region]


def overlaps(regions: list[Region], other: Region) -> bool:
    """Tell whether any of the regions covers a part of another one."""
    return any(region.intersection(other) for region in regions)


@each_size
async def test_notices_stand_within_the_conversation(stage: Stage, size: tuple[int, int]) -> None:
    async with stage(DONE, size=size, has_notices=True) as play:
        play.app.main.prompt.load_text("one\ntwo\nthree")
        await play.until(lambda: "three" in play.text())
        before = play.app.main.query_one(TranscriptPane).region
        regions = await noticed(play)
        pane = play.app.main.query_one(TranscriptPane)
        assert pane.region == before, "nothing moves"
        assert not overlaps(regions, play.app.main.composer.region)
        inside = pane.region.shrink((1, 1, 1, 1))
        assert all(region.intersection(inside) == region for region in regions[:1])


@each_size
async def test_notices_cover_nothing_that_is_asked(stage: Stage, edit: dict[str, Any], size: tuple[int, int]) -> None:
    async with stage(edit, DONE, size=size, has_notices=True) as play:
        await play.say("be warmer")
        await play.asked()
        regions = await noticed(play)
        asking = play.app.screen.query_one("#changes")
        assert asking.region
        assert not overlaps(regions, asking.region)
        assert not overlaps(regions, play.app.main.composer.region)
        await play.pilot.press("enter")
        await play.until(lambda: isinstance(play.app.screen, ReviewScreen))
        await play.until(lambda: shown(play))
        review = play.app.screen.query_one(WideReview)
        assert not overlaps(shown(play), review.region)
        await play.pilot.press("escape", "r")
        await play.idle()


@each_size
@pytest.mark.parametrize("opening", ["app.palette", "sessions", "settings", "rewind"])
async def test_notices_cover_no_frame_of_another_screen(stage: Stage, size: tuple[int, int], opening: str) -> None:
    async with stage(DONE, size=size, has_notices=True) as play:
        await open_overlay(play.app, opening)
        await play.until(lambda: play.app.screen is not play.app.main)
        regions = await noticed(play)
        frame = play.app.screen.query(OverlayFrame).first()
        assert frame.region.height > 3
        assert frame.region in play.app.screen.region
        assert not overlaps(regions, frame.region)
