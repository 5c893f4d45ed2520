"""What earlier sessions did is read from the log alone, also of sessions that were cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import CallId, ItemId, SessionId, TurnId
from trashclaw.protocol.items import ToolRun, UserMessage
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus
from trashclaw.protocol.session_events import SessionForked
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.store.log import Log
from trashclaw.store.tasks import SESSIONS_LOOKED_AT, Task

_KEPT = '{"began_at": 1, "changed": [], "text": "", "stop_reason": "", "left": %s}'
pytestmark = pytest.mark.made_up_log


@pytest.fixture
def log(tmp_path: Path) -> Log:
    """An empty log."""
    return Log(tmp_path / "log.sqlite3")


def store(log: Log, session: str, *events: ev.Event) -> SessionId:
    """Store a session."""
    session_id = SessionId(session)
    for seq, event in enumerate(events, 1):
        log.append(Envelope(seq=seq, at=100.0 + seq, session_id=session_id, turn_id=TurnId("turn_1"), event=event))
    return session_id


def prompt(text: str) -> ev.ItemCompleted:
    return ev.ItemCompleted(item=UserMessage(item_id=ItemId("item_1"), text=text))


def landed(*paths: str) -> ev.ItemCompleted:
    call = ToolCall(call_id=CallId("call_1"), name="edit_file", arguments="{}")
    metadata = {"changes": [{"path": path, "added": 1, "removed": 0} for path in paths]}
    result = ToolResult(call_id=call.call_id, status=ToolStatus.DONE, text="ok", metadata=metadata)
    return ev.ItemCompleted(item=ToolRun(item_id=ItemId("item_2"), call=call, title="edit", result=result))


def done(reason: ev.StopReason = ev.StopReason.END_TURN) -> ev.TurnCompleted:
    return ev.TurnCompleted(stop_reason=reason)


def test_a_task_is_what_was_asked_how_it_ended_and_what_is_left(log: Log) -> None:
    plan = Plan(entries=(PlanEntry(text="a", status=PlanStatus.COMPLETED), PlanEntry(text="b")))
    events = (
        ev.TurnStarted(),
        prompt("first"),
        ev.PlanUpdated(plan=plan),
        landed("x.py"),
        landed("y.py", "x.py"),
        done(),
    )
    session_id = store(log, "20260101-000000-aaaa", *events, ev.TurnStarted(), done(ev.StopReason.CANCELLED))
    assert log.tasks().before(SessionId("20260102-000000-aaaa"), 5) == [
        Task(session_id, 102.0, "first", "cancelled", ("x.py", "y.py"), 1)
    ]


def test_a_session_that_was_cut_off_is_not_finished(log: Log) -> None:
    store(log, "1", ev.TurnStarted(), prompt("first"), done(), ev.TurnStarted(), prompt("second"), landed("x.py"))
    (task,) = log.tasks().before(SessionId("2"), 5)
    assert (task.text, task.stop_reason, task.changed) == ("first", "", ("x.py",))


def test_sessions_in_which_nothing_was_said_and_the_own_one_are_left_out(log: Log) -> None:
    for number in range(8):
        store(log, f"session-{number}", ev.TurnStarted(), prompt(f"task {number}"), done())
    store(log, "session-8", ev.SessionEnded())
    found = log.tasks().before(SessionId("session-7"), 3)
    assert [task.text for task in found] == ["task 4", "task 5", "task 6"]
    for number in range(SESSIONS_LOOKED_AT):
        store(log, f"x-{number:02}", ev.SessionEnded())
    assert log.tasks().before(SessionId("y"), 3) == []


def test_what_was_folded_is_kept_and_goes_on_where_it_ended(log: Log) -> None:
    session_id = store(log, "1", ev.TurnStarted(), prompt("first"), landed("x.py"), done())
    before = log.tasks().of(session_id)
    log._db.execute("DELETE FROM outbox WHERE seq = 3")
    assert log.tasks().of(session_id) == before
    event = landed("y.py")
    log.append(Envelope(seq=5, at=200.0, session_id=session_id, turn_id=TurnId("turn_2"), event=event))
    assert log.tasks().of(session_id).changed == ("x.py", "y.py")
    for broken in ("", "[]", "{}", "null", '{"changed": 1}', _KEPT % "1e999", _KEPT % "[]"):
        log._db.execute("UPDATE tasks SET task = ?", (broken,))
        assert log.tasks().of(session_id).changed == ("y.py",)


def test_entries_that_a_damaged_log_holds_are_passed_over(log: Log) -> None:
    store(log, "1", ev.TurnStarted(), prompt("first"), ev.PlanUpdated(plan=Plan()), done())
    log._db.execute("UPDATE outbox SET payload = '[]' WHERE event_type = 'plan.updated'")
    (task,) = log.tasks().before(SessionId("2"), 3)
    assert (task.text, task.left) == ("first", 0)
    store(log, "2", ev.TurnStarted(), prompt("second"), ev.PlanUpdated(plan=Plan()), done())
    log._db.execute("UPDATE outbox SET payload = '{\"plan' WHERE session_id = '2' AND event_type = 'plan.updated'")
    assert [task.text for task in log.tasks().before(SessionId("3"), 3)] == ["first", "second"]
    log.close()


def test_a_fork_is_about_what_was_done_in_it_alone(log: Log) -> None:
    copied = (ev.TurnStarted(), prompt("first"), landed("x.py"), done())
    parent = store(log, "20260101-000000-aaaa", *copied)
    forked = SessionForked(parent_id=parent, parent_seq=len(copied))
    store(log, "20260101-000001-bbbb", *copied, forked)
    own = (ev.TurnStarted(), prompt("otherwise"), landed("y.py"), done(ev.StopReason.CANCELLED))
    fork = store(log, "20260101-000002-cccc", *copied, forked, *own)
    tasks = log.tasks().before(SessionId("20260101-000009-dddd"), 5)
    assert [(task.text, task.changed) for task in tasks] == [("first", ("x.py",)), ("otherwise", ("y.py",))]
    assert tasks[1].session_id == fork
    assert tasks[1].stop_reason == "cancelled"
