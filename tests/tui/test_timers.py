"""Timers of the app on a machine that is busy."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest
from textual import timer

from tests.tui.conftest import Stage

LATE_S = 5.0


async def test_a_timer_that_is_late_at_once_comes_all_the_same(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else had the processor between its start and its first look at the clock."""
    async with stage() as play:
        clock, looks, came = timer._time.get_time, itertools.count(), []
        late = SimpleNamespace(get_time=lambda: clock() + (LATE_S if next(looks) else 0.0))
        monkeypatch.setattr(timer, "_time", late)
        play.app.set_timer(1 / 120, lambda: came.append(True))
        await play.until(lambda: came)
