"""Compacting that the person asks for: stopped while the model sums up, taken back, and the same after a resume."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from tests.support.sessions import LIMIT_S, Driven, open_driven, read
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.items import Compaction
from trashclaw.session.transcript import fold

LIMIT = 16_000
QUIET = Settings(context=ContextSettings(read_ahead=False))


def talk(turns: int) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    for number in range(turns):
        steps += [{"calls": [read(f"m{number}.py")]}, {"text": f"Answer {number}. " + "And so on. " * 150}]
    return steps


async def idle(driven: Driven) -> None:
    async with asyncio.timeout(LIMIT_S):
        await driven.session.wait_idle()


async def used(driven: Driven, turns: int) -> None:
    for number in range(turns):
        await driven.turn(f"Question {number}?")


async def test_esc_while_the_model_sums_up_stops_the_asking_and_leaves_nothing_out(large: Path) -> None:
    slow = asyncio.Event()
    traits = {"summaries": ("Never.",), "wait_summary": "slow"}
    gates = {"slow": slow}
    async with open_driven(
        large, [*talk(8), {"text": "On."}], settings=QUIET, limit_tokens=LIMIT, traits=traits, gates=gates
    ) as driven:
        await used(driven, 8)
        before = driven.session._parts.turns.agent.history.messages
        driven.submit(ops.ContextCompact())
        await driven.until(ev.Progress, lambda event: event.text == ev.SUMMING_UP and event.phase is ev.Phase.PREFILL)
        driven.submit(ops.TurnInterrupt())
        await idle(driven)
        assert driven.session._parts.turns.agent.history.messages == before
        assert not [item for item in driven.items if isinstance(item, Compaction)]
        assert "Stopped: nothing was left out" in driven.notices[-1].text
        assert driven.session.transcript.live.progress is None
        assert (await driven.turn("Go on.")).stop_reason is ev.StopReason.END_TURN


async def test_esc_with_nothing_to_stop_says_nothing(large: Path) -> None:
    async with open_driven(large, talk(1), settings=QUIET, limit_tokens=LIMIT) as driven:
        await used(driven, 1)
        told = len(driven.notices)
        await driven.do(ops.TurnInterrupt())
        assert len(driven.notices) == told


async def test_an_interrupt_that_comes_with_the_op_leaves_the_window_whole(large: Path) -> None:
    traits = {"summaries": ("Never.",), "wait_summary": "slow"}
    gates = {"slow": asyncio.Event()}
    async with open_driven(large, talk(8), settings=QUIET, limit_tokens=LIMIT, traits=traits, gates=gates) as driven:
        await used(driven, 8)
        driven.submit(ops.ContextCompact())
        driven.submit(ops.TurnInterrupt())
        await idle(driven)
        assert not [item for item in driven.items if isinstance(item, Compaction)]


async def test_a_compaction_taken_back_is_known_as_such_also_after_a_resume(large: Path) -> None:
    async with open_driven(large, talk(8), settings=QUIET, limit_tokens=LIMIT) as driven:
        await used(driven, 8)
        await driven.do(ops.ContextCompact())
        (made,) = (item for item in driven.items if isinstance(item, Compaction))
        assert driven.session.transcript.undone == {}
        small = driven.session.transcript.live.context
        await driven.do(ops.ContextCompact(is_undo=True))
        large_again = driven.session.transcript.live.context
        assert small is not None and large_again is not None
        assert small.used_tokens < large_again.used_tokens * 0.8
        assert list(driven.session.transcript.undone) == [made.item_id]
        assert list(fold(driven.stored()).undone) == [made.item_id]


async def test_going_back_to_before_an_undo_brings_the_compaction_back(large: Path) -> None:
    steps = [*talk(8), {"text": "On."}]
    async with open_driven(large, steps, settings=QUIET, limit_tokens=LIMIT) as driven:
        await used(driven, 8)
        await driven.do(ops.ContextCompact())
        compacted = driven.session._parts.turns.agent.history.messages
        await driven.turn("Go on.")
        await driven.do(ops.ContextCompact(is_undo=True))
        assert len(driven.session.transcript.undone) == 1
        last = driven.session.rewind.points()[0]
        await driven.do(ops.CheckpointRestore(item_id=last.item_id, part=ops.RestorePart.CONVERSATION))
        assert driven.session._parts.turns.agent.history.messages == compacted
        assert driven.session.transcript.undone == {}
