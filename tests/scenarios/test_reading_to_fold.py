"""Reading a log for folds: whatever is skipped, every fold of a session comes out as from the whole log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.eventful import EVENTFUL, play
from tests.support.sessions import open_driven, unconfined
from trashclaw.agent.history import History
from trashclaw.protocol.envelope import Envelope
from trashclaw.session.build import LOG_NAME
from trashclaw.session.clock import SystemClock
from trashclaw.session.journal import Journal
from trashclaw.session.repair import closing_events
from trashclaw.session.transcript import fold
from trashclaw.store.log import Log
from trashclaw.store.rows import COLUMNS, envelope_of, envelopes_to_fold

Rows = list[tuple[Any, ...]]


@pytest.fixture
async def rows(repository: Path, tmp_path: Path) -> Rows:
    gate, state = asyncio.Event(), tmp_path / "state"
    async with open_driven(repository, EVENTFUL, settings=unconfined(), gates={"go": gate}, state=state) as driven:
        await play(driven, gate)
    log = Log(state / LOG_NAME)
    found = log._query(f"SELECT {COLUMNS} FROM outbox ORDER BY seq", ())
    log.close()
    return found


def to_fold(rows: Rows, at_once: int) -> Iterator[Envelope]:
    for first in range(0, len(rows), at_once):
        yield from envelopes_to_fold(rows[first : first + at_once])


@pytest.mark.parametrize("at_once", [1, 2, 3, 5, 8, 500])
def test_every_fold_is_as_from_the_whole_log_wherever_it_is_cut(rows: Rows, at_once: int) -> None:
    for end in range(1, len(rows) + 1, 1 if at_once == 500 else 7):
        whole, short = [envelope_of(row) for row in rows[:end]], list(to_fold(rows[:end], at_once))
        assert [(one.seq, one.event.type, one.turn_id) for one in short] == [
            (one.seq, one.event.type, one.turn_id) for one in whole
        ]
        assert fold(short) == fold(whole)
        assert closing_events(short) == closing_events(whole)


def test_history_and_all_that_a_session_knows_are_as_they_were_live(rows: Rows) -> None:
    journals = []
    for envelopes in ([envelope_of(row) for row in rows], to_fold(rows, 500)):
        journal = Journal(rows[0][3], None, History(), SystemClock())
        for envelope in envelopes:
            journal.replay(envelope)
        journals.append(journal)
    live = History()
    for row in rows:
        envelope = envelope_of(row)
        live.apply(envelope.event, envelope.at)
    assert journals[0].transcript == journals[1].transcript
    assert journals[0].history.messages == journals[1].history.messages == live.messages
    assert journals[1].history.shown_runs() == live.shown_runs()
    assert journals[1].history.changed == live.changed
    assert len(journals[1].history.archive) == len(live.archive)


def test_of_an_item_that_ends_soon_only_the_end_is_read(rows: Rows) -> None:
    damaged = [
        (*row[:7], row[7][:-1] + ',"more":1}') if row[7].startswith('{"type":"item.started"') else row for row in rows
    ]
    assert fold(to_fold(damaged, 500)) == fold(envelope_of(row) for row in rows)
