"""The ops that start, steer and stop turns, end to end through a session."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.sessions import Driven, assert_continues, open_driven, read, unconfined
from trashclaw.config.schema import LimitSettings, Settings
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import GitFailed, UsageError
from trashclaw.protocol.ids import EntryId
from trashclaw.protocol.items import AgentMessage, Origin, UserMessage
from trashclaw.protocol.tools import ToolStatus
from trashclaw.workspace.git import Git


def said(driven: Driven) -> list[tuple[Origin, str]]:
    return [(item.origin, item.text) for item in driven.items if isinstance(item, UserMessage)]


async def test_a_turn_begins_and_ends_with_events_that_name_the_op(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Hello."}]) as driven:
        op_id = driven.submit(ops.TurnStart(text="hi", attached="<file/>"))
        done = await driven.until(ev.TurnCompleted)
        assert (done.stop_reason, done.steps) == (ev.StopReason.END_TURN, 1)
        causes = {envelope.cause for envelope in driven.seen if envelope.turn_id is not None}
        assert causes == {op_id}
        words, files = driven.provider.requests[0].messages[1:]
        assert words.text.startswith("hi\n\n<note>")
        assert files.text == "<file/>"


@pytest.mark.parametrize("op", [ops.TurnStart(text="  "), ops.TurnSteer(text=""), ops.TurnFollowUp(text="\n")])
async def test_an_empty_prompt_is_refused(repository: Path, op: ops.Op) -> None:
    async with open_driven(repository, []) as driven:
        with pytest.raises(UsageError, match="empty"):
            driven.submit(op)
        assert not driven.session.is_running


async def test_a_second_turn_is_refused_while_one_runs(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Wait", "hold": True}]) as driven:
        driven.submit(ops.TurnStart(text="one"))
        await driven.until(ev.ItemDelta)
        with pytest.raises(UsageError):
            driven.submit(ops.TurnStart(text="two"))
        driven.submit(ops.TurnInterrupt())
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.CANCELLED
        assert [item.text for item in driven.items if isinstance(item, AgentMessage)] == ["Wait"]


async def test_an_interrupt_right_behind_the_start_leaves_a_cancelled_turn(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Never said."}]) as driven:
        driven.submit(ops.TurnStart(text="one"))
        driven.submit(ops.TurnInterrupt())
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.CANCELLED
        assert said(driven) == [(Origin.PROMPT, "one")]


async def test_an_interrupt_of_nothing_does_nothing(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        assert await driven.do(ops.TurnInterrupt()) == []


async def test_a_steer_is_read_at_the_next_boundary_and_skips_the_rest(repository: Path) -> None:
    steps = [
        {"calls": [{"name": "bash", "arguments": {"command": "true"}}, read("README.md")]},
        {"text": "Sure.", "expect": "other way"},
    ]
    async with open_driven(repository, steps, settings=unconfined()) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.ApprovalRequested)
        driven.submit(ops.TurnSteer(text="the other way"))
        approval = ops.Approval(verdict="accepted")
        driven.submit(ops.ApprovalAnswer(approval_id=asked.request.approval_id, approval=approval))
        await driven.until(ev.TurnCompleted)
        assert [run.status for run in driven.runs] == [ToolStatus.DONE, ToolStatus.SKIPPED]
        assert said(driven)[1] == (Origin.STEER, "the other way")
        assert driven.session.transcript.queue == ()
        assert_continues(driven.provider.requests[1], driven.provider.requests[0])


async def test_follow_ups_are_read_one_by_one_when_the_turn_would_end(repository: Path) -> None:
    gate = asyncio.Event()
    steps = [{"text": "First.", "hold": "go"}, {"text": "Second."}, {"text": "Third."}]
    async with open_driven(repository, steps, gates={"go": gate}) as driven:
        driven.submit(ops.TurnStart(text="1"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnFollowUp(text="2"))
        driven.submit(ops.TurnFollowUp(text="3", attached="<more/>"))
        gate.set()
        done = await driven.until(ev.TurnCompleted)
        assert done.steps == 3
        assert said(driven) == [(Origin.PROMPT, "1"), (Origin.FOLLOW_UP, "2"), (Origin.FOLLOW_UP, "3")]
        assert [message.text for message in driven.provider.requests[2].messages[-2:]] == ["3", "<more/>"]


@pytest.mark.parametrize("kind", [ops.TurnSteer, ops.TurnFollowUp])
async def test_a_message_to_an_idle_session_begins_a_turn(
    repository: Path, kind: type[ops.TurnSteer] | type[ops.TurnFollowUp]
) -> None:
    async with open_driven(repository, [{"text": "Yes?"}]) as driven:
        driven.submit(kind(text="are you there"))
        assert (await driven.until(ev.TurnCompleted)).stop_reason is ev.StopReason.END_TURN


async def test_a_queued_message_can_be_edited_and_taken_back(repository: Path) -> None:
    gate = asyncio.Event()
    steps = [{"text": "First.", "hold": "go"}, {"text": "Second.", "expect": "two, please"}]
    async with open_driven(repository, steps, gates={"go": gate}) as driven:
        driven.submit(ops.TurnStart(text="1"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnFollowUp(text="two"))
        driven.submit(ops.TurnFollowUp(text="three"))
        two, three = driven.session.transcript.queue
        driven.submit(ops.InboxEdit(entry_id=two.entry_id, text="two, please"))
        driven.submit(ops.InboxEdit(entry_id=three.entry_id))
        assert [entry.text for entry in driven.session.transcript.queue] == ["two, please"]
        gate.set()
        await driven.until(ev.TurnCompleted)
        with pytest.raises(UsageError, match="read already"):
            driven.submit(ops.InboxEdit(entry_id=two.entry_id, text="too late"))
        with pytest.raises(UsageError):
            driven.submit(ops.InboxEdit(entry_id=EntryId("entry_0"), text="who"))


async def test_a_queued_message_can_be_moved_and_made_a_steer(repository: Path) -> None:
    gate = asyncio.Event()
    steps = [{"text": "First.", "hold": "go"}, {"text": "Second."}, {"text": "Third."}, {"text": "Fourth."}]
    async with open_driven(repository, steps, gates={"go": gate}) as driven:
        driven.submit(ops.TurnStart(text="1"))
        await driven.until(ev.ItemDelta)
        for text in ("two", "three", "four"):
            driven.submit(ops.TurnFollowUp(text=text))
        two, three, four = driven.session.transcript.queue
        driven.submit(ops.InboxMove(entry_id=four.entry_id, place=0))
        driven.submit(ops.InboxMove(entry_id=three.entry_id, origin=Origin.STEER))
        driven.submit(ops.InboxMove(entry_id=two.entry_id, place=99))
        assert [entry.text for entry in driven.session.transcript.queue] == ["four", "three", "two"]
        gate.set()
        await driven.until(ev.TurnCompleted)
        read = [(Origin.STEER, "three"), (Origin.FOLLOW_UP, "four"), (Origin.FOLLOW_UP, "two")]
        assert said(driven) == [(Origin.PROMPT, "1"), *read]
        with pytest.raises(UsageError, match="read already"):
            driven.submit(ops.InboxMove(entry_id=two.entry_id, place=0))


async def test_what_was_queued_outlives_an_interrupt_and_is_read_by_the_next_turn(repository: Path) -> None:
    steps = [{"text": "Hm", "hold": True}, {"text": "Done."}, {"text": "And that.", "expect": "later"}]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="1"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnFollowUp(text="later"))
        driven.submit(ops.TurnInterrupt())
        await driven.until(ev.TurnCompleted)
        assert [entry.text for entry in driven.session.transcript.queue] == ["later"]
        await driven.session.wait_idle()
        done = await driven.turn("2")
        assert done.stop_reason is ev.StopReason.END_TURN
        assert driven.session.transcript.queue == ()


@pytest.mark.parametrize("kind", ["unreachable", "http", "dropped", "empty", "model_not_found"])
async def test_a_turn_goes_on_after_a_failure(repository: Path, kind: str) -> None:
    steps = [{"text": "Half", "calls": [read("README.md")], "error": {"kind": kind}}, {"text": "Whole."}]
    async with open_driven(repository, steps) as driven:
        done = await driven.turn("one")
        assert done.stop_reason is ev.StopReason.ERROR
        assert done.error is not None
        assert (await driven.turn("two")).stop_reason is ev.StopReason.END_TURN
        assert said(driven) == [(Origin.PROMPT, "one"), (Origin.PROMPT, "two")]


async def test_a_question_is_answered_once(repository: Path) -> None:
    ask = {"name": "ask_user", "arguments": {"question": "Tabs?", "options": ["yes", "no"]}}
    async with open_driven(repository, [{"calls": [ask]}, {"text": "Ok.", "expect": "spaces"}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        asked = await driven.until(ev.QuestionRequested)
        assert (asked.text, asked.options) == ("Tabs?", ("yes", "no"))
        driven.submit(ops.QuestionAnswer(question_id=asked.question_id, text="spaces"))
        with pytest.raises(UsageError, match="answered already"):
            driven.submit(ops.QuestionAnswer(question_id=asked.question_id, text="tabs"))
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.END_TURN
        assert driven.session.transcript.questions == {}


async def test_an_interrupt_takes_an_open_question_back(repository: Path) -> None:
    ask = {"name": "ask_user", "arguments": {"question": "Tabs?"}}
    async with open_driven(repository, [{"calls": [ask, read("README.md")]}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.QuestionRequested)
        driven.submit(ops.TurnInterrupt())
        resolved = await driven.until(ev.QuestionResolved)
        assert resolved.is_cancelled
        await driven.until(ev.TurnCompleted)
        assert [run.status for run in driven.runs] == [ToolStatus.CANCELLED] * 2


async def test_closing_ends_what_runs_and_refuses_what_comes_after(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Wait", "hold": True}]) as driven:
        driven.submit(ops.TurnStart(text="go"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.SessionClose())
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.CANCELLED
        await driven.until(ev.SessionEnded)
        with pytest.raises(UsageError, match="closed"):
            driven.submit(ops.TurnStart(text="more"))


async def test_a_session_closes_by_an_op_when_idle(repository: Path) -> None:
    async with open_driven(repository, []) as driven:
        driven.submit(ops.SessionClose())
        await driven.until(ev.SessionEnded)


async def test_a_message_sent_as_the_turn_ends_is_never_left_lying(repository: Path) -> None:
    steps = [
        {"calls": [{"name": "write_file", "arguments": {"path": "a.txt", "content": "a\n"}}]},
        {"text": "One."},
        {"text": "Two."},
    ]
    async with open_driven(repository, steps) as driven:
        driven.submit(ops.TurnStart(text="one"))
        await driven.answer()
        await driven.until(ev.TurnCompleted)
        driven.submit(ops.TurnSteer(text="two"))
        done = await driven.until(ev.TurnCompleted)
        assert done.stop_reason is ev.StopReason.END_TURN
        assert [text for _, text in said(driven)] == ["one", "two"]


async def test_what_was_queued_brings_the_files_that_it_mentions_when_it_is_read(repository: Path) -> None:
    (repository / "a.py").write_text("AAA\n")
    (repository / "b.py").write_text("BBB\n")
    gate = asyncio.Event()
    async with open_driven(repository, [{"text": "1", "hold": "go"}, {"text": "2"}], gates={"go": gate}) as driven:
        driven.submit(ops.TurnStart(text="one"))
        await driven.until(ev.ItemDelta)
        driven.submit(ops.TurnFollowUp(text="see @a.py", attached="<mine/>"))
        (entry,) = driven.session.transcript.queue
        with pytest.raises(UsageError, match="empty"):
            driven.submit(ops.InboxEdit(entry_id=entry.entry_id, text="  "))
        driven.submit(ops.InboxEdit(entry_id=entry.entry_id, text="see @b.py"))
        gate.set()
        await driven.until(ev.TurnCompleted)
        told = driven.provider.requests[1].messages[-1].text
        assert ("AAA" in told, "BBB" in told, "<mine/>" in told) == (False, True, True)


@pytest.mark.parametrize("failure", [RuntimeError("boom"), GitFailed("boom")])
async def test_a_turn_that_cannot_begin_ends_in_an_error_and_keeps_what_was_said(
    repository: Path, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail(git: Git) -> str:
        raise failure

    async with open_driven(repository, [{"text": "Here."}]) as driven:
        with monkeypatch.context() as patch:
            patch.setattr(Git, "branch", fail)
            done = await driven.turn("one")
        assert done.stop_reason is ev.StopReason.ERROR
        assert done.error is not None
        assert "boom" in done.error.text
        assert (await driven.turn("two")).stop_reason is ev.StopReason.END_TURN
        assert said(driven) == [(Origin.PROMPT, "one"), (Origin.PROMPT, "two")]


async def test_a_damaged_repository_has_no_branch(repository: Path) -> None:
    async with open_driven(repository, [{"text": "Here."}]) as driven:
        (repository / ".git").rename(repository / "moved")
        (repository / ".git").write_text("gitdir: " + "a" * 300)
        assert driven.session.branch() == ""
        assert (await driven.turn()).stop_reason is ev.StopReason.END_TURN


async def test_the_limit_of_time_ends_a_turn_in_the_middle_of_an_answer(repository: Path) -> None:
    settings = Settings(limits=LimitSettings(time_s=0.3))
    async with open_driven(repository, [{"text": "Wait", "hold": True}], settings=settings) as driven:
        done = await driven.turn()
        assert (done.stop_reason, done.steps, done.error) == (ev.StopReason.LIMIT, 1, None)
        assert "0.3 s is reached" in next(notice.text for notice in driven.notices if notice.code == "limit")
        assert not driven.session.is_running


async def test_the_limit_of_tokens_bounds_each_answer_and_ends_the_turn(repository: Path) -> None:
    usage = {"prompt_tokens": 100, "completion_tokens": 50}
    steps = [{"text": "la " * 50, "end": "length", "usage": usage}]
    settings = Settings(limits=LimitSettings(tokens=50))
    async with open_driven(repository, steps, settings=settings) as driven:
        done = await driven.turn("sing")
        assert done.stop_reason is ev.StopReason.LIMIT
        assert [request.max_tokens for request in driven.provider.requests] == [50]
