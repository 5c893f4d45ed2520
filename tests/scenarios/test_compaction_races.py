"""What comes while a window is being compacted, or the beginning of the next request is read: nothing half lands."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, open_driven, read
from trashclaw.agent.history import fold
from trashclaw.agent.messages import Message, Role
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.checkpoints import RestorePart
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.items import Compaction, CompactionTrigger
from trashclaw.protocol.modes import Mode

LIMIT = 8_192
WORDS = "Decided: keep the old format. Open: the tests."


def made(driven: Driven) -> list[Compaction]:
    return [item for item in driven.items if isinstance(item, Compaction)]


def window(driven: Driven) -> tuple[Message, ...]:
    return driven.session._parts.journal.history.messages


def texts(messages: tuple[Message, ...]) -> str:
    return "\n".join(message.text for message in messages if message.role is Role.USER)


@asynccontextmanager
async def summing_up(repository: Path) -> AsyncIterator[tuple[Driven, asyncio.Event]]:
    """Give a session that is idle, and whose idle machine waits for the model's summary of a full window."""
    gate = asyncio.Event()
    steps: list[dict[str, Any]] = [{"text": f"Answer {number}. " + "It goes on and on. " * 260} for number in range(5)]
    traits = {"summaries": (WORDS,) * 4, "wait_summary": "slow"}
    more = [{"text": "On it."}] * 4
    async with open_driven(
        repository, [*steps, *more], limit_tokens=LIMIT, traits=traits, gates={"slow": gate}
    ) as driven:
        for number in range(5):
            await driven.turn(f"Question {number}?")
            driven.session._parts.turns.agent.written_tokens_per_s = None
        await driven.until(ev.Progress, lambda event: event.text == ev.AHEAD and event.phase is ev.Phase.PREFILL)
        assert driven.provider.requests[-1].is_aside
        assert not made(driven)
        yield driven, gate


async def test_a_prompt_stops_the_summary_and_the_turn_compacts_itself(repository: Path) -> None:
    async with summing_up(repository) as (driven, gate):
        before = window(driven)
        driven.submit(ops.TurnStart(text="Quick!"))
        driven.submit(ops.TurnSteer(text="And this."))
        with pytest.raises(UsageError):
            driven.submit(ops.TurnStart(text="Twice!"))
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.END_TURN
        assert [item.trigger for item in made(driven)][:1] == [CompactionTrigger.FULL]
        said = [message.text.split("\n")[0] for message in window(driven) if message.role is Role.USER]
        persons = [text for text in said if text in {message.text.split("\n")[0] for message in before}]
        assert persons == [f"Question {number}?" for number in range(5)]
        assert said[-2:] == ["Quick!", "And this."]
        gate.set()


@pytest.mark.skipif(sys.platform == "win32", reason="a command of a POSIX shell")
async def test_what_a_command_shows_while_the_model_sums_up_stays(repository: Path) -> None:
    async with summing_up(repository) as (driven, gate):
        await driven.do(ops.ShellRun(command="echo shown meanwhile"))
        gate.set()
        await driven.session._parts.read_ahead.wait()
        (item,) = made(driven)
        assert item.is_by_model
        assert item.trigger is CompactionTrigger.AHEAD
        assert "shown meanwhile" in texts(window(driven))
        assert (await driven.turn("And now?")).stop_reason is ev.StopReason.END_TURN
        assert not [notice for notice in driven.notices if notice.code == "ledger_break"]


@pytest.mark.parametrize("what", ["compact", "undo", "rewind", "model", "close"])
async def test_an_op_takes_the_place_of_the_summary(repository: Path, what: str) -> None:
    async with summing_up(repository) as (driven, gate):
        driven.session._parts.read_ahead._is_on = False
        before = window(driven)
        match what:
            case "compact":
                gate.set()
                await driven.do(ops.ContextCompact())
                assert [item.trigger for item in made(driven)] == [CompactionTrigger.ASKED]
            case "undo":
                await driven.do(ops.ContextCompact(is_undo=True))
                assert window(driven) == before
            case "rewind":
                point = driven.session.rewind.points()[0]
                await driven.do(ops.CheckpointRestore(item_id=point.item_id, part=RestorePart.CONVERSATION))
                assert window(driven) == before[:-2]
            case "model":
                await driven.do(ops.SettingsSet(model="other"))
                assert window(driven) == before
            case _:
                await driven.session.aclose()
                assert window(driven) == before
        assert len(made(driven)) == (1 if what == "compact" else 0)
        gate.set()


async def test_a_mode_that_changes_meanwhile_changes_nothing_of_the_compaction(repository: Path) -> None:
    async with summing_up(repository) as (driven, gate):
        driven.submit(ops.SettingsSet(mode=Mode.PLAN))
        gate.set()
        await driven.session._parts.read_ahead.wait()
        assert [item.is_by_model for item in made(driven)] == [True]
        assert (await driven.turn("And now?")).stop_reason is ev.StopReason.END_TURN
        assert "Mode: plan" in texts(window(driven))


async def test_esc_while_a_turn_waits_for_its_summary_ends_the_turn_at_once(repository: Path) -> None:
    (repository / "long.py").write_text("".join(f"value_{line} = {line}\n" for line in range(2_000)))
    steps: list[dict[str, Any]] = [{"text": f"Answer {number}. " + "It goes on and on. " * 220} for number in range(5)]
    steps += [{"calls": [read("long.py")]}, {"text": "Done."}, {"text": "Done."}]
    traits = {"summaries": (WORDS,) * 4, "wait_summary": "slow"}
    off = Settings(context=ContextSettings(read_ahead=False))
    async with open_driven(
        repository, steps, settings=off, limit_tokens=LIMIT, traits=traits, gates={"slow": asyncio.Event()}
    ) as driven:
        agent = driven.session._parts.turns.agent
        for number in range(5):
            await driven.turn(f"Question {number}?")
        agent.written_tokens_per_s = 500.0
        driven.submit(ops.TurnStart(text="Read it."))
        await driven.until(ev.Progress, lambda event: event.text == ev.SUMMING_UP and event.phase is ev.Phase.PREFILL)
        before = window(driven)
        driven.submit(ops.TurnInterrupt())
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.CANCELLED
        await driven.session.wait_idle()
        assert window(driven) == before
        assert made(driven) == []
        assert driven.session.transcript.live.progress is None
        agent.written_tokens_per_s = None
        assert (await driven.turn("Go on.")).stop_reason is ev.StopReason.END_TURN
        assert len(made(driven)) == 1
        assert fold("", [envelope.event for envelope in driven.stored()]).messages == window(driven)
