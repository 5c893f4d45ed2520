"""The log: what is appended is there, and what cannot be read or written is said."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import OpId, SessionId, TurnId
from trashclaw.store.log import SCHEMA_VERSION, Log

pytestmark = pytest.mark.made_up_log

ONE, TWO = SessionId("one"), SessionId("two")


def notice(seq: int, session_id: SessionId = ONE, text: str = "hi") -> Envelope:
    event = ev.Notice(code="test", text=text)
    return Envelope(seq=seq, at=seq / 10, session_id=session_id, turn_id=TurnId("t"), cause=OpId("o"), event=event)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "log.sqlite3"


def test_what_was_appended_is_read_back_the_same(path: Path) -> None:
    log = Log(path)
    written = [notice(1, text="[b]\x1b\0\u202e界\ud800"), notice(2), notice(3)]
    for envelope in written:
        log.append(envelope)
    assert list(log.read(ONE)) == written
    assert list(log.read(ONE, after_seq=2)) == written[2:]
    assert list(log.read(TWO)) == []
    log.close()


def test_a_place_is_taken_once(path: Path) -> None:
    log = Log(path)
    log.append(notice(1))
    with pytest.raises(StoreError, match="Place 1"):
        log.append(notice(1))
    log.append(notice(1, TWO))
    assert log.session_ids() == [TWO, ONE]
    log.close()


def test_each_consumer_has_its_own_cursor(path: Path) -> None:
    log = Log(path)
    for seq in (1, 2, 3):
        log.append(notice(seq))
    assert [envelope.seq for envelope in log.read_new("a", limit=2)] == [1, 2]
    assert [envelope.seq for envelope in log.read_new("a")] == [3]
    assert log.read_new("a") == []
    assert len(log.read_new("b")) == 3
    log.close()


def test_two_programs_share_a_log(path: Path) -> None:
    one, two = Log(path), Log(path)
    one.append(notice(1))
    two.append(notice(1, TWO))
    assert one.session_ids() == two.session_ids() == [TWO, ONE]
    one.close()
    two.close()


def test_a_file_that_is_no_database_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else entirely, and long enough to be looked at" * 50)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="cannot be opened"):
        Log(path)
    assert path.read_bytes() == before


def test_a_log_of_a_newer_version_is_left_alone(path: Path) -> None:
    log = Log(path)
    log.append(notice(1))
    log.close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version={SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(StoreError, match="newer trashclaw"):
        Log(path)


def test_a_damaged_entry_is_told_with_its_place(path: Path) -> None:
    log = Log(path)
    log.append(notice(1))
    log.append(notice(2))
    with sqlite3.connect(path) as db:
        db.execute('UPDATE outbox SET payload = \'{"type": "noti\' WHERE seq = 2')
    db.close()
    with pytest.raises(StoreError, match="Entry 2 of one"):
        list(log.read(ONE))
    log.close()


def test_an_event_that_this_version_does_not_know_is_told(path: Path) -> None:
    log = Log(path)
    log.append(notice(1))
    with sqlite3.connect(path) as db:
        db.execute("""UPDATE outbox SET payload = '{"type": "moon.landed"}'""")
    db.close()
    with pytest.raises(StoreError, match="Entry 1"):
        list(log.read(ONE))
    log.close()


def test_damaged_pages_are_told(path: Path) -> None:
    log = Log(path)
    for seq in range(1, 400):
        log.append(notice(seq, text="x" * 200))
    log.close()
    data = bytearray(path.read_bytes())
    data[4096 * 2 : 4096 * 20] = b"\xff" * 4096 * 18
    path.write_bytes(bytes(data))
    with pytest.raises(StoreError, match="cannot be"):
        list(Log(path).read(ONE))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be opened"):
        Log(tmp_path / "file" / "log.sqlite3")


FULL = """
import resource, sys
from pathlib import Path
from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.store.log import Log
import signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = Log(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
told = 0
try:
    for seq in range(1, 10_000):
        event = ev.Notice(code="test", text="x" * 2000)
        log.append(Envelope(seq=seq, at=0.0, session_id="one", event=event))
        told = seq
except StoreError as error:
    print(told, error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_told_and_what_was_told_before_it_stays(path: Path) -> None:
    path.parent.mkdir()
    ran = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)
    told, _, text = ran.stdout.partition(" ")
    assert "cannot be written" in text, ran.stderr
    assert "free space" in text
    log = Log(path)
    assert [envelope.seq for envelope in log.read(ONE)] == list(range(1, int(told) + 1))
    log.close()
