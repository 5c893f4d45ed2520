"""The tail of a stored session: the same end as the whole has, and nothing that the person went back before."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.big_log import END, SESSION_ID, write_big_log
from trashclaw.agent.history import History
from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import UserMessage
from trashclaw.session import resume
from trashclaw.session.clock import SystemClock
from trashclaw.session.journal import Journal
from trashclaw.session.tail import TAIL_ENTRIES, fold_tail
from trashclaw.session.transcript import Transcript, fold
from trashclaw.store.log import Log
from trashclaw.workspace.root import Workspace

pytestmark = pytest.mark.made_up_log

LONG_TURNS = 40


def append(log: Log, *events: ev.Event) -> None:
    seq = log.stored().end(SESSION_ID)
    for place, event in enumerate(events, seq + 1):
        log.append(Envelope(seq=place, at=2e9 + place, session_id=SESSION_ID, event=event))


def said(item_id: str, text: str) -> ev.ItemCompleted:
    return ev.ItemCompleted(item=UserMessage(item_id=ItemId(item_id), text=text))


def shown(transcript: Transcript) -> list[object]:
    return [entry for place, entry in enumerate(transcript.entries) if not transcript.is_rewound(place)]


@pytest.fixture
def make_log(tmp_path: Path, request: pytest.FixtureRequest) -> Callable[[int], Log]:
    def make(turns: int) -> Log:
        write_big_log(tmp_path / "log.sqlite3", turns, "m")
        log = Log(tmp_path / "log.sqlite3")
        request.addfinalizer(log.close)
        return log

    return make


def test_a_short_session_has_no_tail(make_log: Callable[[int], Log]) -> None:
    log = make_log(10)
    assert 0 < log.stored().end(SESSION_ID) <= TAIL_ENTRIES
    assert fold_tail(log, SESSION_ID) is None


def test_the_tail_ends_as_the_whole_does(make_log: Callable[[int], Log]) -> None:
    log = make_log(LONG_TURNS)
    tail, whole = fold_tail(log, SESSION_ID), fold(log.read(SESSION_ID))
    assert tail is not None
    assert 0 < len(tail.entries) < len(whole.entries)
    assert shown(tail) == shown(whole)[-len(tail.entries) :]
    assert any(getattr(entry, "text", "") == END for entry in tail.entries)


def test_what_the_person_went_back_before_is_not_shown(make_log: Callable[[int], Log]) -> None:
    log = make_log(LONG_TURNS)
    first = next(entry for entry in fold(log.read(SESSION_ID)).entries if isinstance(entry, UserMessage))
    append(log, ev.ConversationRewound(item_id=first.item_id), said("item_new", "otherwise"))
    tail = fold_tail(log, SESSION_ID)
    assert tail is not None
    assert [getattr(entry, "text", "") for entry in shown(tail)] == ["otherwise"]


def test_a_place_within_the_tail_is_gone_back_to(make_log: Callable[[int], Log]) -> None:
    log = make_log(LONG_TURNS)
    append(log, said("item_a", "kept"), said("item_b", "gone"), ev.ConversationRewound(item_id=ItemId("item_b")))
    append(log, said("item_c", "new"))
    tail, whole = fold_tail(log, SESSION_ID), fold(log.read(SESSION_ID))
    assert tail is not None
    assert [getattr(entry, "text", "") for entry in shown(tail)[-2:]] == ["kept", "new"]
    assert shown(tail) == shown(whole)[-len(shown(tail)) :]


def test_an_entry_of_the_end_that_cannot_be_read_is_told(make_log: Callable[[int], Log]) -> None:
    log = make_log(LONG_TURNS)
    with sqlite3.connect(log.path) as db:
        db.execute("UPDATE outbox SET payload = '{\"type\": 3' WHERE seq = (SELECT MAX(seq) FROM outbox)")
    db.close()
    with pytest.raises(StoreError, match="cannot be read"):
        fold_tail(log, SESSION_ID)


async def test_others_have_their_turn_while_a_session_is_taken_up(
    make_log: Callable[[int], Log], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = make_log(LONG_TURNS)
    journal = Journal(SESSION_ID, log, History(), SystemClock())
    seen: list[int] = []

    async def look() -> None:
        while True:
            seen.append(journal.transcript.seq)
            await asyncio.sleep(0)

    monkeypatch.setattr(resume, "_SLICE_S", -1.0)
    other = asyncio.create_task(look())
    await resume.take_up(log, journal, Workspace(tmp_path))
    other.cancel()
    end = log.stored().end(SESSION_ID)
    assert len({seq for seq in seen if 0 < seq < end}) > end // 2
    assert journal.transcript == fold(log.read(SESSION_ID))
