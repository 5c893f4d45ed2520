"""Steps that have ended, made up: what a tool would have answered, without the tool."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from trashclaw.agent.ladder import Ladder, Remedy
from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.protocol.plan import Plan, PlanEntry, PlanStatus
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus

KINDS = {
    "read_file": ToolKind.READ,
    "git_diff": ToolKind.READ,
    "git_status": ToolKind.READ,
    "grep": ToolKind.SEARCH,
    "glob": ToolKind.SEARCH,
    "list_files": ToolKind.SEARCH,
    "edit_file": ToolKind.EDIT,
    "write_file": ToolKind.EDIT,
    "bash": ToolKind.EXECUTE,
    "background": ToolKind.EXECUTE,
    "think": ToolKind.THINK,
    "update_plan": ToolKind.THINK,
    "ask_user": ToolKind.OTHER,
}


def made_call(tool: str, arguments: Any) -> ToolCall:
    """Return a call as a model makes it."""
    given = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return ToolCall(call_id=CallId("c"), name=tool, arguments=given)


def ran(
    tool: str,
    arguments: Any,
    text: str = "",
    *,
    status: ToolStatus = ToolStatus.DONE,
    patch: Patch | None = None,
    **result: Any,
) -> ToolRun:
    """Return a run with its result."""
    call = made_call(tool, arguments)
    return ToolRun(
        item_id=ItemId("i"),
        call=call,
        title=f"{tool} {call.arguments[:60]}",
        tool_kind=KINDS.get(tool, ToolKind.OTHER),
        status=status,
        patch=patch,
        result=ToolResult(call_id=call.call_id, status=status, text=text, **result),
    )


def shell(command: str, stdout: str = "", stderr: str = "", exit_code: int = 0, **metadata: Any) -> ToolRun:
    """Return a run of a command."""
    text = f"{stdout}{stderr}\n[exit code {exit_code}]"
    streams: dict[str, Any] = {"stdout": stdout, "stderr": stderr}
    return ran("bash", {"command": command}, text, exit_code=exit_code, metadata=metadata, **streams)


def lines_of(path: str, first: int, last: int, version: int = 0) -> str:
    """Return what `read_file` shows of a file whose every line is its own."""
    return "\n".join(f"{number}\t{path} says {number} in {version}" for number in range(first, last + 1))


@dataclass
class Story:
    """A turn that is told step by step to a ladder."""

    ladder: Ladder = field(default_factory=Ladder)
    step: int = 0
    plan: Plan = field(default_factory=Plan)
    remedies: list[tuple[int, Remedy]] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)

    def tell(self, *runs: ToolRun, findings: Sequence[StepFinding] = ()) -> Remedy | None:
        """End a step with these runs."""
        self.step += 1
        remedy = self.ladder.observe(StepReport(self.step, "", "", runs, self.plan), findings)
        if remedy is not None:
            self.remedies.append((self.step, remedy))
        return remedy

    def read(self, path: str, first: int = 1, last: int = 60, version: int = 0) -> Remedy | None:
        """Read a part of a file."""
        text = lines_of(path, first, last, version)
        arguments = {"path": path, "offset": first, "limit": last - first + 1}
        return self.tell(ran("read_file", arguments, text, metadata={"first": first, "last": last}))

    def grep(self, pattern: str, *hits: str) -> Remedy | None:
        """Search."""
        text = "\n".join(hits) or f"[no line matches {pattern}]"
        return self.tell(ran("grep", {"pattern": pattern}, text, metadata={"lines": len(hits)}))

    def edit(self, path: str, content: str) -> Remedy | None:
        """Bring a file to a content."""
        before, after = self.files.get(path, f"old {path}"), content
        self.files[path] = after
        return self.tell(edited(path, before, after))

    def miss(self, path: str, old: str) -> Remedy | None:
        """Edit a file, and find no place."""
        arguments = {"path": path, "old_text": old, "new_text": "x"}
        text = f"edit_file: the old text is not in {path}. Nearest: line 3."
        return self.tell(ran("edit_file", arguments, text, status=ToolStatus.FAILED, metadata={"error": "tool"}))

    def run(self, command: str, stdout: str = "", stderr: str = "", exit_code: int = 0) -> Remedy | None:
        """Run a command."""
        return self.tell(shell(command, stdout, stderr, exit_code))

    def think(self, thought: str) -> Remedy | None:
        """Write down a thought."""
        return self.tell(ran("think", {"thought": thought}, "Noted."))

    def set_plan(self, done: int, count: int) -> Remedy | None:
        """Set the plan."""
        states = [PlanStatus.COMPLETED if at < done else PlanStatus.PENDING for at in range(count)]
        self.plan = Plan(entries=tuple(PlanEntry(text=f"part {at}", status=state) for at, state in enumerate(states)))
        return self.tell(ran("update_plan", {"entries": [[at, state] for at, state in enumerate(states)]}, "Set."))


def edited(path: str, before: str, after: str) -> ToolRun:
    """Return an edit that landed."""
    old, new = sha256(before.encode()).hexdigest(), sha256(after.encode()).hexdigest()
    patch = Patch(changes=(FileChange(path=path, kind=ChangeKind.MODIFIED, hunks=(), before_sha256=old),))
    entry = {"path": path, "kind": "modified", "added": 1, "removed": 1, "sha256": new}
    arguments = {"path": path, "old_text": before, "new_text": after}
    return ran("edit_file", arguments, f"Changed {path} (+1 -1).", patch=patch, metadata={"changes": [entry]})
