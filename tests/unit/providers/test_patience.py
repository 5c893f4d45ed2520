"""How long to wait for the next byte, by a clock that is held."""

from __future__ import annotations

import pytest

from trashclaw.protocol.errors import ServerFailed, ServerTooSlow, StreamBroken
from trashclaw.providers import patience
from trashclaw.providers.patience import Patience, Timeouts, sent_too_late
from trashclaw.providers.refusals import ServerBusy


class Held:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Held:
    held = Held()
    monkeypatch.setattr(patience, "time", held)
    return held


def test_without_limits_it_waits_for_ever(clock: Held) -> None:
    assert Patience(Timeouts(), "X").left_s() is None


def test_the_prompt_has_its_whole_time_and_no_more_after_the_first_token(clock: Held) -> None:
    waiting = Patience(Timeouts(prompt_s=300.0), "X")
    clock.now += 100
    assert waiting.left_s() == 200
    clock.now += 250
    assert waiting.left_s() == 0
    assert isinstance(waiting.error(), ServerTooSlow)
    waiting.has_begun = True
    assert waiting.left_s() is None


def test_the_nearest_limit_counts_and_is_the_one_that_is_told(clock: Held) -> None:
    waiting = Patience(Timeouts(prompt_s=300.0, request_s=600.0), "X")
    waiting.has_begun, waiting.idle_s = True, 120.0
    clock.now += 100
    assert waiting.left_s() == 120
    error = waiting.error()
    assert isinstance(error, StreamBroken)
    assert error.text == "X fell silent for 120 s in the middle of an answer."
    clock.now += 450
    assert waiting.left_s() == 50
    error = waiting.error()
    assert isinstance(error, ServerTooSlow)
    assert error.text == "X did not answer in time: the request has taken 600 s."
    assert not error.is_retryable


def test_what_is_early_is_decided_by_the_clock(clock: Held) -> None:
    waiting = Patience(Timeouts(), "X")
    clock.now += patience.AT_ONCE_S - 1
    assert waiting.is_early
    clock.now += 1
    assert not waiting.is_early


def test_late_errors_are_not_sent_again_unless_the_server_asks_for_it() -> None:
    assert sent_too_late(ServerFailed("boom", status=500), is_early=True).is_retryable
    assert not sent_too_late(ServerFailed("boom", status=500), is_early=False).is_retryable
    assert sent_too_late(ServerFailed("slow down", status=429), is_early=False).is_retryable
    assert sent_too_late(ServerBusy("Loading model"), is_early=False).is_retryable
    assert not sent_too_late(ServerBusy("upstream timed out"), is_early=False).is_retryable
