"""What the model reads of a command that has ended: output, ending, and what the sandbox stopped."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trashclaw.protocol.tools import ToolStatus
from trashclaw.sandbox.background import BackgroundCommand
from trashclaw.sandbox.ports import Backend, Denial, LimitHit, SandboxRun
from trashclaw.tools.truncate import clip, middle_out
from trashclaw.workspace.process import CommandResult

LIMIT_CHARS = 16_000
SHOWN_DENIALS = 5
_READ_ONLY = "Read-only file system"

_LIMITS = {
    LimitHit.TIME: "its time limit",
    LimitHit.MEMORY: "the limit on memory",
    LimitHit.PROCESSES: "the limit on processes",
    LimitHit.DISK: "the limit on disk space",
}


@dataclass(frozen=True, slots=True)
class RunReport:
    """A command's end, before what it changed is settled."""

    lines: tuple[str, ...]
    status: ToolStatus
    result: CommandResult
    metadata: dict[str, Any] = field(default_factory=dict)


def report_run(
    run: SandboxRun, timeout_s: int | None, backend: Backend, withheld: str = "", limit_chars: int = LIMIT_CHARS
) -> RunReport:
    """Return what is to be told of a command; `timeout_s` is the limit that a larger argument could have raised.

    `withheld` says why hosts were closed to it that are allowed; told when that may be why it failed.
    """
    result = run.result
    output = middle_out(result.output.rstrip("\n"), limit_chars, "redirect to a file and read it, or use grep or tail")
    lines = [output] if output.strip() else ["[no output]"]
    lines.append(f"[{_ending(run, timeout_s)}]")
    if result.has_left_processes:
        lines.append("[a process was still running in the background; it was stopped]")
    lines += _denials(run)
    if withheld and (run.denials or result.exit_code != 0):
        lines.append(f"[network: {withheld}; name them in hosts to ask the user]")
    metadata: dict[str, Any] = {
        "sandbox": backend.value,
        "duration_s": round(result.duration_s, 3),
        "is_timed_out": result.is_timed_out,
        "is_truncated": result.is_truncated,
        "stdout_bytes": result.stdout_bytes,
        "stderr_bytes": result.stderr_bytes,
    }
    if run.limit is not None:
        metadata["limit"] = run.limit.value
    if run.denials:
        metadata["denied"] = [f"{denial.kind} {denial.what}" for denial in run.denials[:SHOWN_DENIALS]]
    if run.reached:
        metadata["came_from"] = sorted(run.reached)
    status = ToolStatus.FAILED if result.is_timed_out or run.limit is not None else ToolStatus.DONE
    return RunReport(tuple(lines), status, result, metadata)


def metadata_of(running: BackgroundCommand) -> dict[str, Any]:
    """Return what is noted of a command that goes on: its id, and where its output came from."""
    came_from = {"came_from": sorted(running.reached)} if running.reached else {}
    return {"background_id": running.background_id, **came_from}


def _ending(run: SandboxRun, timeout_s: int | None) -> str:
    result = run.result
    if result.is_timed_out or run.limit is LimitHit.TIME:
        larger = f" of {timeout_s} s was reached; a larger timeout_s is possible" if timeout_s else " was reached"
        return f"stopped: the time limit{larger}"
    if run.limit is not None:
        return f"stopped by the sandbox: it reached {_LIMITS[run.limit]}"
    if result.exit_code is not None and result.exit_code < 0:
        return f"ended by signal {-result.exit_code}"
    return "stopped" if result.exit_code is None else f"exit code {result.exit_code}"


def _denials(run: SandboxRun) -> list[str]:
    lines = []
    if hosts := _named(run.denials, "host"):
        lines.append(
            f"[the sandbox stopped network access to {hosts}; if the task needs it, call bash again and name it in "
            "hosts]"
        )
    paths = _named(run.denials, "path")
    if paths or _READ_ONLY in run.result.output:
        what = f" to {paths}" if paths else ""
        lines.append(
            f"[the sandbox stopped a write outside the workspace{what}; temporary files belong in $TMPDIR; if the task "
            "needs it, call bash again and name it in outside_paths]"
        )
    return lines


def _named(denials: tuple[Denial, ...], kind: str) -> str:
    names = list(dict.fromkeys(clip(denial.what, 200) for denial in denials if denial.kind == kind))
    more = f" and {len(names) - SHOWN_DENIALS} more" if len(names) > SHOWN_DENIALS else ""
    return ", ".join(names[:SHOWN_DENIALS]) + more
