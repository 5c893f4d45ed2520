"""Approvals end to end: what is accepted lands, what is rejected never touches the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.sessions import Driven, assert_continues, bash, edit, open_driven, read, unconfined, write
from trashclaw.config.schema import Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.approvals import Approval, Scope, Verdict
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolStatus

OLD = "".join(f"line {number}\n" for number in range(1, 41))
NEW = OLD.replace("line 2\n", "line two\n").replace("line 20\n", "line twenty\n").replace("line 39\n", "")


@pytest.fixture
def numbered(repository: Path) -> Path:
    (repository / "n.txt").write_text(OLD)
    return repository


async def test_accepting_all_lands_all(numbered: Path) -> None:
    async with open_driven(numbered, [{"calls": [read("n.txt"), write("n.txt", NEW)]}, {"text": "Done."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.answer()
        await driven.until(ev.TurnCompleted)
        assert asked.request.patch is not None
        assert len(asked.request.patch.hunks) == 3
        assert (numbered / "n.txt").read_text() == NEW
        assert_continues(driven.provider.requests[1], driven.provider.requests[0])


async def test_only_the_accepted_hunks_land_and_the_model_is_told_which(numbered: Path) -> None:
    steps = [{"calls": [read("n.txt"), write("n.txt", NEW)]}, {"text": "Ok.", "expect": "Only 1 of 3 hunks"}]
    async with open_driven(numbered, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer(hunk_ids=(HunkId("2"),), note="just the middle")
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.END_TURN
        assert (numbered / "n.txt").read_text() == OLD.replace("line 20\n", "line twenty\n")
        assert "just the middle" in driven.provider.requests[1].messages[-1].text


async def test_a_rejection_with_a_reason_leaves_the_bytes_alone(numbered: Path) -> None:
    before = (numbered / "n.txt").stat()
    steps = [{"calls": [read("n.txt"), write("n.txt", NEW)]}, {"text": "Ok.", "expect": "use words, not digits"}]
    async with open_driven(numbered, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer(Verdict.REJECTED, note="use words, not digits")
        assert (await driven.until(ev.TurnCompleted)).stop_reason is ev.StopReason.END_TURN
        assert [run.status for run in driven.runs[1:]] == [ToolStatus.REJECTED]
        after = (numbered / "n.txt").stat()
        assert (after.st_mtime_ns, after.st_ino) == (before.st_mtime_ns, before.st_ino)
        assert not [event for event in driven.events if isinstance(event, ev.CheckpointCreated)]


async def test_accepting_no_hunk_is_a_rejection(numbered: Path) -> None:
    async with open_driven(numbered, [{"calls": [read("n.txt"), write("n.txt", NEW)]}, {"text": "Ok."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.answer(hunk_ids=())
        await driven.until(ev.TurnCompleted)
        assert [run.status for run in driven.runs[1:]] == [ToolStatus.REJECTED]
        assert (numbered / "n.txt").read_text() == OLD


async def test_an_unknown_hunk_is_refused_and_the_question_stays_open(numbered: Path) -> None:
    async with open_driven(numbered, [{"calls": [read("n.txt"), write("n.txt", NEW)]}, {"text": "Ok."}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        wrong = Approval(verdict=Verdict.ACCEPTED, hunk_ids=(HunkId("9"),))
        with pytest.raises(UsageError, match="no hunk 9"):
            driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=wrong))
        assert list(driven.session.transcript.approvals) == [asked.request.approval_id]
        right = Approval(verdict=Verdict.ACCEPTED)
        driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=right))
        with pytest.raises(UsageError, match="answered already"):
            driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=right))
        await driven.until(ev.TurnCompleted)
        assert (numbered / "n.txt").read_text() == NEW
        resolved = [event for event in driven.events if isinstance(event, ev.ApprovalResolved)]
        assert [event.verdict for event in resolved] == [Verdict.ACCEPTED]


async def test_a_file_that_moved_on_while_it_was_reviewed_is_not_overwritten(numbered: Path) -> None:
    steps = [{"calls": [read("n.txt"), write("n.txt", NEW)]}, {"text": "Ok.", "expect": "changed since it was read"}]
    async with open_driven(numbered, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        (numbered / "n.txt").write_text("mine\n")
        approval = Approval(verdict=Verdict.ACCEPTED)
        driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=approval))
        await driven.until(ev.TurnCompleted)
        assert (numbered / "n.txt").read_text() == "mine\n"
        assert [run.status for run in driven.runs[1:]] == [ToolStatus.FAILED]


async def test_an_interrupt_while_asked_cancels_the_question_and_every_call(numbered: Path) -> None:
    steps = [{"calls": [read("n.txt"), write("n.txt", NEW), bash("true")]}, {"text": "Back again."}]
    async with open_driven(numbered, steps) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        driven.submit(ops.TurnInterrupt())
        resolved = await driven.until(ev.ApprovalResolved)
        assert (resolved.verdict, resolved.by) == (Verdict.CANCELLED, "interrupt")
        assert (await driven.until(ev.TurnCompleted)).stop_reason is ev.StopReason.CANCELLED
        assert [run.status for run in driven.runs[1:]] == [ToolStatus.CANCELLED] * 2
        with pytest.raises(UsageError, match="answered already"):
            approval = Approval(verdict=Verdict.ACCEPTED)
            driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=approval))
        assert (numbered / "n.txt").read_text() == OLD
        await driven.turn("go on")
        assert_continues(driven.provider.requests[1], driven.provider.requests[0])


async def commands_asked(driven: Driven, count: int, scope: Scope) -> int:
    """Answer until the turn ends; return how often was asked."""
    driven.submit(ops.TurnStart(text="go"))
    for _ in range(count):
        await driven.answer(scope=scope)
    await driven.until(ev.TurnCompleted)
    return sum(isinstance(event, ev.ApprovalRequested) for event in driven.events)


async def test_a_command_allowed_for_the_session_is_asked_about_once(repository: Path) -> None:
    steps = [{"calls": [bash("true"), bash("true"), bash("true ")]}, {"calls": [bash("false")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=unconfined()) as driven:
        assert await commands_asked(driven, 2, Scope.SESSION) == 2


async def test_a_command_allowed_once_is_asked_about_again(repository: Path) -> None:
    steps = [{"calls": [bash("true"), bash("true")]}, {"text": "Done."}]
    async with open_driven(repository, steps, settings=unconfined()) as driven:
        assert await commands_asked(driven, 2, Scope.ONCE) == 2


@pytest.mark.parametrize("mode", [Mode.ACCEPT, Mode.AUTO])
async def test_edits_land_where_the_mode_says_so_but_unconfined_commands_are_asked_about(
    numbered: Path, mode: Mode
) -> None:
    steps = [{"calls": [edit("n.txt", "line 2\n", "two\n"), bash("echo hi")]}, {"text": "Done."}]
    async with open_driven(numbered, steps, settings=unconfined(mode=mode)) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.answer()
        await driven.until(ev.TurnCompleted)
        assert asked.request.command == "echo hi"
        assert "two\n" in (numbered / "n.txt").read_text()


async def test_plan_refuses_both_even_where_unconfined_commands_were_allowed(numbered: Path) -> None:
    steps = [{"calls": [edit("n.txt", "line 2\n", "two\n"), bash("touch made")]}, {"text": "A plan, then."}]
    settings = unconfined(mode=Mode.PLAN, allow_shell=True)
    async with open_driven(numbered, steps, settings=settings) as driven:
        assert (await driven.turn()).stop_reason is ev.StopReason.END_TURN
        assert [run.status for run in driven.runs] == [ToolStatus.REJECTED] * 2
        assert not (numbered / "made").exists()
        assert (numbered / "n.txt").read_text() == OLD


async def test_a_folder_that_is_not_trusted_stays_in_plan(numbered: Path) -> None:
    steps = [{"calls": [write("n.txt", "gone\n")]}, {"text": "Ok."}]
    async with open_driven(numbered, steps, settings=Settings(mode=Mode.AUTO), is_read_only=True) as driven:
        assert driven.session.transcript.mode is Mode.PLAN
        with pytest.raises(UsageError, match="not trusted"):
            driven.submit(ops.SettingsSet(mode=Mode.ACCEPT))
        await driven.turn()
        assert (numbered / "n.txt").read_text() == OLD


async def test_on_the_screen_an_unconfined_command_is_asked_about_whatever_the_settings_allow(repository: Path) -> None:
    steps = [{"calls": [bash("echo hi")]}, {"text": "Done."}]
    settings = unconfined(mode=Mode.AUTO, allow_shell=True, allow_write=True)
    async with open_driven(repository, steps, settings=settings) as driven:
        assert await commands_asked(driven, 1, Scope.ONCE) == 1


@pytest.mark.parametrize(
    ("call", "scope"),
    [(write("a.txt", "a\n"), Scope.SESSION), (write("a.txt", "a\n"), Scope.PROJECT), (bash("true"), Scope.PROJECT)],
)
async def test_an_answer_that_reaches_further_than_it_can_is_refused(
    repository: Path, call: dict[str, Any], scope: Scope
) -> None:
    async with open_driven(repository, [{"calls": [call]}, {"text": "Done."}], settings=unconfined()) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        answer = Approval(verdict=Verdict.ACCEPTED, scope=scope)
        with pytest.raises(UsageError, match="allowed"):
            driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=answer))
        driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=Approval(verdict="accepted")))
        await driven.until(ev.TurnCompleted)
        assert [run.status for run in driven.runs] == [ToolStatus.DONE]


@pytest.mark.parametrize("path", ["mine/config/config.yaml", "mine/state/trust.json", ".trashclaw/commands/x.md"])
async def test_no_tool_writes_what_the_program_trusts(
    repository: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("TRASHCLAW_HOME", str(repository / "mine"))
    steps = [{"calls": [write(path, "allow_shell: true\n")]}, {"text": "Hm."}]
    async with open_driven(repository, steps, settings=Settings(mode=Mode.ACCEPT)) as driven:
        await driven.turn()
        assert [run.status for run in driven.runs] == [ToolStatus.FAILED]
        assert not (repository / path).exists()
