"""The trail knows of each turn what its edits left, and what may have landed unseen."""

from __future__ import annotations

from typing import Any

import pytest

from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CallId, CheckpointId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.session.trail import Trail
from trashclaw.workspace.diff import make_change, make_patch
from trashclaw.workspace.files import digest

PATCH = make_patch([make_change("f", None, "new\n", None)])


def completed(status: ToolStatus, kind: ToolKind = ToolKind.EDIT, **metadata: Any) -> ev.ItemCompleted:
    call = ToolCall(call_id=CallId("c"), name="x")
    result = ToolResult(call_id=call.call_id, status=status, text="", metadata=metadata)
    patch = PATCH if kind is ToolKind.EDIT else None
    run = ToolRun(item_id=ItemId("i"), call=call, title="x", tool_kind=kind, status=status, patch=patch, result=result)
    return ev.ItemCompleted(item=run)


@pytest.fixture
def trail() -> Trail:
    trail = Trail()
    trail.apply(ev.CheckpointCreated(checkpoint_id=CheckpointId("a")))
    return trail


def test_the_last_edit_of_a_file_counts(trail: Trail) -> None:
    for text in (b"one", b"two"):
        trail.apply(completed(ToolStatus.DONE, changes=[{"path": "f", "sha256": digest(text)}]))
    (trace,) = trail.traces
    assert [trace.is_own("f", data) for data in (b"one", b"two", None)] == [False, True, False]
    trail.apply(completed(ToolStatus.DONE, changes=[{"path": "f", "sha256": None}]))
    assert trace.is_own("f", None)


def test_a_run_that_was_cut_off_may_have_landed_but_not_one_that_was_interrupted(trail: Trail) -> None:
    trail.apply(completed(ToolStatus.CANCELLED))
    trail.apply(completed(ToolStatus.REJECTED))
    assert trail.traces[0].paths == frozenset()
    trail.apply(completed(ToolStatus.CANCELLED, is_cut_off=True))
    assert trail.traces[0].paths == {"f"}
    assert [trail.traces[0].is_own("f", data) for data in (b"new\n", b"mine\n", None)] == [True, False, False]


def test_the_persons_own_commands_and_later_turns_are_none_of_the_turns(trail: Trail) -> None:
    trail.apply(completed(ToolStatus.DONE, ToolKind.EXECUTE, is_shared=False))
    trail.apply(ev.TurnStarted())
    trail.apply(completed(ToolStatus.DONE, ToolKind.EXECUTE))
    assert not trail.traces[0].has_commands


def test_what_was_undone_is_gone(trail: Trail) -> None:
    for name in "bc":
        trail.apply(ev.TurnStarted())
        trail.apply(ev.CheckpointCreated(checkpoint_id=CheckpointId(name)))
        trail.apply(ev.CheckpointCreated(checkpoint_id=CheckpointId(f"after {name}"), is_after=True))
    assert [trace.after_id for trace in trail.traces] == [None, "after b", "after c"]
    trail.apply(ev.CheckpointCreated(checkpoint_id=CheckpointId("b"), is_restored=True))
    assert [trace.checkpoint_id for trace in trail.traces] == ["a"]
    trail.apply(completed(ToolStatus.DONE, ToolKind.EXECUTE))
    assert not trail.traces[0].has_commands
