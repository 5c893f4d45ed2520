"""Undo: a checkpoint before the first effect of each turn, and the way back to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from trashclaw.agent.ports import Emit
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.events import CheckpointCreated, Event, Notice, NoticeLevel
from trashclaw.protocol.ids import CheckpointId
from trashclaw.workspace.checkpoint import Restored


class Snapshots(Protocol):
    """What undo needs of the workspace's checkpoint store."""

    async def create(self, label: str) -> CheckpointId:
        """Snapshot the workspace."""
        ...

    async def restore(self, checkpoint_id: CheckpointId, *, since: CheckpointId | None = None) -> Restored:
        """Bring the files back, but not over what changed since `since`."""
        ...


class Undo:
    """Makes checkpoints while turns run, and restores them when asked."""

    def __init__(self, snapshots: Snapshots, emit: Emit) -> None:
        self._snapshots = snapshots
        self._emit = emit
        self._is_due = False
        self._has_effects = False
        self._after: dict[CheckpointId, CheckpointId] = {}
        self._stack: list[CheckpointId] = []

    def replay(self, event: Event) -> None:
        """Take up what an earlier run of the session had."""
        if isinstance(event, CheckpointCreated):
            self._note(event)
            self._has_effects = not (event.is_after or event.is_restored)

    def begin_turn(self) -> None:
        """Be ready for a first effect."""
        self._is_due, self._has_effects = True, False

    async def before_effect(self) -> None:
        """Make the turn's checkpoint, if it has none yet. Without one the effect does not land.

        Raises:
            WorkspaceError: no checkpoint can be made.
        """
        if not self._is_due:
            return
        checkpoint_id = await self._snapshots.create("before a turn")
        self._is_due, self._has_effects = False, True
        self._tell(CheckpointCreated(checkpoint_id=checkpoint_id, label="before a turn"))

    async def end_turn(self) -> None:
        """Remember the files as the turn left them."""
        if not self._has_effects:
            return
        self._has_effects = False
        try:
            checkpoint_id = await self._snapshots.create("after a turn")
        except WorkspaceError as error:
            text = f"The files could not be remembered as this turn left them: {error.text}"
            self._emit(Notice(level=NoticeLevel.WARNING, code=error.code, text=text, hint=error.hint))
            return
        self._tell(CheckpointCreated(checkpoint_id=checkpoint_id, label="after a turn", is_after=True))

    async def restore(self, checkpoint_id: CheckpointId | None) -> str:
        """Bring the files back, turn by turn down to the one wanted, and return a note for the model.

        Raises:
            UsageError: there is nothing to undo, or the person's own later changes stand in the way.
            WorkspaceError: a file cannot be restored.
        """
        paths: dict[str, None] = {}
        for count, wanted in enumerate(self._turns_down_to(checkpoint_id)):
            restored = await self._snapshots.restore(wanted, since=self._after.get(wanted))
            if restored.conflicts:
                self._refuse(restored.conflicts, is_first=count == 0)
                break
            self._tell(CheckpointCreated(checkpoint_id=wanted, label="undo", is_restored=True))
            paths |= dict.fromkeys(restored.paths)
        names = ", ".join([*paths][:8]) or "no file"
        self._emit(Notice(code="undone", text=f"Undone: {names}."))
        return f"The user undid your changes to: {names}."

    def _turns_down_to(self, checkpoint_id: CheckpointId | None) -> list[CheckpointId]:
        """Return the checkpoints to go back through, the newest first: what came between two turns is not ours."""
        if not self._stack:
            raise UsageError("There is nothing to undo.", "Only turns that changed files can be undone.")
        if checkpoint_id is None:
            return [self._stack[-1]]
        if checkpoint_id not in self._stack:
            raise UsageError("There is no such turn to undo.", "It was undone already, or changed no file.")
        return self._stack[self._stack.index(checkpoint_id) :][::-1]

    def _refuse(self, conflicts: Sequence[str], *, is_first: bool) -> None:
        """Tell what stands in the way; an error only if nothing was undone before."""
        text = f"You changed these files after the turn: {', '.join(conflicts[:5])}."
        undone = "Nothing was undone." if is_first else "Only the turns after it were undone."
        hint = f"{undone} Commit, move or revert your own changes to these files, then try again."
        if is_first:
            raise UsageError(text, hint)
        self._emit(Notice(level=NoticeLevel.WARNING, code="conflict", text=text, hint=hint))

    def _tell(self, event: CheckpointCreated) -> None:
        self._note(event)
        self._emit(event)

    def _note(self, event: CheckpointCreated) -> None:
        if event.is_restored:
            if event.checkpoint_id in self._stack:
                del self._stack[self._stack.index(event.checkpoint_id) :]
        elif event.is_after:
            if self._stack:
                self._after[self._stack[-1]] = event.checkpoint_id
        else:
            self._stack.append(event.checkpoint_id)
