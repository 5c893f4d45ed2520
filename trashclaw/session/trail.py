"""The trail: what each turn that can be undone did to the files, as a fold of events."""

from __future__ import annotations

from dataclasses import dataclass, field

from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import CheckpointId
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import FileChange
from trashclaw.protocol.tools import ToolKind, ToolStatus
from trashclaw.workspace.files import digest
from trashclaw.workspace.proposed import is_result


@dataclass(slots=True)
class Trace:
    """What is known of one turn's effects."""

    checkpoint_id: CheckpointId
    """The files before the first of them."""

    after_id: CheckpointId | None = None
    """The files after the last; `None` when the turn was cut off, or they could not be remembered."""

    has_commands: bool = False
    """Whether commands ran, too: what they changed is not known."""

    left: dict[str, str | None] = field(default_factory=dict)
    """The digest with which the last edit left each file, `None` for one that it removed."""

    cut_off: dict[str, FileChange] = field(default_factory=dict)
    """Changes of which nobody noted whether they landed."""

    @property
    def paths(self) -> frozenset[str]:
        """The files that its edits touched, or may have."""
        return frozenset((*self.left, *self.cut_off))

    def is_own(self, path: str, data: bytes | None) -> bool:
        """Tell whether bytes (`None`: no file) are exactly what an edit of this turn left at a path."""
        if path in self.left and self.left[path] == (None if data is None else digest(data)):
            return True
        return path in self.cut_off and is_result(self.cut_off[path], data)

    def note(self, run: ToolRun) -> None:
        """Take in a completed run; commands of the person's own are none of the turn's."""
        metadata = run.result.metadata if run.result else {}
        if run.status is ToolStatus.REJECTED or "is_shared" in metadata:
            return
        self.has_commands = self.has_commands or run.tool_kind is ToolKind.EXECUTE
        changes = metadata.get("changes")
        for entry in changes if isinstance(changes, list) else ():
            if isinstance(entry, dict):
                sha256 = entry.get("sha256")
                self.left[str(entry.get("path"))] = None if sha256 is None else str(sha256)
        if metadata.get("is_cut_off") and run.patch is not None:
            self.cut_off |= {change.path: change for change in run.patch.changes}


class Trail:
    """The turns that can be undone, the newest last."""

    def __init__(self) -> None:
        self.traces: list[Trace] = []
        self._is_open = False

    def apply(self, event: ev.Event) -> None:
        """Fold one event in."""
        match event:
            case ev.TurnStarted():
                self._is_open = False
            case ev.CheckpointCreated():
                self._apply_checkpoint(event)
            case ev.ItemCompleted(item=ToolRun() as run) if self._is_open:
                self.traces[-1].note(run)
            case _:
                pass

    def _apply_checkpoint(self, event: ev.CheckpointCreated) -> None:
        if event.is_restored:
            ids = [trace.checkpoint_id for trace in self.traces]
            if event.checkpoint_id in ids:
                del self.traces[ids.index(event.checkpoint_id) :]
            self._is_open = False
        elif not event.is_after:
            self.traces.append(Trace(event.checkpoint_id))
            self._is_open = True
        elif self.traces:
            self.traces[-1].after_id = event.checkpoint_id
