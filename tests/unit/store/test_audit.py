"""The audit: rows are added, read back, and never changed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from trashclaw.policy.records import GateRecord
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.events import Notice
from trashclaw.protocol.ids import SessionId, TurnId
from trashclaw.session.auditing import AuditTrail
from trashclaw.session.clock import SystemClock
from trashclaw.store.audit import MAX_PATHS, Audit, AuditRow
from trashclaw.store.log import Log

ROW = AuditRow(1.5, "s", "t", "bash", "$ make", "ask", "mode", "accepted", "once", "user", "ab" * 32, ("h",), ("p",))
RECORD = GateRecord("bash", "$ key", "ask", "mode", "accepted", "once", "user", "ab", ("h",), ("p",))


def test_rows_come_back_in_their_order_beside_the_log(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.sqlite3")
    audit = Audit(log.path)
    audit.append(ROW)
    audit.append(replace(ROW, at=2.0, turn_id=None, paths=tuple(map(str, range(1_000)))))
    first, second = audit.read()
    assert first == ROW
    assert (second.at, second.turn_id, len(second.paths)) == (2.0, None, MAX_PATHS)
    assert [row.at for row in audit.read(limit=1)] == [2.0]
    assert log.session_ids() == []
    audit.close()
    log.close()


@pytest.mark.parametrize("change", ["UPDATE audit SET verdict = 'rejected'", "DELETE FROM audit"])
def test_what_is_there_is_never_changed(change: str, tmp_path: Path) -> None:
    audit = Audit(tmp_path / "log.sqlite3")
    audit.append(ROW)
    db = sqlite3.connect(tmp_path / "log.sqlite3")
    with pytest.raises(sqlite3.IntegrityError, match="only added to"):
        db.execute(change)
    db.close()
    assert audit.read() == [ROW]
    audit.close()


def test_a_row_that_was_told_outlives_the_process(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from trashclaw.store.audit import *\n"
        "audit = Audit(Path(sys.argv[1]))\n"
        "audit.append(AuditRow(1.0, 's', None, 'bash', 'x', 'ask', 'r', 'accepted', 'once', 'user', 'd'))\n"
        "print('told', flush=True); time.sleep(600)"
    )
    path = tmp_path / "log.sqlite3"
    child = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "told\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    child.stdout.close()
    audit = Audit(path)
    assert [row.title for row in audit.read()] == ["x"]
    audit.close()


@pytest.mark.made_up_log
def test_a_file_that_is_none_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "log.sqlite3").write_bytes(b"no database at all, " * 100)
    with pytest.raises(StoreError):
        Audit(tmp_path / "log.sqlite3")


def test_the_gates_records_are_kept_with_their_session_and_turn_and_without_secrets(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "log.sqlite3")
    told: list[Notice] = []
    trail = AuditTrail(
        audit, SessionId("s"), SystemClock(), lambda: TurnId("t"), told.append, lambda text: text.replace("key", "***")
    )
    trail(RECORD)
    (row,) = audit.read()
    assert (row.session_id, row.turn_id, row.title, row.hosts, row.paths) == ("s", "t", "$ ***", ("h",), ("p",))
    audit.close()
    trail(RECORD)
    trail(RECORD)
    assert [notice.code for notice in told] == ["store"]
