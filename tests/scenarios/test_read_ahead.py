"""What an idle machine does for the next prompt, and how fast it stops when there is one."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, assert_continues, open_driven, read
from tests.support.waiting import until
from trashclaw.agent.messages import Request, Role
from trashclaw.config.schema import ContextSettings, Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import ServerFailed
from trashclaw.protocol.items import Compaction, CompactionTrigger
from trashclaw.session import assembly
from trashclaw.session.read_ahead import ReadAhead

DONE = {"text": "Done."}
LIMIT = 8_192


def ahead(driven: Driven) -> ReadAhead:
    return driven.session._parts.read_ahead


async def begun(driven: Driven, count: int = 1) -> None:
    """Wait until so many requests were sent ahead."""
    await until(lambda: len(driven.provider.aheads) >= count)


def assert_ahead_of(later: Request, early: Request) -> None:
    """All of the early request but its last message begins the later one."""
    assert early.messages[-1].role is Role.USER
    assert later.messages[: len(early.messages) - 1] == early.messages[:-1]
    assert later.tools == early.tools
    assert early.max_tokens == 1


async def test_system_prompt_and_tools_are_read_before_the_first_prompt(repository: Path) -> None:
    async with open_driven(repository, [DONE]) as driven:
        await ahead(driven).wait()
        await driven.turn()
        (early,) = driven.provider.aheads
        assert_ahead_of(driven.provider.requests[0], early)
        assert [message.role for message in early.messages] == [Role.SYSTEM, Role.USER]
        assert ahead(driven).totals.requests == 1
        assert ahead(driven).totals.tokens > 0


async def test_it_is_no_part_of_the_log_or_the_conversation(repository: Path) -> None:
    async with open_driven(repository, [DONE, DONE]) as driven:
        await ahead(driven).wait()
        before = driven.session.transcript.seq
        assert driven.session.transcript.live.progress is None
        progress = [event for event in driven.events if isinstance(event, ev.Progress)]
        assert {event.text for event in progress} == {ev.AHEAD}
        assert progress[-1].phase is ev.Phase.WAITING
        await driven.turn()
        first = driven.stored()[before]
        assert isinstance(first.event, ev.TurnStarted)


async def test_a_prompt_stops_it_at_once(repository: Path) -> None:
    async with open_driven(repository, [DONE]) as driven:
        driven.provider.is_slow = True
        await begun(driven)
        assert driven.provider.closed == 0
        done = await driven.turn()
        assert done.stop_reason is ev.StopReason.END_TURN
        assert driven.provider.closed == 1


async def test_an_op_stops_it_too_and_it_begins_again(repository: Path) -> None:
    async with open_driven(repository, [DONE]) as driven:
        driven.provider.is_slow = True
        await begun(driven)
        await driven.do(ops.ContextCompact())
        assert driven.provider.closed == 1
        await begun(driven, 2)


async def test_closing_a_session_stops_it(repository: Path) -> None:
    async with open_driven(repository, [DONE]) as driven:
        driven.provider.is_slow = True
        await begun(driven)
        await driven.session.aclose()
        assert driven.provider.closed == 1
        assert not ahead(driven).is_working


@pytest.mark.skipif(sys.platform == "win32", reason="a command of a POSIX shell")
async def test_a_command_that_ends_beside_a_turn_begins_nothing(repository: Path) -> None:
    gate = asyncio.Event()
    async with open_driven(repository, [{"text": "First.", "hold": "go"}], gates={"go": gate}) as driven:
        await ahead(driven).wait()
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.ShellRun(command="true"))
        await driven.until(ev.ItemCompleted, lambda event: event.item.kind == "tool_run")
        await asyncio.sleep(0)
        assert not ahead(driven).is_working
        gate.set()
        await driven.until(ev.TurnCompleted)


async def test_whoever_stops_it_waits_until_the_server_is_let_go(repository: Path) -> None:
    async with open_driven(repository, [DONE]) as driven:
        driven.provider.is_slow = True
        await begun(driven)
        first = asyncio.create_task(ahead(driven).stop())
        await asyncio.sleep(0)
        first.cancel()
        await ahead(driven).stop()
        assert driven.provider.closed == 1
        assert not ahead(driven).is_working


async def test_what_the_model_wrote_itself_is_not_read_again(repository: Path) -> None:
    async with open_driven(repository, [{"calls": [read("README.md")]}, DONE, DONE]) as driven:
        await ahead(driven).wait()
        await driven.turn()
        await ahead(driven).wait()
        assert len(driven.provider.aheads) == 1


@pytest.mark.parametrize(
    "steps",
    [[{"thought": "Hm.", "text": "Done."}], [{"calls": [read("m1.py")]}, {"error": {"kind": "unreachable"}}]],
    ids=["templates leave thoughts out once the person speaks again", "a result was never sent"],
)
async def test_what_the_server_does_not_know_yet_is_read(large: Path, steps: list[dict[str, Any]]) -> None:
    async with open_driven(large, [*steps, DONE]) as driven:
        await ahead(driven).wait()
        await driven.turn()
        await ahead(driven).wait()
        assert len(driven.provider.aheads) == 2
        if driven.provider.position == 1:
            await driven.turn()
            assert_ahead_of(driven.provider.requests[-1], driven.provider.aheads[-1])


async def test_a_window_that_is_nearly_full_is_compacted_ahead(large: Path) -> None:
    steps = [*({"calls": [read(f"m{number}.py")]} for number in range(6)), DONE, {"text": "It is long. " * 900}, DONE]
    settings = Settings(context=ContextSettings(kept_results=1))
    async with open_driven(large, steps, settings=settings, limit_tokens=LIMIT) as driven:
        await driven.turn()
        await driven.turn("tell me all")
        await ahead(driven).wait()
        made = [item for item in driven.items if isinstance(item, Compaction)]
        assert made[-1].trigger is CompactionTrigger.AHEAD
        early = driven.provider.aheads[-1]
        await driven.turn("and now?")
        assert_ahead_of(driven.provider.requests[-1], early)
        assert len([item for item in driven.items if isinstance(item, Compaction)]) == len(made)
        assert [notice for notice in driven.notices if notice.code == "ledger_break"] == []


async def test_a_resumed_session_is_read_ahead_whole(large: Path) -> None:
    state = large.parent / "state"
    async with open_driven(large, [{"calls": [read("m1.py")]}, DONE], state=state) as first:
        await first.turn()
        session_id = first.session.session_id
    async with open_driven(large, [DONE], state=state, resume=session_id) as again:
        await ahead(again).wait()
        (early,) = again.provider.aheads
        assert any("value_1_80" in message.text for message in early.messages)
        await again.turn()
        assert_ahead_of(again.provider.requests[0], early)
        assert_continues(again.provider.requests[0], first.provider.requests[-1])


async def test_a_server_that_fails_is_not_told_of(repository: Path) -> None:
    async with open_driven(repository, [DONE]) as driven:
        driven.provider.error = ServerFailed("out of order")
        await ahead(driven).wait()
        assert len(driven.provider.aheads) == 1
        assert driven.notices == []
        done = await driven.turn()
        assert done.stop_reason is ev.StopReason.END_TURN


async def test_nothing_is_read_ahead_without_a_person(repository: Path) -> None:
    async with open_driven(repository, [DONE], can_ask=False) as driven:
        await ahead(driven).wait()
        await driven.turn()
        assert driven.provider.aheads == []


async def test_nothing_is_read_ahead_when_it_is_switched_off(repository: Path) -> None:
    off = Settings(context=ContextSettings(read_ahead=False))
    async with open_driven(repository, [DONE], settings=off) as driven:
        await ahead(driven).wait()
        await driven.turn()
        assert driven.provider.aheads == []


@pytest.mark.parametrize(("allowed", "count"), [(False, 0), (True, 1)])
async def test_a_battery_is_spared(
    repository: Path, monkeypatch: pytest.MonkeyPatch, allowed: bool, count: int
) -> None:
    monkeypatch.setattr(assembly, "on_battery", lambda: True)
    settings = Settings(context=ContextSettings(read_ahead_on_battery=allowed))
    async with open_driven(repository, [DONE], settings=settings) as driven:
        await ahead(driven).wait()
        assert len(driven.provider.aheads) == count


async def test_nothing_is_sent_ahead_to_a_model_elsewhere(repository: Path) -> None:
    async with open_driven(repository, [DONE], traits={"is_remote": True}) as driven:
        await ahead(driven).wait()
        await driven.turn()
        assert driven.provider.aheads == []


async def test_the_first_of_all_is_long_where_the_server_keeps_a_state_only_then(repository: Path) -> None:
    async with open_driven(repository, [DONE], traits={"first_ahead_tokens": 520}) as driven:
        await ahead(driven).wait()
        await driven.turn()
        (early,) = driven.provider.aheads
        assert_ahead_of(driven.provider.requests[0], early)
        assert early.messages[-1].text.count("0") == 520
