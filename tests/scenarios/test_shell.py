"""The person's own commands."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from tests.support.sessions import open_driven
from trashclaw.agent.records import outline
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.tools import ToolStatus

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="commands of a POSIX shell")


async def test_a_shared_command_joins_the_context(repository: Path) -> None:
    async with open_driven(repository, [{"text": "I see."}]) as driven:
        events = await driven.do(ops.ShellRun(command="echo out; echo err >&2; exit 3"))
        assert [event.type for event in events if ev.is_durable(event)] == ["item.started", "item.completed"]
        (run,) = driven.runs
        assert run.result is not None
        assert (run.result.stdout, run.result.stderr, run.result.exit_code) == ("out\n", "err\n", 3)
        await driven.turn("what was that?")
        told = driven.provider.requests[0].messages[1].text
        assert "exit code 3" in told
        assert "out" in told


async def test_a_command_that_is_not_shared_stays_between_the_person_and_the_shell(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.do(ops.ShellRun(command="echo secret", is_shared=False))
        await driven.turn("hello")
        assert not any("secret" in message.text for message in driven.provider.requests[0].messages)


async def test_recall_does_not_bring_back_what_a_command_that_is_not_shared_has_printed(repository: Path) -> None:
    calls = [{"name": "recall", "arguments": arguments} for arguments in ({"id": 1}, {"query": "secret"}, {"id": 2})]
    steps = [*({"calls": [call]} for call in calls), {"text": "Hi."}]
    async with open_driven(repository, steps) as driven:
        await driven.do(ops.ShellRun(command="echo secret", is_shared=False))
        await driven.do(ops.ShellRun(command="echo open"))
        await driven.turn("hello")
        texts = [run.result.text for run in driven.runs[2:] if run.result is not None]
        assert "open" in texts[0]
        assert not [text for text in texts if "secret\n" in text]


async def test_a_command_of_the_persons_is_named_where_its_output_is_left_out(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.do(ops.ShellRun(command="seq 1 3"))
        (run,) = driven.runs
        assert "! seq 1 3" in outline(run)


async def test_a_command_runs_beside_a_turn_and_is_told_after_its_step(repository: Path) -> None:
    gate = asyncio.Event()
    steps = [{"text": "First.", "hold": "go"}, {"text": "Second."}]
    async with open_driven(repository, steps, gates={"go": gate}) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.ShellRun(command="echo beside"))
        await driven.until(ev.ItemCompleted, lambda event: event.item.kind == "tool_run")
        gate.set()
        await driven.until(ev.TurnCompleted)
        await driven.turn("next")
        texts = [message.text for message in driven.provider.requests[1].messages]
        assert texts[2] == "First."
        assert "beside" in texts[3]


async def test_an_interrupted_command_dies_and_is_completed(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Ok."}]) as driven:
        driven.submit(ops.ShellRun(command="echo $$; exec sleep 60"))
        delta = await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnInterrupt())
        await driven.session.wait_idle()
        (run,) = driven.runs
        assert run.status is ToolStatus.CANCELLED
        with pytest.raises(ProcessLookupError):
            os.kill(int(delta.text), 0)
        await driven.turn()
        assert "I stopped" in driven.provider.requests[0].messages[1].text


async def test_a_closing_session_stops_the_command(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        driven.submit(ops.ShellRun(command="exec sleep 60"))
        await driven.until(ev.ItemStarted)
        await driven.session.aclose()
        assert [run.status for run in driven.runs] == [ToolStatus.CANCELLED]


async def test_an_empty_command_is_refused(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        with pytest.raises(UsageError, match="There is no command"):
            driven.submit(ops.ShellRun(command="  "))


async def test_a_command_that_cannot_be_started_fails_with_the_reason(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        await driven.do(ops.ShellRun(command="echo a\0b"))
        (run,) = driven.runs
        assert run.status is ToolStatus.FAILED
        assert run.result is not None
        assert "NUL" in run.result.text


async def test_one_command_at_a_time(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        driven.submit(ops.ShellRun(command="exec sleep 60"))
        await driven.until(ev.ItemStarted)
        with pytest.raises(UsageError, match="Another command"):
            driven.submit(ops.ShellRun(command="echo second"))
        driven.submit(ops.TurnInterrupt())


async def test_an_interrupt_right_behind_a_command_stops_it(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        driven.submit(ops.ShellRun(command="exec sleep 60"))
        driven.submit(ops.TurnInterrupt())
        await driven.session.wait_idle()
        assert [run.status for run in driven.runs] == [ToolStatus.CANCELLED]


async def test_closing_right_behind_a_command_stops_it(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        driven.submit(ops.ShellRun(command="exec sleep 60"))
        driven.submit(ops.SessionClose())
        await driven.until(ev.SessionEnded)
        assert [run.status for run in driven.runs] == [ToolStatus.CANCELLED]


async def test_long_and_hostile_output_is_bounded_and_stored(repository: Path) -> None:
    script = r"printf '\377\000\033[31m[bold]x'; head -c 300000 /dev/zero | tr '\0' 'y'; echo end"
    async with open_driven(repository, []) as driven:
        await driven.do(ops.ShellRun(command=script))
        (run,) = driven.runs
        assert run.result is not None
        assert len(run.result.text) < 13_000
        assert run.result.text.endswith("end\n```")
