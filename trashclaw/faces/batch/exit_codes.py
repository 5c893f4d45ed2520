"""What the program's exit codes mean; the only place where they are written down."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING, assert_never

from trashclaw.protocol.errors import ModelNotFound, ServerUnreachable, TrashclawError, UsageError

if TYPE_CHECKING:
    from trashclaw.protocol.events import TurnCompleted
    from trashclaw.protocol.items import Item

NO_SERVER_CODES = frozenset({ServerUnreachable.code, ModelNotFound.code})


class ExitCode(IntEnum):
    """Exit codes of every face."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    LIMIT = 3
    APPROVAL_NEEDED = 4
    NO_SERVER = 5
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.DONE: "done",
    ExitCode.FAILED: "the task failed",
    ExitCode.USAGE: "bad usage or configuration",
    ExitCode.LIMIT: "a limit was reached",
    ExitCode.APPROVAL_NEEDED: "an approval was needed and nobody could be asked",
    ExitCode.NO_SERVER: "no model server",
    ExitCode.INTERRUPTED: "interrupted",
}


def code_of_error(error: TrashclawError) -> ExitCode:
    """Return the exit code for an error that kept a session from opening."""
    if isinstance(error, UsageError):
        return ExitCode.USAGE
    return ExitCode.NO_SERVER if error.code in NO_SERVER_CODES else ExitCode.FAILED


def code_of_turn(done: TurnCompleted, items: Iterable[Item]) -> ExitCode:
    """Return the exit code for a turn that ended."""
    from trashclaw.protocol.events import StopReason

    match done.stop_reason:
        case StopReason.END_TURN:
            return ExitCode.APPROVAL_NEEDED if any(map(was_refused, items)) else ExitCode.DONE
        case StopReason.CANCELLED:
            return ExitCode.INTERRUPTED
        case StopReason.LIMIT:
            return ExitCode.LIMIT
        case StopReason.REFUSED:
            return ExitCode.APPROVAL_NEEDED
        case StopReason.STALLED:
            return ExitCode.FAILED
        case StopReason.ERROR:
            return ExitCode.NO_SERVER if done.error and done.error.code in NO_SERVER_CODES else ExitCode.FAILED
        case _:
            assert_never(done.stop_reason)


def was_refused(item: Item) -> bool:
    """Whether a tool run, or what it did, was refused because nobody could be asked, or nothing had allowed it."""
    from trashclaw.protocol.items import ToolRun

    metadata = item.result.metadata if isinstance(item, ToolRun) and item.result is not None else {}
    return metadata.get("refused_by") == "policy" or "effects_refused" in metadata
