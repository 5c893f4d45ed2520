"""`kill -9` while a session is forked or deleted: all of it happened, or nothing."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterator
from pathlib import Path

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.ids import ItemId, SessionId, TurnId
from trashclaw.protocol.items import UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.invariants import check
from trashclaw.session.library import Library
from trashclaw.session.storage import LOG_NAME
from trashclaw.store.log import Log

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

PARENT = SessionId("20260101-000000-aaaa")
TURNS, ROUNDS = 1_500, 6
CHANGE = """
import asyncio, sys
from pathlib import Path
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.library import Library
library = Library(Path(sys.argv[1]), Path(sys.argv[1]))
for line in sys.stdin:
    print("begin", flush=True)
    if line.startswith("fork"):
        library.fork(ForkPoint(library.find("aaaa")))
    else:
        asyncio.run(library.delete(library.find(line.split()[1])))
    print("end", flush=True)
"""


def events() -> Iterator[tuple[TurnId | None, ev.Event]]:
    yield None, ev.SessionStarted(workspace="/w", provider="p", model="m", mode=Mode.PLAN, limit_tokens=1)
    for number in range(TURNS):
        turn_id, message = TurnId(f"t{number}"), UserMessage(item_id=ItemId(f"u{number}"), text="word " * 400)
        for event in (
            ev.TurnStarted(),
            ev.ItemStarted(item=message),
            ev.ItemCompleted(item=message),
            ev.TurnCompleted(stop_reason=ev.StopReason.END_TURN),
        ):
            yield turn_id, event


@pytest.fixture
def state(tmp_path: Path) -> Path:
    log = Log(tmp_path / "state" / LOG_NAME)
    for seq, (turn_id, event) in enumerate(events(), start=1):
        log.append(Envelope(seq=seq, at=seq, session_id=PARENT, turn_id=turn_id, event=event))
    log.close()
    return tmp_path / "state"


async def killed(state: Path, order: str, delay_s: float) -> None:
    """Have another process carry out an order, and kill it so long after it began."""
    arguments = ("-c", CHANGE, str(state))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=PIPE, stdout=PIPE, stderr=DEVNULL)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(order.encode() + b"\n")
    await process.stdin.drain()
    assert await process.stdout.readline() == b"begin\n"
    # The moment is what varies here: whatever it is, what comes after holds.
    await asyncio.wait([asyncio.ensure_future(process.stdout.readline())], timeout=delay_s)
    process.send_signal(signal.SIGKILL)
    await process.wait()


def assert_sound(state: Path) -> list[SessionId]:
    log = Log(state / LOG_NAME)
    found = log.session_ids()
    for session_id in found:
        envelopes = list(log.read(session_id))
        assert check(envelopes) == []
        assert len(envelopes) - 1 >= 4 * TURNS
        if session_id != PARENT:
            assert isinstance(envelopes[-2].event, ev.SessionForked)
    log.close()
    assert [summary.session_id for summary in Library(state, state).list()] == found
    return found


async def test_a_fork_that_is_killed_is_whole_or_not_there(state: Path) -> None:
    moments = random.Random(3)
    for _ in range(ROUNDS):
        await killed(state, "fork", moments.random() * 0.12)
        assert PARENT in assert_sound(state)


async def test_a_deletion_that_is_killed_leaves_all_or_nothing(state: Path) -> None:
    moments, library = random.Random(4), Library(state, state)
    for _ in range(ROUNDS):
        fork_id = library.fork(ForkPoint(PARENT))
        await killed(state, f"delete {fork_id}", moments.random() * 0.12)
        assert PARENT in assert_sound(state)
