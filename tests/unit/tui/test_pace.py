"""How long the bridge waits between two rounds: short at first, then as long as the frames, longer where drawing is."""

from __future__ import annotations

import pytest

from trashclaw.faces.tui.bridge import FIRST_FRAME_S, FRAME_S, LONGEST_FRAME_S, Pace


class Clock:
    """Tells the processor time that a test says."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_the_first_words_come_soon_and_later_ones_a_frame_apart() -> None:
    pace = Pace(Clock())
    pauses = [pace.pause_s() for _ in range(6)]
    assert pauses[0] == FIRST_FRAME_S
    assert pauses == sorted(pauses)
    assert pauses[-1] == pauses[-2] == FRAME_S


def test_after_a_rest_the_first_words_come_soon_again() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(6):
        pace.pause_s()
    clock.now_s += 10.0
    pace.rest()
    assert pace.pause_s() == FIRST_FRAME_S


def test_what_takes_long_to_draw_is_drawn_less_often_but_often_enough() -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now_s += 0.05
    assert pace.pause_s() == pytest.approx(0.2)
    clock.now_s += 1.0
    assert pace.pause_s() == LONGEST_FRAME_S
    assert pace.pause_s() == pytest.approx(min(FRAME_S, 3 * FIRST_FRAME_S))
