"""The list of stored sessions, and finding one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import ItemId, SessionId, TurnId
from trashclaw.protocol.items import UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.session.stored import find_session, list_sessions
from trashclaw.store.log import Log

pytestmark = pytest.mark.made_up_log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    log = Log(tmp_path / "log.sqlite3")
    yield log
    log.close()


def add(log: Log, session_id: str, text: str | None = "Fix it") -> None:
    started = ev.SessionStarted(workspace="/w", provider="p", model="m", mode=Mode.PLAN, limit_tokens=1)
    said = UserMessage(item_id=ItemId("i"), text=text or "")
    events = [started, ev.TurnStarted(), ev.ItemCompleted(item=said)] if text is not None else [started]
    for seq, event in enumerate(events, start=1):
        log.append(Envelope(seq=seq, at=seq, session_id=SessionId(session_id), turn_id=TurnId("t"), event=event))


def test_the_latest_comes_first_with_its_title_on_one_line(log: Log) -> None:
    add(log, "20260101-000000-aaaa", "Fix\n  the   test " + "x" * 200)
    add(log, "20260102-000000-bbbb", "Then this")
    add(log, "20260103-000000-cccc", None)
    found = list_sessions(log)
    assert [summary.session_id[-4:] for summary in found] == ["bbbb", "aaaa"]
    assert found[1].title.startswith("Fix the test xxx")
    assert len(found[1].title) == 80
    assert (found[0].model, found[0].turns, found[0].started_at) == ("m", 1, 1.0)


@pytest.mark.parametrize("wanted", ["20260101-000000-aaaa", "20260101", "aaaa"])
def test_it_is_found_whole_by_its_beginning_and_by_its_end(log: Log, wanted: str) -> None:
    add(log, "20260101-000000-aaaa")
    add(log, "20260102-000000-bbbb")
    assert find_session(log, wanted) == "20260101-000000-aaaa"
    assert find_session(log, "last") == "20260102-000000-bbbb"


def test_an_id_that_begins_another_is_meant_itself(log: Log) -> None:
    add(log, "abc")
    add(log, "abcd")
    assert find_session(log, "abc") == "abc"


@pytest.mark.parametrize(("wanted", "told"), [("2026", "More than one"), ("zz", "no session 'zz'")])
def test_what_does_not_fit_one_is_told(log: Log, wanted: str, told: str) -> None:
    add(log, "20260101-000000-aaaa")
    add(log, "20260102-000000-bbbb")
    with pytest.raises(UsageError, match=told):
        find_session(log, wanted)


def test_without_any_session_the_last_is_told_to_be_missing(log: Log) -> None:
    with pytest.raises(UsageError, match="none yet"):
        find_session(log, "last")


def test_an_old_session_is_found_behind_hundreds_of_others(log: Log) -> None:
    for number in range(130):
        add(log, f"2026-{number:04}")
    assert find_session(log, "2026-0000") == "2026-0000"
    assert find_session(log, "0001") == "2026-0001"


def test_a_damaged_session_does_not_hide_the_others(log: Log, tmp_path: Path) -> None:
    add(log, "broken")
    add(log, "whole")
    with sqlite3.connect(tmp_path / "log.sqlite3") as db:
        db.execute("UPDATE outbox SET payload = 'x' WHERE session_id = 'broken'")
    db.close()
    assert [summary.session_id for summary in list_sessions(log)] == ["whole", "broken"]
    assert find_session(log, "last") == "whole"
    assert find_session(log, "broken") == "broken"
