"""What a batch run has to tell at its end."""

from __future__ import annotations

from typing import Any

from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.events import ErrorInfo, StopReason, TurnCompleted
from trashclaw.protocol.ids import SessionId
from trashclaw.protocol.items import AgentMessage, Item, ToolRun
from trashclaw.protocol.usage import Usage
from trashclaw.session.transcript import Transcript


def final_answer(items: list[Item]) -> str:
    """Return the agent's last words."""
    return next((item.text for item in reversed(items) if isinstance(item, AgentMessage) and item.text.strip()), "")


def artifacts(items: list[Item]) -> list[dict[str, Any]]:
    """Return the files that were changed: path, status, lines added and removed, digest of the newest content."""
    files: dict[str, dict[str, Any]] = {}
    for item in items:
        landed = item.result.metadata.get("changes") if isinstance(item, ToolRun) and item.result else None
        for change in landed if isinstance(landed, list) else ():
            if isinstance(change, dict):
                _merge(files, change)
    return list(files.values())


def _merge(files: dict[str, dict[str, Any]], change: dict[str, Any]) -> None:
    path = str(change.get("path"))
    entry = files.setdefault(path, {"path": path, "status": change.get("kind"), "added": 0, "removed": 0})
    if entry["status"] != "added" or change.get("kind") == "deleted":
        entry["status"] = change.get("kind")
    entry["added"] += change.get("added", 0)
    entry["removed"] += change.get("removed", 0)
    entry["sha256"] = change.get("sha256")


def report(
    session_id: SessionId, transcript: Transcript, items: list[Item], done: TurnCompleted, exit_code: ExitCode
) -> dict[str, Any]:
    """Return the object that `--output json` prints."""
    return {
        "summary": final_answer(items),
        "artifacts": artifacts(items),
        "plan": [entry.model_dump(mode="json") for entry in transcript.plan.entries],
        "stop_reason": done.stop_reason.value,
        "error": _error(done.error),
        "usage": done.usage.model_dump(mode="json"),
        "timings": {"total_s": done.duration_s, "steps": done.steps},
        "session": session_id,
        "exit_code": int(exit_code),
    }


def failure_report(error: TrashclawError, exit_code: ExitCode) -> dict[str, Any]:
    """Return the object for a task that could not begin."""
    told = ErrorInfo(code=error.code, text=error.text, hint=error.hint)
    return {
        "summary": "",
        "artifacts": [],
        "plan": [],
        "stop_reason": StopReason.ERROR.value,
        "error": _error(told),
        "usage": Usage().model_dump(mode="json"),
        "timings": {"total_s": 0.0, "steps": 0},
        "session": None,
        "exit_code": int(exit_code),
    }


def _error(error: ErrorInfo | None) -> dict[str, Any] | None:
    return None if error is None else error.model_dump(mode="json")
