"""Traces: what is known of one turn's effects, and of an undo that can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from trashclaw.protocol.change_events import HunksReverted
from trashclaw.protocol.ids import CheckpointId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import FileChange
from trashclaw.protocol.tools import ToolKind, ToolStatus
from trashclaw.workspace.files import digest
from trashclaw.workspace.proposed import is_result


@dataclass(frozen=True, slots=True)
class Point:
    """The files before the first effect of a step."""

    checkpoint_id: CheckpointId
    step: int = 0


@dataclass(slots=True)
class Trace:
    """What is known of one turn's effects."""

    points: list[Point]
    """One for each step that had effects, the first of them before all of it."""

    after_id: CheckpointId | None = None
    """The files after the last; `None` when the turn was cut off, or they could not be remembered."""

    has_commands: bool = False
    """Whether commands ran outside the sandbox, too: what they changed is not known."""

    left: dict[str, str | None] = field(default_factory=dict)
    """The digest with which the last edit left each file, `None` for one that it removed."""

    cut_off: dict[str, FileChange] = field(default_factory=dict)
    """Changes of which nobody noted whether they landed."""

    lines: dict[int, dict[str, tuple[int, int]]] = field(default_factory=dict)
    """By step and file, how many lines came and went, as far as the runs tell."""

    is_revert: bool = False
    """The person's own doing: hunks that had landed were reverted, or brought back."""

    @property
    def checkpoint_id(self) -> CheckpointId:
        """The files before all of it."""
        return self.points[0].checkpoint_id

    @property
    def paths(self) -> frozenset[str]:
        """The files that its edits touched, or may have."""
        return frozenset((*self.left, *self.cut_off))

    @property
    def has_git(self) -> bool:
        """Whether changes to what git keeps landed, such as a commit; the files alone are in checkpoints."""
        return any(".git" in path.split("/") for path in self.left)

    def is_own(self, path: str, data: bytes | None) -> bool:
        """Tell whether bytes (`None`: no file) are exactly what an edit of this turn left at a path."""
        if path in self.left and self.left[path] == (None if data is None else digest(data)):
            return True
        return path in self.cut_off and is_result(self.cut_off[path], data)

    def note(self, run: ToolRun, step: int) -> None:
        """Take in a completed run; commands of the person's own are none of the turn's."""
        metadata = run.result.metadata if run.result else {}
        if run.status is ToolStatus.REJECTED or "is_shared" in metadata:
            return
        is_free = run.tool_kind is ToolKind.EXECUTE and not metadata.get("is_confined")
        self.has_commands = self.has_commands or is_free
        changes = metadata.get("changes")
        for entry in changes if isinstance(changes, list) else ():
            if isinstance(entry, dict):
                sha256 = entry.get("sha256")
                path = str(entry.get("path"))
                self.left[path] = None if sha256 is None else str(sha256)
                lines = self.lines.setdefault(step, {})
                added, removed = lines.get(path, (0, 0))
                lines[path] = added + _whole(entry.get("added")), removed + _whole(entry.get("removed"))
        if metadata.get("is_cut_off") and run.patch is not None:
            self.cut_off |= {change.path: change for change in run.patch.changes}

    def note_revert(self, event: HunksReverted) -> None:
        """Take in what the person reverted."""
        self.is_revert = True
        self.left |= {
            change.path: after for change, after in zip(event.patch.changes, event.after_sha256, strict=False)
        }

    def up_to(self, number: int) -> Trace:
        """Return what is left of the turn when it was undone back to one of its later points."""
        end = self.points[number]
        lines = {step: found for step, found in self.lines.items() if step < end.step}
        return replace(self, points=self.points[:number], after_id=end.checkpoint_id, lines=lines)


@dataclass(frozen=True, slots=True)
class Undone:
    """An undo that can be taken back."""

    at: int
    """The place in the trail of the first turn that it undid."""

    traces: list[Trace]
    """What stood there and behind."""

    redo_id: CheckpointId
    """The files just before it."""

    since_id: CheckpointId | None
    """The files just after it."""


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
