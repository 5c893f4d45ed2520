"""What a batch run tells at its end."""

from __future__ import annotations

from typing import Any

from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.faces.batch.report import artifacts, final_answer, manner_line, mended_line, report
from trashclaw.protocol.events import ContextMeasured, DialectChosen, ErrorInfo, StopReason, TurnCompleted
from trashclaw.protocol.ids import CallId, ItemId, SessionId
from trashclaw.protocol.items import AgentMessage, Compaction, Item, Mending, ToolRun
from trashclaw.protocol.manners import DialectName, EditFormat, Rung, ToolSetName
from trashclaw.protocol.plan import Plan, PlanEntry
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus
from trashclaw.session.transcript import Transcript


def landed(*changes: tuple[str, str, int, int, str | None]) -> ToolRun:
    keys = ("path", "kind", "added", "removed", "sha256")
    metadata: dict[str, Any] = {"changes": [dict(zip(keys, change, strict=True)) for change in changes]}
    result = ToolResult(call_id=CallId("c"), status=ToolStatus.DONE, text="ok", metadata=metadata)
    return ToolRun(item_id=ItemId("i"), call=ToolCall(call_id=CallId("c"), name="x"), title="x", result=result)


def said(text: str) -> AgentMessage:
    return AgentMessage(item_id=ItemId("m"), text=text)


def test_the_answer_is_the_last_words_that_say_something() -> None:
    assert final_answer([said("One."), said("Two."), landed(), said(" \n")]) == "Two."
    assert final_answer([]) == ""


def test_changes_to_a_file_are_added_up_with_the_newest_digest() -> None:
    items: list[Item] = [
        landed(("a", "modified", 2, 1, "x"), ("b", "added", 3, 0, "y")),
        landed(("a", "modified", 1, 4, "z")),
    ]
    assert artifacts(items) == [
        {"path": "a", "status": "modified", "added": 3, "removed": 5, "sha256": "z"},
        {"path": "b", "status": "added", "added": 3, "removed": 0, "sha256": "y"},
    ]


def test_a_file_that_was_added_stays_so_until_it_is_deleted() -> None:
    made = landed(("a", "added", 1, 0, "x"))
    changed, gone = landed(("a", "modified", 1, 1, "y")), landed(("a", "deleted", 0, 1, None))
    assert [entry["status"] for entry in artifacts([made, changed])] == ["added"]
    assert [entry["status"] for entry in artifacts([made, changed, gone])] == ["deleted"]


def test_metadata_of_another_shape_is_no_artifact() -> None:
    odd = landed()
    assert odd.result is not None
    result = odd.result.model_copy(update={"metadata": {"changes": "none"}})
    assert artifacts([odd.model_copy(update={"result": result}), said("x")]) == []


def test_the_report_tells_plan_error_and_code() -> None:
    transcript = Transcript(plan=Plan(entries=(PlanEntry(text="look"),)))
    done = TurnCompleted(stop_reason=StopReason.ERROR, error=ErrorInfo(code="x", text="y"), steps=2, duration_s=1.5)
    told = report(SessionId("s"), transcript, [said("Hm.")], done, ExitCode.FAILED)
    assert told["plan"] == [{"text": "look", "status": "pending"}]
    assert told["error"] == {"code": "x", "text": "y", "hint": ""}
    assert (told["session"], told["exit_code"], told["timings"]) == ("s", 1, {"total_s": 1.5, "steps": 2})


def test_the_report_tells_what_reading_again_has_cost() -> None:
    transcript, done = Transcript(), TurnCompleted(stop_reason=StopReason.END_TURN)
    assert report(SessionId("s"), transcript, [], done, ExitCode.DONE)["context"] is None
    transcript.live.context = ContextMeasured(
        used_tokens=900, limit_tokens=8192, reused_tokens=700, reread_tokens=120, reread_s=0.5
    )
    told = report(SessionId("s"), transcript, [Compaction(item_id=ItemId("c"))], done, ExitCode.DONE)
    assert told["context"] == {
        "used_tokens": 900,
        "limit_tokens": 8192,
        "reused_tokens": 700,
        "is_estimate": False,
        "reread_tokens": 120,
        "reread_s": 0.5,
        "compactions": 1,
    }


def test_the_report_tells_the_manner_and_how_many_calls_were_mended() -> None:
    manner = DialectChosen(
        dialect=DialectName.TYPED, tool_set=ToolSetName.LEAN, edit_format=EditFormat.WHOLE, think=False, reason="so"
    )
    mended = landed().model_copy(
        update={"mended": (Mending(rung=Rung.REPAIRED, text="a comma"), Mending(rung=Rung.NAMED, text="x as y"))}
    )
    done = TurnCompleted(stop_reason=StopReason.END_TURN)
    items: list[Item] = [landed(), mended]
    told = report(SessionId("s"), Transcript(manner=manner), items, done, ExitCode.DONE)
    assert told["manner"] == {
        "dialect": "typed",
        "tool_set": "lean",
        "edit_format": "whole_file",
        "think": False,
        "reason": "so",
    }
    assert told["mended"] == 1
    assert mended_line(items, manner) == "1 call mended: repaired 1, named 1"
    assert mended_line([landed()], manner) == ""
    assert manner_line(manner) == "manner: typed calls, lean tools, edits as whole_file, thinking off (so)"
    assert report(SessionId("s"), Transcript(), [], done, ExitCode.DONE)["manner"] is None
