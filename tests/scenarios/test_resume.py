"""Resume: a session goes on as if it had never stopped, wherever its log was cut."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.eventful import EVENTFUL, play
from tests.support.sessions import (
    assert_continues,
    assert_paired,
    open_driven,
    read_log,
    unconfined,
)
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError, UsageError
from trashclaw.protocol.modes import Mode
from trashclaw.session.build import LOG_NAME
from trashclaw.session.invariants import check
from trashclaw.session.repair import closing_events
from trashclaw.session.transcript import fold
from trashclaw.store.log import Log


@pytest.fixture
async def eventful(repository: Path, tmp_path: Path) -> list[Envelope]:
    gate = asyncio.Event()
    async with open_driven(
        repository, EVENTFUL, settings=unconfined(), gates={"go": gate}, state=tmp_path / "whole"
    ) as driven:
        await play(driven, gate)
        return driven.stored()


async def test_everything_is_as_it_was_and_the_next_request_goes_on(repository: Path) -> None:
    gate = asyncio.Event()
    async with open_driven(repository, EVENTFUL, settings=unconfined(), gates={"go": gate}) as driven:
        await play(driven, gate)
        last, before = driven.provider.requests[-1], driven.session.transcript
    async with open_driven(
        repository, [{"text": "Back."}], resume="last", settings=Settings(mode=before.mode)
    ) as again:
        transcript = again.session.transcript
        assert again.session.session_id == driven.session.session_id
        assert (transcript.entries, transcript.plan, transcript.queue) == (before.entries, before.plan, before.queue)
        assert (transcript.undoable, transcript.usage, transcript.mode) == (before.undoable, before.usage, before.mode)
        await again.turn("still there?")
        assert_continues(again.provider.requests[0], last)


async def test_what_was_queued_is_still_queued(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Wait", "hold": True}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnFollowUp(text="later", attached="<file/>"))
        driven.submit(ops.TurnInterrupt())
        await driven.until(ev.TurnCompleted)
    async with open_driven(repository, [{"text": "Yes."}, {"text": "That too."}], resume="last") as driven:
        assert [entry.text for entry in driven.session.transcript.queue] == ["later"]
        assert (await driven.turn()).steps == 2
        assert driven.session.transcript.queue == ()


def store(envelopes: list[Envelope], folder: Path) -> Path:
    log = Log(folder / LOG_NAME)
    for envelope in envelopes:
        log.append(envelope)
    log.close()
    return folder


async def test_a_log_cut_at_any_event_is_closed_and_goes_on(
    eventful: list[Envelope], repository: Path, tmp_path: Path
) -> None:
    kinds = {envelope.event.type for envelope in eventful}
    assert {"approval.requested", "question.requested", "plan.updated", "checkpoint.created", "input.queued"} <= kinds
    first = next(place for place, envelope in enumerate(eventful) if envelope.event.type == "turn.started")
    settings = Settings(mode=Mode.ACCEPT, allow_shell=True)
    for cut in range(first + 1, len(eventful)):
        kept = eventful[:cut]
        state = store(kept, tmp_path / f"cut{cut}")
        steps = [{"text": "Back."}] * 2
        async with open_driven(repository, steps, state=state, resume="last", settings=settings) as driven:
            done = await driven.turn("go on")
            assert done.stop_reason is ev.StopReason.END_TURN, kept[-1]
            messages = driven.provider.requests[0].messages
            assert_paired(messages)
            assert not [call for message in messages for call in message.calls if call.name == "shell"], kept[-1]


async def test_repairing_what_is_whole_changes_nothing(eventful: list[Envelope]) -> None:
    assert closing_events(eventful) == (None, [])


async def test_a_turn_that_was_cut_off_can_be_undone_without_losing_later_work(
    eventful: list[Envelope], repository: Path, tmp_path: Path
) -> None:
    landed = next(place for place, envelope in enumerate(eventful) if envelope.event.type == "checkpoint.created")
    (repository / "README.md").write_text("# Shop\n\nA large shop.\n")
    # The checkpoints are those of the whole session.
    state = tmp_path / "whole"
    (state / LOG_NAME).unlink()
    store(eventful[: landed + 2], state)
    async with open_driven(repository, [], state=state, resume="last") as driven:
        (repository / "src" / "app.py").write_text("mine\n")
        await driven.do(ops.CheckpointRestore())
        assert (repository / "README.md").read_text() == "# Shop\n\nA small shop.\n"
        assert (repository / "src" / "app.py").read_text() == "mine\n"


async def test_two_programs_do_not_write_to_one_session(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}, {"text": "Ok."}]) as driven:
        await driven.turn()
        with pytest.raises(StoreError, match="open in another"):
            async with open_driven(repository, [], resume="last"):
                pass
        async with open_driven(repository, [{"text": "Hello."}]) as other:
            await other.turn()
        await driven.turn()
    async with open_driven(repository, [], resume=driven.session.session_id):
        pass


HOLDER = """
import sys
from pathlib import Path
from trashclaw.store.lease import Lease
lease = Lease(Path(sys.argv[1]), sys.argv[2])
print("held", flush=True)
sys.stdin.read()
"""


async def test_a_lease_dies_with_its_holder(repository: Path, tmp_path: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.turn()
    command = [sys.executable, "-c", HOLDER, str(driven.state / "leases"), driven.session.session_id]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreError, match="open in another"):
            async with open_driven(repository, [], resume="last"):
                pass
        holder.kill()
        holder.wait(10)
        async with open_driven(repository, [], resume="last"):
            pass


async def test_a_session_is_found_by_a_part_of_its_id(repository: Path) -> None:
    ids = []
    for _ in range(2):
        async with open_driven(repository, [{"text": "Hi."}]) as driven:
            await driven.turn()
            ids.append(driven.session.session_id)
    for wanted in (ids[0], ids[0][-4:], "last"):
        async with open_driven(repository, [], resume=wanted) as driven:
            assert driven.session.session_id == ids[0]
    with pytest.raises(UsageError, match="More than one"):
        async with open_driven(repository, [], resume=ids[0][:4]):
            pass
    with pytest.raises(UsageError, match="no session"):
        async with open_driven(repository, [], resume="never"):
            pass


async def test_a_session_in_which_nothing_was_said_is_not_the_last(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.turn()
    async with open_driven(repository, []):
        pass
    async with open_driven(repository, [], resume="last") as again:
        assert again.session.session_id == driven.session.session_id
        assert len(again.session.sessions()) == 1


async def test_without_a_session_nothing_is_stored(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}], is_stored=False) as driven:
        await driven.turn()
        assert check(driven.all_seen(), is_live=True) == []
        assert fold(driven.all_seen()) == driven.session.transcript
        assert driven.session.sessions() == []
    assert not (driven.state / LOG_NAME).exists()


async def test_an_answer_after_a_resume_is_refused(eventful: list[Envelope], repository: Path, tmp_path: Path) -> None:
    place = next(place for place, envelope in enumerate(eventful) if envelope.event.type == "approval.requested")
    asked = eventful[place].event
    assert isinstance(asked, ev.ApprovalRequested)
    state = store(eventful[: place + 1], tmp_path / "asked")
    async with open_driven(repository, [], state=state, resume="last") as driven:
        assert driven.session.transcript.approvals == {}
        approval = Approval(verdict=Verdict.ACCEPTED)
        with pytest.raises(UsageError, match="answered already"):
            driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=approval))
    done = [envelope.event for envelope in read_log(state, driven.session.session_id)]
    last_turn = next(event for event in done if isinstance(event, ev.TurnCompleted))
    assert last_turn.error is not None
    assert last_turn.error.code == "interrupted"
