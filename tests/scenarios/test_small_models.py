"""Small models, through whole sessions: dialects, the second question, circles, failures and plans."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import assert_continues, bash, edit, open_driven, read, write
from trashclaw.agent.messages import Role
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.items import AgentMessage
from trashclaw.protocol.manners import DialectName, EditFormat, Rung, ToolSetName
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolStatus

TYPED = {"has_tools": False, "can_constrain": True}
ACCEPT = Settings(mode=Mode.ACCEPT)


def reply(say: str, tool: str = "done", **arguments: Any) -> dict[str, Any]:
    """Return a step whose text is a typed reply."""
    return {"text": json.dumps({"say": say, "tool": tool, **({"arguments": arguments} if tool != "done" else {})})}


async def test_a_model_without_tools_does_the_job_in_typed_replies(repository: Path) -> None:
    steps = [
        reply("I look.", "read_file", path="README.md"),
        reply("I change it.", "edit_file", path="README.md", old_text="small", new_text="large"),
        reply("It is large now."),
    ]
    async with open_driven(repository, steps, settings=ACCEPT, traits=TYPED) as driven:
        done = await driven.turn()
        assert done.stop_reason is ev.StopReason.END_TURN
        assert "large" in (repository / "README.md").read_text()
        manner = driven.session.transcript.manner
        assert manner is not None
        assert manner.dialect is DialectName.TYPED
        said = [item.text for item in driven.items if isinstance(item, AgentMessage)]
        assert said == ["I look.", "I change it.", "It is large now."]
        for earlier, later in zip(driven.provider.requests, driven.provider.requests[1:], strict=False):
            assert_continues(later, earlier)
        assert driven.provider.requests[0].schema is not None
        assert "ledger_break" not in [notice.code for notice in driven.notices]


async def test_a_server_that_refuses_tools_is_asked_in_another_dialect_and_it_is_told(repository: Path) -> None:
    settings = Settings.model_validate({"mode": "accept", "manner": {"dialect": "native"}})
    async with open_driven(repository, [reply("Hello.")], settings=settings, traits=TYPED) as driven:
        done = await driven.turn()
        assert (done.stop_reason, done.steps) == (ev.StopReason.END_TURN, 1)
        manner = driven.session.transcript.manner
        assert manner is not None
        assert manner.dialect is DialectName.TYPED
        assert manner in driven.session.transcript.entries


async def test_the_person_can_forbid_another_dialect(repository: Path) -> None:
    settings = Settings.model_validate({"mode": "accept", "manner": {"dialect": "native", "switch": False}})
    async with open_driven(repository, [reply("Hello.")], settings=settings, traits=TYPED) as driven:
        done = await driven.turn()
        assert done.error is not None
        assert done.error.code == "tools_unsupported"


async def test_a_call_that_cannot_be_read_is_asked_for_once_more(repository: Path) -> None:
    broken = {"name": "read_file", "arguments": '{"path": "READ'}
    steps = [{"text": "I look.", "calls": [broken]}, {"text": '{"path": "README.md"}'}, {"text": "Done."}]
    async with open_driven(repository, steps, traits={"can_constrain": True}) as driven:
        await driven.turn()
        (run,) = driven.runs
        assert run.status is ToolStatus.DONE
        assert [mending.rung for mending in run.mended] == [Rung.REASKED]
        assert json.loads(run.call.arguments) == {"path": "README.md"}
        asked = driven.provider.requests
        assert asked[1].schema is not None
        assert asked[1].messages[: len(asked[0].messages)] == asked[0].messages
        assert asked[1].tools == asked[0].tools
        assert_continues(asked[2], asked[0])
        assert driven.session.transcript.mended_calls == 1


async def test_a_call_of_a_cut_answer_is_neither_run_nor_asked_for(repository: Path) -> None:
    broken = {"name": "write_file", "arguments": '{"path": "a.txt", "content": "one'}
    steps = [{"calls": [broken], "end": "length"}, {"text": "Ok."}]
    async with open_driven(repository, steps, settings=ACCEPT, traits={"can_constrain": True}) as driven:
        await driven.turn()
        assert [run.status for run in driven.runs] == [ToolStatus.FAILED]
        assert not (repository / "a.txt").exists()


async def test_the_same_call_again_and_again_is_stopped_with_a_report(repository: Path) -> None:
    steps = [{"text": f"Look {number}.", "calls": [read("README.md")]} for number in range(30)]
    async with open_driven(repository, steps) as driven:
        done = await driven.turn()
        assert done.stop_reason is ev.StopReason.STALLED
        assert done.steps <= 6
        codes = [notice.code for notice in driven.notices]
        assert "loop" in codes
        assert codes[-1] == "stalled"


async def test_edits_that_find_no_place_change_the_format(repository: Path) -> None:
    steps = [
        {"text": f"Try {number}.", "calls": [edit("README.md", f"nowhere at all {number}", "x")]} for number in range(3)
    ]
    settings = Settings.model_validate({"mode": "accept", "limits": {"repeats": 30, "idle_steps": 30}})
    async with open_driven(repository, [*steps, {"text": "I give up."}], settings=settings) as driven:
        await driven.turn()
        manner = driven.session.transcript.manner
        assert manner is not None
        assert manner.edit_format is EditFormat.WHOLE
        assert driven.provider.requests[-1].tools == driven.provider.requests[0].tools
        assert any("write_file" in message.text for message in driven.provider.requests[-1].messages[-2:])


async def test_a_failed_command_is_told_and_answered_for_before_it_comes_again(repository: Path) -> None:
    bad = bash("echo no such luck >&2; exit 3")
    steps = [
        {"text": "Run.", "calls": [bad]},
        {"calls": [bad]},
        {"text": "It fails.", "calls": [bad]},
        {"text": "End."},
    ]
    async with open_driven(repository, steps, settings=ACCEPT) as driven:
        await driven.turn()
        told = [event for event in driven.events if isinstance(event, ev.FailureRouted)]
        assert [(event.exit_code, event.lines, event.times) for event in told] == [
            (3, ("no such luck",), 1),
            (3, ("no such luck",), 2),
        ]
        assert len(driven.runs) == 3
        assert driven.runs[1].result is not None
        assert driven.runs[1].result.text.startswith("Not run")


async def test_nothing_is_done_before_there_is_a_plan(repository: Path) -> None:
    plan = {"name": "update_plan", "arguments": {"entries": [{"text": "make it", "status": "in_progress"}]}}
    steps = [
        {"text": "I write.", "calls": [read("README.md"), write("a.txt", "one\n")]},
        {"text": "I plan.", "calls": [plan, write("a.txt", "one\n")]},
        {"text": "Done."},
    ]
    settings = Settings.model_validate({"mode": "accept", "workflow": {"plan_first": True}})
    async with open_driven(repository, steps, settings=settings) as driven:
        await driven.turn()
        kept = [ToolStatus.DONE, ToolStatus.FAILED, ToolStatus.DONE, ToolStatus.DONE]
        assert [run.status for run in driven.runs] == kept
        assert (repository / "a.txt").read_text() == "one\n"


@pytest.mark.parametrize(
    ("tokens", "tool_set"), [(32768, ToolSetName.FULL), (12000, ToolSetName.LEAN), (6000, ToolSetName.NANO)]
)
async def test_a_small_window_gets_few_tools(repository: Path, tokens: int, tool_set: ToolSetName) -> None:
    async with open_driven(repository, [{"text": "Hi."}], limit_tokens=tokens) as driven:
        await driven.turn()
        manner = driven.session.transcript.manner
        assert manner is not None
        assert manner.tool_set is tool_set
        system = driven.provider.requests[0].messages[0]
        assert system.role is Role.SYSTEM
        assert len(system.text) < (2000 if tool_set is ToolSetName.FULL else 900)


async def test_what_a_setting_says_holds_for_a_resumed_session_too(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hi."}]) as driven:
        await driven.turn()
    settings = Settings.model_validate({"manner": {"dialect": "text", "edit_format": "whole_file"}})
    async with open_driven(repository, [{"text": "Back."}], settings=settings, resume="last") as again:
        manner = again.session.transcript.manner
        assert manner is not None
        assert (manner.dialect, manner.edit_format) == (DialectName.TEXT, EditFormat.WHOLE)
        assert (manner.tool_set, "setting manner.dialect" in manner.reason) == (ToolSetName.FULL, True)


async def test_a_resumed_session_keeps_the_manner_that_it_had(repository: Path) -> None:
    settings = Settings.model_validate({"manner": {"tool_set": "nano"}})
    async with open_driven(repository, [{"text": "Hi."}], settings=settings) as driven:
        await driven.turn()
        before = driven.provider.requests[-1]
    async with open_driven(repository, [{"text": "Back."}], resume="last") as again:
        again.submit(ops.TurnStart(text="and?"))
        await again.until(ev.TurnCompleted)
        assert_continues(again.provider.requests[-1], before)
