"""A size of the terminal that got lost is taken up when it is seen for the second time."""

from __future__ import annotations

from textual.geometry import Size

from tests.tui.conftest import Stage
from trashclaw.faces.tui.terminal_size import SizeLost, SizeWatch


async def test_it_is_told_when_it_is_missed_twice_and_not_when_it_is_shown(stage: Stage) -> None:
    async with stage(size=(100, 30)) as play:
        watch = SizeWatch(play.app)
        assert watch.lost(Size(100, 30)) is None
        assert watch.lost(Size(0, 0)) is None
        assert watch.lost(Size(90, 20)) is None
        assert watch.lost(Size(91, 20)) is None
        told = watch.lost(Size(91, 20))
        assert told is not None
        assert told.size == Size(91, 20)
        assert watch.lost(Size(100, 30)) is None


async def test_the_app_takes_it_on_also_behind_a_timer_that_never_came(stage: Stage) -> None:
    async with stage(size=(100, 30)) as play:
        play.app._size = Size(91, 20)
        play.app._resize_timer = play.app.set_timer(3600.0)
        play.app.post_message(SizeLost(Size(91, 20)))
        await play.until(lambda: play.app.screen.size == Size(91, 20))
