"""Forks: a log cut anywhere is a session of its own, which goes on like any other."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.eventful import EVENTFUL, play
from tests.support.sessions import Driven, assert_paired, edit, open_driven, read, read_log, unconfined, write
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError, TrashclawError, UsageError
from trashclaw.protocol.ids import ItemId, SessionId
from trashclaw.protocol.items import AgentMessage, ToolRun, UserMessage
from trashclaw.protocol.modes import Mode
from trashclaw.providers.scripted import Script, ScriptedProvider, ScriptedStep
from trashclaw.session import library as library_module
from trashclaw.session.build import LOG_NAME, Opening, open_session
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.forking import tail_of
from trashclaw.session.invariants import check
from trashclaw.session.library import Library
from trashclaw.session.opened_fork import fork_to_open
from trashclaw.session.storage import LEASES
from trashclaw.session.transcript import fold
from trashclaw.store import stored_rows
from trashclaw.store.lease import Lease
from trashclaw.store.log import Log
from trashclaw.store.rows import transaction

ACCEPT = Settings(mode=Mode.ACCEPT, allow_shell=True)


@pytest.fixture
async def eventful(repository: Path, tmp_path: Path) -> list[Envelope]:
    gate = asyncio.Event()
    async with open_driven(
        repository, EVENTFUL, settings=unconfined(), gates={"go": gate}, state=tmp_path / "whole"
    ) as driven:
        await play(driven, gate)
    return read_log(tmp_path / "whole", driven.session.session_id)


@pytest.fixture
def library(repository: Path, tmp_path: Path) -> Library:
    return Library(tmp_path / "whole", repository)


def items(envelopes: list[Envelope]) -> Iterator[UserMessage | AgentMessage | ToolRun]:
    for envelope in envelopes:
        if isinstance(envelope.event, ev.ItemCompleted) and isinstance(
            envelope.event.item, (UserMessage, AgentMessage, ToolRun)
        ):
            yield envelope.event.item


async def test_every_place_of_a_log_forks_into_a_sound_one(
    eventful: list[Envelope], library: Library, tmp_path: Path
) -> None:
    parent_id = eventful[0].session_id
    for seq in range(1, len(eventful) + 1):
        fork_id = library.fork(ForkPoint(parent_id, seq))
        forked = read_log(tmp_path / "whole", fork_id)
        origin = next(envelope.event for envelope in forked if isinstance(envelope.event, ev.SessionForked))
        assert check(forked) == [], seq
        assert origin.parent_id == parent_id
        assert origin.parent_seq <= seq
        copied = [envelope.model_copy(update={"session_id": parent_id}) for envelope in forked[: origin.parent_seq]]
        assert copied == eventful[: origin.parent_seq]
        assert not fold(forked).is_running
        assert fold(forked).queue == ()
        library_rows = library.list()
        assert library_rows[0].session_id == fork_id


async def test_every_item_forks_into_a_session_that_holds_it_and_no_message_before_which_it_was_cut(
    eventful: list[Envelope], library: Library, tmp_path: Path
) -> None:
    parent_id = eventful[0].session_id
    for item in items(eventful):
        forked = read_log(tmp_path / "whole", library.fork(ForkPoint(parent_id, item.item_id)))
        held = {there.item_id for there in items(forked)}
        assert check(forked) == []
        assert (item.item_id in held) is not isinstance(item, UserMessage)


async def test_a_prefix_of_a_log_as_a_crash_leaves_it_forks_too(
    eventful: list[Envelope], repository: Path, tmp_path: Path
) -> None:
    first = next(place for place, envelope in enumerate(eventful) if envelope.event.type == "turn.started")
    for end in range(first + 1, len(eventful), 3):
        state = tmp_path / f"cut{end}"
        log = Log(state / LOG_NAME)
        for envelope in eventful[:end]:
            log.append(envelope)
        log.close()
        forked = read_log(state, Library(state, repository).fork(ForkPoint(eventful[0].session_id)))
        assert check(forked) == [], end
        (state / LOG_NAME).unlink()


async def test_forks_go_on_like_any_session(
    eventful: list[Envelope], library: Library, repository: Path, tmp_path: Path
) -> None:
    parent_id = eventful[0].session_id
    for seq in range(5, len(eventful), 9):
        fork_id = library.fork(ForkPoint(parent_id, seq))
        steps = [{"text": "Back."}] * 2
        async with open_driven(repository, steps, state=tmp_path / "whole", resume=fork_id, settings=ACCEPT) as driven:
            assert driven.session.transcript.parent_id == parent_id
            done = await driven.turn("go on")
            assert done.stop_reason is ev.StopReason.END_TURN
            assert_paired(driven.provider.requests[0].messages)
    assert read_log(tmp_path / "whole", parent_id) == eventful


async def test_a_fork_of_a_running_session_holds_its_whole_steps(repository: Path, tmp_path: Path) -> None:
    gate = asyncio.Event()
    steps = [{"text": "First.", "calls": [read("README.md")]}, {"text": "Wait", "hold": "go"}, {"text": "Done."}]
    async with open_driven(repository, steps, gates={"go": gate}, state=tmp_path / "state") as driven:
        driven.submit(ops.TurnStart(text="look"))
        await driven.until(ev.ItemDelta, lambda event: event.text.startswith("Wait"))
        assert driven.session.library is not None
        fork_id = driven.session.library.fork(ForkPoint(driven.session.session_id))
        gate.set()
        await driven.until(ev.TurnCompleted)
    forked = read_log(tmp_path / "state", fork_id)
    said = [item.text for item in items(forked) if isinstance(item, AgentMessage)]
    ended = [envelope.event for envelope in forked if isinstance(envelope.event, ev.TurnCompleted)]
    assert (said, [event.stop_reason for event in ended]) == (["First."], [ev.StopReason.CANCELLED])
    assert ended[0].steps == 1


async def edited(repository: Path, state: Path) -> Driven:
    steps = [{"calls": [edit("README.md", "small", "large")]}, {"text": "Done."}] * 2
    steps[2] = {"calls": [write("new.txt", "new\n")]}
    async with open_driven(repository, steps, state=state, settings=ACCEPT) as driven:
        await driven.turn("first")
        await driven.turn("second")
    return driven


async def test_a_fork_can_undo_what_it_was_given_while_nobody_changed_it(repository: Path, tmp_path: Path) -> None:
    driven = await edited(repository, tmp_path / "state")
    library = Library(tmp_path / "state", repository)
    second = [item for item in driven.items if isinstance(item, UserMessage)][1]
    fork_id = library.fork(ForkPoint(driven.session.session_id, second.item_id))
    async with open_driven(repository, [], state=tmp_path / "state", resume=fork_id, settings=ACCEPT) as forked:
        events = await forked.do(ops.CheckpointRestore())
        assert any(isinstance(event, ev.CheckpointCreated) and event.is_restored for event in events)
    assert (repository / "README.md").read_text() == "# Shop\n\nA small shop.\n"
    assert (repository / "new.txt").read_text() == "new\n"


async def test_a_fork_does_not_undo_over_what_its_parent_did_later(repository: Path, tmp_path: Path) -> None:
    driven = await edited(repository, tmp_path / "state")
    fork_id = Library(tmp_path / "state", repository).fork(ForkPoint(driven.session.session_id))
    (repository / "new.txt").write_text("later\n")
    async with open_driven(repository, [], state=tmp_path / "state", resume=fork_id, settings=ACCEPT) as forked:
        events = await forked.do(ops.CheckpointRestore())
        assert [event.code for event in events if isinstance(event, ev.Notice)] == ["conflict"]
    assert (repository / "new.txt").read_text() == "later\n"


async def test_deleting_the_parent_leaves_a_fork_its_checkpoints(repository: Path, tmp_path: Path) -> None:
    driven = await edited(repository, tmp_path / "state")
    library = Library(tmp_path / "state", repository)
    fork_id = library.fork(ForkPoint(driven.session.session_id))
    await library.delete(driven.session.session_id)
    assert [summary.session_id for summary in library.list()] == [fork_id]
    async with open_driven(repository, [], state=tmp_path / "state", resume=fork_id, settings=ACCEPT) as forked:
        await forked.do(ops.CheckpointRestore())
    assert not (repository / "new.txt").exists()


async def test_what_only_a_deleted_session_could_undo_is_gone(repository: Path, tmp_path: Path) -> None:
    driven = await edited(repository, tmp_path / "state")
    kept = {event.checkpoint_id for event in driven.events if isinstance(event, ev.CheckpointCreated)}
    refs = tmp_path / "state" / "checkpoints" / "refs" / "checkpoints"
    assert kept <= {file.name for file in refs.iterdir()}
    await Library(tmp_path / "state", repository).delete(driven.session.session_id)
    assert not [file for file in refs.glob("*") if file.name in kept]


async def test_an_open_session_is_renamed_by_an_op_and_told_so(repository: Path, tmp_path: Path) -> None:
    async with open_driven(repository, [{"text": "Yes."}], state=tmp_path / "state") as driven:
        await driven.turn("what is it?")
        await driven.do(ops.SessionRename(title="  The\n shop "))
        library = driven.session.library
        assert library is not None
        assert driven.session.transcript.title == "The shop"
        assert [(one.title, one.is_named, one.is_open) for one in library.list()] == [("The shop", True, True)]
        with pytest.raises(UsageError, match="open here"):
            library.rename(driven.session.session_id, "x")
        with pytest.raises(UsageError, match="cannot be deleted"):
            await library.delete(driven.session.session_id)
        elsewhere = Library(tmp_path / "state", repository)
        with pytest.raises(StoreError, match="open in another"):
            elsewhere.rename(driven.session.session_id, "x")
        with pytest.raises(StoreError, match="open in another"):
            await elsewhere.delete(driven.session.session_id)
        await driven.do(ops.SessionRename())
        assert driven.session.transcript.title == ""
    assert [(one.title, one.is_open) for one in elsewhere.list()] == [("what is it?", False)]
    elsewhere.rename(driven.session.session_id, "Closed")
    assert [one.title for one in elsewhere.list()] == ["Closed"]


@pytest.mark.parametrize("at", [0, ItemId("item_gone")])
async def test_a_place_that_is_none_is_told(eventful: list[Envelope], library: Library, at: ItemId | int) -> None:
    with pytest.raises(UsageError, match=r"cannot be forked|no item"):
        library.fork(ForkPoint(eventful[0].session_id, at))
    with pytest.raises(UsageError, match="no session"):
        library.fork(ForkPoint(SessionId("20200101-000000-0000")))
    assert len(library.list()) == 1


async def test_a_fork_before_an_item_has_nothing_of_it_nor_of_what_came_later(
    eventful: list[Envelope], library: Library, tmp_path: Path
) -> None:
    parent_id = eventful[0].session_id
    for item in items(eventful):
        fork_id = library.fork(ForkPoint(parent_id, item.item_id, is_before=True))
        forked = read_log(tmp_path / "whole", fork_id)
        check(forked)
        first = next(
            one for one in eventful if getattr(getattr(one.event, "item", None), "item_id", "") == item.item_id
        )
        origin = next(one.event for one in forked if isinstance(one.event, ev.SessionForked))
        assert origin.parent_seq < first.seq
        await library.delete(fork_id)
    assert [one.session_id for one in library.list()] == [parent_id]


def fork_opening(repository: Path, state: Path, session_id: SessionId, **more: object) -> Opening:
    """Return what opens a fork with a model that is not there, unless `more` has one."""
    nowhere = Settings(provider="scripted", model=str(state / "gone.yaml"))
    return Opening(**{"root": repository, "settings": nowhere, "state": state, "resume": ForkPoint(session_id), **more})


async def test_a_fork_is_made_when_it_is_opened(eventful: list[Envelope], repository: Path, tmp_path: Path) -> None:
    provider = ScriptedProvider(Script(steps=(ScriptedStep(text="On."),)))
    opening = fork_opening(repository, tmp_path / "whole", eventful[0].session_id, provider=provider)
    session = await open_session(opening)
    assert session.transcript.parent_id == eventful[0].session_id
    await session.aclose()
    assert len(Library(tmp_path / "whole", repository).list()) == 2


async def test_nothing_stays_of_a_fork_that_cannot_be_opened(
    eventful: list[Envelope], library: Library, repository: Path, tmp_path: Path
) -> None:
    with pytest.raises(TrashclawError):
        await open_session(fork_opening(repository, tmp_path / "whole", eventful[0].session_id))
    assert [one.session_id for one in library.list()] == [eventful[0].session_id]


async def test_nothing_stays_of_a_fork_whose_opening_is_ended(
    eventful: list[Envelope], library: Library, repository: Path, tmp_path: Path
) -> None:
    for rounds in range(8):
        opening = asyncio.ensure_future(
            open_session(fork_opening(repository, tmp_path / "whole", eventful[0].session_id))
        )
        for _ in range(rounds):
            await asyncio.sleep(0)
        opening.cancel()
        with pytest.raises((asyncio.CancelledError, TrashclawError)):
            await opening
        assert [one.session_id for one in library.list()] == [eventful[0].session_id]


async def test_nothing_stays_of_a_fork_whose_opening_is_ended_again_and_again(
    eventful: list[Envelope], library: Library, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, (begun, go, made) = asyncio.get_running_loop(), (asyncio.Event(), threading.Event(), threading.Event())

    def fork(self: Library, point: ForkPoint) -> SessionId:
        loop.call_soon_threadsafe(begun.set)
        assert go.wait(20)
        try:
            return whole(self, point)
        finally:
            made.set()

    whole = Library.fork
    monkeypatch.setattr(Library, "fork", fork)
    opening = asyncio.ensure_future(open_session(fork_opening(repository, tmp_path / "whole", eventful[0].session_id)))
    await begun.wait()
    for _ in range(3):
        opening.cancel()
        for _ in range(5):
            await asyncio.sleep(0)
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert await asyncio.to_thread(made.wait, 20)
    assert [one.session_id for one in library.list()] == [eventful[0].session_id]


async def test_why_a_fork_cannot_be_opened_is_told_though_it_cannot_be_taken_back(
    eventful: list[Envelope], library: Library, repository: Path, tmp_path: Path
) -> None:
    point, lease = ForkPoint(eventful[0].session_id), None
    with pytest.raises(UsageError, match="no model"):
        async with fork_to_open(tmp_path / "whole", repository, point) as fork_id:
            lease = Lease(tmp_path / "whole" / LEASES, fork_id)
            raise UsageError("There is no model.")
    assert lease is not None
    lease.release()


async def test_a_fork_of_a_session_that_is_deleted_meanwhile_is_none(
    eventful: list[Envelope], library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent_id = eventful[0].session_id

    def tail(*arguments: Any) -> list[Envelope]:
        library._delete(parent_id)
        return tail_of(*arguments)

    monkeypatch.setattr(library_module, "tail_of", tail)
    with pytest.raises(StoreError, match=r"deleted meanwhile|cannot be read"):
        library.fork(ForkPoint(parent_id))
    assert library.list() == []


async def test_two_that_fork_the_same_get_a_fork_each(eventful: list[Envelope], library: Library) -> None:
    point = ForkPoint(eventful[0].session_id)
    made = await asyncio.gather(*(asyncio.to_thread(library.fork, point) for _ in range(6)))
    assert len(set(made)) == 6
    assert {one.session_id for one in library.list()} == {*made, eventful[0].session_id}


async def test_a_session_that_is_forked_while_it_is_deleted_leaves_the_fork_its_checkpoints(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fork comes at the last moment before the session is removed."""
    driven = await edited(repository, tmp_path / "state")
    library, forks = Library(tmp_path / "state", repository), []

    @contextmanager
    def late(db: sqlite3.Connection) -> Iterator[None]:
        if not forks:
            forks.append(None)
            forks[0] = library.fork(ForkPoint(driven.session.session_id))
        with transaction(db):
            yield

    monkeypatch.setattr(stored_rows, "transaction", late)
    await library.delete(driven.session.session_id)
    async with open_driven(repository, [], state=tmp_path / "state", resume=forks[0], settings=ACCEPT) as forked:
        await forked.do(ops.CheckpointRestore())
    assert not (repository / "new.txt").exists()
