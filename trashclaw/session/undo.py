"""Undo: a checkpoint before the first effect of each turn, and the way back to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from trashclaw.agent.ports import Emit
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.events import CheckpointCreated, Notice, NoticeLevel
from trashclaw.protocol.ids import CheckpointId
from trashclaw.session.trail import Trace, Trail
from trashclaw.workspace.checkpoint import IsOwn, Restored

SHOWN_PATHS = 8


class Snapshots(Protocol):
    """What undo needs of the workspace's checkpoint store."""

    async def create(self, label: str, also: Collection[str] = ()) -> CheckpointId:
        """Snapshot the workspace, and these paths even where git ignores them."""
        ...

    async def extend(self, checkpoint_id: CheckpointId, also: Collection[str]) -> None:
        """Take further paths into a checkpoint, where no snapshot would have them."""
        ...

    async def restore(self, checkpoint_id: CheckpointId, *, since: CheckpointId | None = None) -> Restored:
        """Bring the files back, but not over what changed since `since`."""
        ...

    async def restore_own(self, checkpoint_id: CheckpointId, paths: Collection[str], is_own: IsOwn) -> Restored:
        """Bring back those of the paths that are as the agent left them."""
        ...

    async def changed_paths(self, old: CheckpointId, new: CheckpointId) -> tuple[str, ...]:
        """Return the files in which two checkpoints differ."""
        ...


class Undo:
    """Makes checkpoints while turns run, and restores them when asked."""

    def __init__(self, snapshots: Snapshots, emit: Emit, trail: Trail) -> None:
        """`trail` follows what `emit` is told."""
        self._snapshots = snapshots
        self._emit = emit
        self._trail = trail
        self._is_due = False
        self._checkpoint_id: CheckpointId | None = None
        """The running turn's checkpoint."""

        self._named: set[str] = set()
        """The paths that the running turn's edits named."""

    def begin_turn(self) -> None:
        """Be ready for a first effect."""
        self._is_due, self._checkpoint_id, self._named = True, None, set()

    async def before_effect(self, paths: Collection[str]) -> None:
        """Make the turn's checkpoint, or take these paths into it. Without that the effect does not land.

        Raises:
            WorkspaceError: no checkpoint can be made.
        """
        if self._checkpoint_id is not None:
            if new := set(paths) - self._named:
                await self._snapshots.extend(self._checkpoint_id, new)
        elif self._is_due:
            checkpoint_id = await self._snapshots.create("before a turn", paths)
            self._is_due, self._checkpoint_id = False, checkpoint_id
            self._emit(CheckpointCreated(checkpoint_id=checkpoint_id, label="before a turn"))
        self._named.update(paths)

    async def end_turn(self) -> None:
        """Remember the files as the turn left them; a turn that changed none is not one to undo."""
        before_id, self._checkpoint_id = self._checkpoint_id, None
        if before_id is None:
            return
        try:
            after_id = await self._snapshots.create("after a turn", self._named)
            is_changed = bool(await self._snapshots.changed_paths(before_id, after_id))
        except WorkspaceError as error:
            text = f"The files could not be remembered as this turn left them: {error.text}"
            self._emit(Notice(level=NoticeLevel.WARNING, code=error.code, text=text, hint=error.hint))
            return
        if is_changed:
            self._emit(CheckpointCreated(checkpoint_id=after_id, label="after a turn", is_after=True))
        else:
            self._emit(CheckpointCreated(checkpoint_id=before_id, label="nothing changed", is_restored=True))

    async def restore(self, checkpoint_id: CheckpointId | None) -> str:
        """Bring the files back, turn by turn down to the one wanted, and return a note for the model.

        Raises:
            UsageError: there is nothing to undo, or the person's own later changes stand in the way.
            WorkspaceError: a file cannot be restored.
        """
        paths: dict[str, None] = {}
        left_alone: dict[str, None] = {}
        has_commands = False
        for count, trace in enumerate(self._turns_down_to(checkpoint_id)):
            restored = await self._bring_back(trace)
            if restored.conflicts:
                self._refuse(trace, restored.conflicts, is_first=count == 0)
                break
            self._emit(CheckpointCreated(checkpoint_id=trace.checkpoint_id, label="undo", is_restored=True))
            paths |= dict.fromkeys(restored.paths)
            left_alone |= dict.fromkeys(restored.left_alone)
            has_commands = has_commands or trace.has_commands
        names = _listed([*paths])
        self._emit(Notice(code="undone", text=f"Undone: {names}."))
        if not left_alone:
            return f"The user undid your changes to: {names}."
        alone = _listed([*left_alone])
        self._tell_left_alone(alone, has_commands=has_commands)
        return f"The user undid your changes to: {names}. Left alone, whoever changed them: {alone}."

    async def _bring_back(self, trace: Trace) -> Restored:
        """Go back over one turn; where nobody noted how it left the files, only over what is surely the agent's."""
        if trace.after_id is not None:
            return await self._snapshots.restore(trace.checkpoint_id, since=trace.after_id)
        return await self._snapshots.restore_own(trace.checkpoint_id, trace.paths, trace.is_own)

    def _turns_down_to(self, checkpoint_id: CheckpointId | None) -> list[Trace]:
        """Return the turns to go back over, the newest first: what came between two of them is not ours."""
        traces = self._trail.traces
        if not traces:
            raise UsageError("There is nothing to undo.", "Only turns that changed files can be undone.")
        if checkpoint_id is None:
            return [traces[-1]]
        ids = [trace.checkpoint_id for trace in traces]
        if checkpoint_id not in ids:
            raise UsageError("There is no such turn to undo.", "It was undone already, or changed no file.")
        return traces[ids.index(checkpoint_id) :][::-1]

    def _refuse(self, trace: Trace, conflicts: Sequence[str], *, is_first: bool) -> None:
        """Tell what stands in the way; an error only if nothing was undone before."""
        names = _listed(conflicts)
        text = f"You changed these files after the turn: {names}."
        if trace.after_id is None:
            text = f"These files are not as the edits of the turn left them: {names}."
        undone = "Nothing was undone." if is_first else "Only the turns after it were undone."
        hint = f"{undone} Commit, move or revert your own changes to these files, then try again."
        if is_first:
            raise UsageError(text, hint)
        self._emit(Notice(level=NoticeLevel.WARNING, code="conflict", text=text, hint=hint))

    def _tell_left_alone(self, names: str, *, has_commands: bool) -> None:
        text = f"Left alone: {names}. Nobody noted how the turn left the files, so these may be your own changes."
        hint = "What the turn's commands changed is among them." if has_commands else ""
        self._emit(Notice(level=NoticeLevel.WARNING, code="left_alone", text=text, hint=hint))


def _listed(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - SHOWN_PATHS} more" if len(paths) > SHOWN_PATHS else ""
    return (", ".join(paths[:SHOWN_PATHS]) or "no file") + more
