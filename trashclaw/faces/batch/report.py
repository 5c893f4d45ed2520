"""What a batch run has to tell at its end."""

from __future__ import annotations

from typing import Any

from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.events import DialectChosen, ErrorInfo, StopReason, TurnCompleted
from trashclaw.protocol.ids import SessionId
from trashclaw.protocol.items import AgentMessage, Compaction, Item, ToolRun
from trashclaw.protocol.manners import Rung
from trashclaw.protocol.usage import Usage
from trashclaw.session.transcript import Transcript, mendings


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


def mended_calls(items: list[Item], manner: DialectChosen | None) -> list[ToolRun]:
    """Return the tool calls that were put right before they could run."""
    return [item for item in items if isinstance(item, ToolRun) and mendings(item, manner)]


def mended_line(items: list[Item], manner: DialectChosen | None) -> str:
    """Return how many calls were mended and on which rungs: `2 calls mended: repaired 1, named 1`; nothing if none."""
    runs = mended_calls(items, manner)
    counts = (
        (rung.value, sum(any(one.rung is rung for one in mendings(run, manner)) for run in runs)) for rung in Rung
    )
    told = ", ".join(f"{rung} {count}" for rung, count in counts if count)
    return f"{len(runs)} {'call' if len(runs) == 1 else 'calls'} mended: {told}" if runs else ""


def manner_line(manner: DialectChosen) -> str:
    """Return how the model is talked to, and why, in one line."""
    words = f"manner: {manner.dialect} calls, {manner.tool_set} tools, edits as {manner.edit_format}"
    if isinstance(manner.think, bool):
        words += f", thinking {'on' if manner.think else 'off'}"
    return f"{words} ({manner.reason})" if manner.reason else words


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
        "manner": _manner(transcript.manner),
        "mended": len(mended_calls(items, transcript.manner)),
        "error": _error(done.error),
        "usage": done.usage.model_dump(mode="json"),
        "timings": {"total_s": done.duration_s, "steps": done.steps},
        "context": _context(transcript, items),
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
        "manner": None,
        "mended": 0,
        "error": _error(told),
        "usage": Usage().model_dump(mode="json"),
        "timings": {"total_s": 0.0, "steps": 0},
        "context": None,
        "session": None,
        "exit_code": int(exit_code),
    }


def _manner(manner: DialectChosen | None) -> dict[str, Any] | None:
    return None if manner is None else manner.model_dump(mode="json", exclude={"type"})


def _context(transcript: Transcript, items: list[Item]) -> dict[str, Any] | None:
    """Return how full the window was last, and what reading again has cost; `None` if nothing was sent."""
    measured = transcript.live.context
    if measured is None:
        return None
    compactions = sum(isinstance(item, Compaction) for item in items)
    return {**measured.model_dump(mode="json", exclude={"type"}), "compactions": compactions}


def _error(error: ErrorInfo | None) -> dict[str, Any] | None:
    return None if error is None else error.model_dump(mode="json")
