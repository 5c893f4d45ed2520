"""The journal: numbers, stores, folds and passes on; a log that fails is told once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.sessions import open_driven
from trashclaw.agent.history import History
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import OpId, SessionId, TurnId
from trashclaw.session.clock import SystemClock
from trashclaw.session.invariants import check
from trashclaw.session.journal import Journal, within
from trashclaw.store.log import Log

NOTICE = ev.Notice(code="n", text="hi")


def make(log: Log | None = None) -> Journal:
    return Journal(SessionId("s"), log, History(), SystemClock())


async def test_events_carry_the_turn_and_the_op_of_their_task() -> None:
    journal = make()
    seen = journal.bus.subscribe()

    async def beside() -> None:
        journal.emit(NOTICE)

    with within(cause=OpId("o"), turn_id=TurnId("t")):
        task = asyncio.create_task(beside())
        with within(cause=OpId("p")):
            journal.emit(NOTICE)
    await task
    journal.emit(NOTICE)
    places = [(envelope.seq, envelope.cause, envelope.turn_id) for envelope in seen.take_waiting()]
    assert places == [(1, "p", None), (2, "o", "t"), (3, None, None)]


def test_only_durable_events_are_numbered_and_stored(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    journal = make(log)
    seen = journal.bus.subscribe()
    journal.emit(NOTICE)
    journal.emit(ev.Progress(phase=ev.Phase.WAITING))
    journal.emit(NOTICE)
    assert [envelope.seq for envelope in seen.take_waiting()] == [1, None, 2]
    assert [envelope.seq for envelope in log.read(SessionId("s"))] == [1, 2]
    log.close()


def test_a_log_that_fails_is_told_once_and_the_session_goes_on(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.db")
    journal = make(log)
    seen = journal.bus.subscribe()
    log.close()
    for _ in range(3):
        journal.emit(NOTICE)
    told = [envelope.event.code for envelope in seen.take_waiting() if isinstance(envelope.event, ev.Notice)]
    assert told == ["store", "n", "n", "n"]
    assert journal.fault is not None
    assert journal.transcript.seq == 3


@pytest.mark.cut_log
async def test_no_turn_begins_once_the_log_has_failed(repository: Path, tmp_path: Path) -> None:
    async with open_driven(repository, [{"text": "Said."}], state=tmp_path / "state", has_log=False) as driven:
        log = driven.session._parts.log
        assert log is not None
        log.close()
        done = await driven.turn()
        assert done.stop_reason is ev.StopReason.END_TURN
        assert [notice.code for notice in driven.notices] == ["store"]
        assert check(driven.all_seen()) == []
        with pytest.raises(UsageError, match="cannot be written"):
            driven.submit(ops.TurnStart(text="more"))
