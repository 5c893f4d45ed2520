"""The table of exit codes."""

from __future__ import annotations

import pytest

from trashclaw.cli.options import make_parser
from trashclaw.faces.batch.exit_codes import MEANINGS, ExitCode, code_of_error, code_of_turn
from trashclaw.protocol import errors
from trashclaw.protocol.events import ErrorInfo, StopReason, TurnCompleted
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolCall, ToolResult, ToolStatus


def refused(by: str) -> ToolRun:
    call = ToolCall(call_id=CallId("c"), name="bash")
    result = ToolResult(call_id=call.call_id, status=ToolStatus.REJECTED, text="no", metadata={"refused_by": by})
    return ToolRun(item_id=ItemId("i"), call=call, title="$ x", result=result)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (StopReason.END_TURN, 0),
        (StopReason.CANCELLED, 130),
        (StopReason.LIMIT, 3),
        (StopReason.STALLED, 1),
        (StopReason.REFUSED, 4),
        (StopReason.ERROR, 1),
    ],
)
def test_each_stop_reason_has_its_code(reason: StopReason, code: int) -> None:
    assert code_of_turn(TurnCompleted(stop_reason=reason), []) == code


@pytest.mark.parametrize(
    ("code", "exit_code"),
    [("server_unreachable", 5), ("model_not_found", 5), ("server_failed", 1), ("context_overflow", 1), ("store", 1)],
)
def test_a_turn_without_a_server_is_five(code: str, exit_code: int) -> None:
    done = TurnCompleted(stop_reason=StopReason.ERROR, error=ErrorInfo(code=code, text="x"))
    assert code_of_turn(done, []) == exit_code


@pytest.mark.parametrize(("by", "code"), [("policy", 4), ("user", 0)])
def test_only_a_refusal_that_nobody_could_be_asked_about_is_four(by: str, code: int) -> None:
    assert code_of_turn(TurnCompleted(stop_reason=StopReason.END_TURN), [refused(by)]) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.UsageError("x"), 2),
        (errors.ConfigError("x"), 2),
        (errors.ServerUnreachable("x"), 5),
        (errors.ModelNotFound("x"), 5),
        (errors.ServerFailed("x", status=500), 1),
        (errors.StoreError("x"), 1),
        (errors.GitFailed("x"), 1),
    ],
)
def test_each_error_that_keeps_a_session_shut_has_its_code(error: errors.TrashclawError, code: int) -> None:
    assert code_of_error(error) == code


def test_the_help_tells_every_code() -> None:
    told = make_parser().format_help()
    for code in ExitCode:
        assert f"{code.value} {MEANINGS[code]}" in " ".join(told.split())
