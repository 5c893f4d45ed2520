"""The checks that watch over the other tests can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.logs import check_log
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import StopReason, TurnCompleted, TurnStarted
from trashclaw.protocol.ids import SessionId, TurnId
from trashclaw.store.log import Log

SESSION = SessionId("20260101-120000-aaaa")


def written(folder: Path, *envelopes: Envelope) -> Path:
    file = folder / "log.sqlite3"
    log = Log(file)
    for envelope in envelopes:
        log.append(envelope)
    log.close()
    return file


def started(seq: int) -> Envelope:
    return Envelope(seq=seq, at=1.0, session_id=SESSION, turn_id=TurnId("turn_1"), event=TurnStarted())


def completed(seq: int) -> Envelope:
    event = TurnCompleted(stop_reason=StopReason.END_TURN)
    return Envelope(seq=seq, at=1.0, session_id=SESSION, turn_id=TurnId("turn_1"), event=event)


@pytest.mark.made_up_log
def test_a_sound_log_passes_and_an_open_turn_does_not(tmp_path: Path) -> None:
    file = written(tmp_path, started(1))
    assert dict(check_log(file, is_cut=False))[SESSION]
    written(tmp_path, completed(2))
    assert dict(check_log(file, is_cut=False)) == {SESSION: []}


@pytest.mark.made_up_log
def test_a_cut_log_must_hold_once_repaired(tmp_path: Path) -> None:
    assert dict(check_log(written(tmp_path, started(1)), is_cut=True)) == {SESSION: []}


@pytest.mark.made_up_log
def test_a_gap_is_no_cut(tmp_path: Path) -> None:
    assert dict(check_log(written(tmp_path, started(1), completed(3)), is_cut=True))[SESSION]


def test_the_environment_of_a_test_is_its_own(home: Path) -> None:
    assert Path.home() == home
    assert not list(home.iterdir())
