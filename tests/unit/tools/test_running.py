"""Commands, plans, thoughts and questions."""

from __future__ import annotations

import asyncio
import sys

import pytest

from tests.support.waiting import until
from tests.unit.tools.conftest import Bench
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.plan import PlanStatus
from trashclaw.protocol.tools import ToolStatus

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="POSIX shell lines")


@posix_only
async def test_a_command_is_proposed_and_then_run_in_the_workspace(bench: Bench) -> None:
    proposal = await bench.prepare("bash", command="touch made; ls; exit 3")
    assert proposal.command == "touch made; ls; exit 3"
    assert proposal.has_effects
    assert not (bench.root / "made").exists()
    outcome = await bench.tools["bash"].execute(proposal, None, bench.narrator)
    assert outcome.text == "README.md\nmade\nsrc\n[exit code 3]"
    assert (outcome.exit_code, outcome.status, outcome.stdout) == (3, ToolStatus.DONE, "README.md\nmade\nsrc\n")
    assert "".join(bench.narrator.outputs) == "README.md\nmade\nsrc\n"


@posix_only
async def test_long_output_is_cut_in_the_middle(bench: Bench) -> None:
    outcome = await bench.call("bash", command="seq 1 20000")
    assert len(outcome.text) < 17_000
    assert outcome.text.startswith("1\n2\n")
    assert outcome.text.endswith("20000\n[exit code 0]")
    assert "not shown; redirect to a file" in outcome.text


@posix_only
async def test_a_command_that_takes_too_long_has_failed(bench: Bench) -> None:
    outcome = await bench.call("bash", command="echo early; sleep 60", timeout_s=1)
    assert outcome.status is ToolStatus.FAILED
    assert outcome.text.startswith("early\n[stopped: the time limit of 1 s was reached")


@posix_only
async def test_silence_signals_and_leftovers_are_said(bench: Bench) -> None:
    assert (await bench.call("bash", command="true")).text == "[no output]\n[exit code 0]"
    assert (await bench.call("bash", command="kill -15 $$")).text == "[no output]\n[ended by signal 15]"
    assert "still running in the background" in (await bench.call("bash", command="sleep 60 & true")).text


@posix_only
async def test_a_cancelled_command_stops(bench: Bench) -> None:
    task = asyncio.create_task(bench.call("bash", command="touch begun; sleep 60; touch finished"))
    await until((bench.root / "begun").exists)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_empty_command_is_refused(bench: Bench) -> None:
    with pytest.raises(ToolError):
        await bench.prepare("bash", command="  ")


async def test_a_plan_is_shown_whole(bench: Bench) -> None:
    outcome = await bench.call("update_plan", entries=[{"text": "a", "status": "completed"}, {"text": "b"}])
    (plan,) = bench.narrator.plans
    assert [(entry.text, entry.status) for entry in plan.entries] == [
        ("a", PlanStatus.COMPLETED),
        ("b", PlanStatus.PENDING),
    ]
    assert outcome.text == "The plan is set: 1 of 2 done. Next: b"
    with pytest.raises(ToolError, match="more than 50"):
        await bench.prepare("update_plan", entries=["x"] * 51)


async def test_a_thought_changes_nothing(bench: Bench) -> None:
    proposal = await bench.prepare("think", thought="hm")
    assert not proposal.has_effects
    assert (await bench.call("think", thought="hm")).text == "Noted."


async def test_a_question_waits_for_the_persons_answer(bench: Bench) -> None:
    outcome = await bench.call("ask_user", question="Which?", options=["a", "b"])
    assert outcome.text == "The user answered: yes"
    assert bench.narrator.questions == [("Which?", ("a", "b"))]
    with pytest.raises(ToolError):
        await bench.prepare("ask_user", question=" ")
