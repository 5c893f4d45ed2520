"""Undo: a checkpoint before the first effect of each step, the way back to it, and forth again."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Protocol

from trashclaw.agent.ports import Emit
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.events import CheckpointCreated, Notice, NoticeLevel
from trashclaw.protocol.ids import CheckpointId
from trashclaw.protocol.patches import Patch
from trashclaw.session.trail import Trail
from trashclaw.workspace.legs import Leg, Restored, RestorePreview

SHOWN_PATHS = 8
CONFLICT = "conflict"
"""The code of the error that says what stands in the way of a restore."""

_GIT_KEPT = "What git recorded in that turn stays: commits, branches, the index. Only the files went back."
_GIT_HINT = "git reflog shows where the branch was; git reset moves it back."


class Snapshots(Protocol):
    """What undo needs of the workspace's checkpoint store."""

    async def create(self, label: str, also: Collection[str] = ()) -> CheckpointId:
        """Snapshot the workspace, and these paths even where git ignores them."""
        ...

    async def record(self, base_id: CheckpointId, label: str, paths: Collection[str]) -> CheckpointId:
        """Remember a checkpoint with these paths as they are now."""
        ...

    async def extend(self, checkpoint_ids: Sequence[CheckpointId], also: Collection[str]) -> None:
        """Take further paths into checkpoints, where no snapshot would have them."""
        ...

    async def preview(self, legs: Sequence[Leg]) -> RestorePreview:
        """Tell what a restore would do."""
        ...

    async def net(self, points: Sequence[tuple[CheckpointId, Collection[str]]]) -> Patch:
        """Return what paths are now against the first of some checkpoints."""
        ...

    async def restore_legs(self, legs: Sequence[Leg], *, is_forced: bool = False) -> Restored:
        """Bring the files back, but not over what others changed unless forced to."""
        ...

    async def changed_paths(self, old: CheckpointId, new: CheckpointId) -> tuple[str, ...]:
        """Return the files in which two checkpoints differ."""
        ...

    async def tidy(self, kept: Collection[CheckpointId]) -> None:
        """Let go of what is old, and pack the rest."""
        ...


class Undo:
    """Makes checkpoints while turns run, and restores them when asked."""

    def __init__(self, snapshots: Snapshots, emit: Emit, trail: Trail) -> None:
        """`trail` follows what `emit` is told."""
        self._snapshots = snapshots
        self._emit = emit
        self._trail = trail
        self._is_due = False
        self._label = ""
        self._points: list[tuple[int, CheckpointId]] = []
        """The running turn's checkpoints, each with its step."""

        self._named: set[str] = set()
        """The paths that the running turn's effects named."""

        self._is_open_ended = False
        """Whether something ran that names no paths: it may have changed anything."""

        self._noting = asyncio.Lock()
        self._tidying: asyncio.Task[None] | None = None

    def begin_turn(self, label: str = "") -> None:
        """Be ready for a first effect; `label` says what it is where it is no turn, which has no steps then."""
        self._is_due, self._points, self._named, self._is_open_ended = True, [], set(), False
        self._label = label

    async def before_effect(self, paths: Collection[str]) -> None:
        """Make the step's checkpoint, or take these paths into it. Without that the effect does not land.

        Raises:
            WorkspaceError: no checkpoint can be made.
        """
        async with self._noting:
            if not self._is_due:
                return
            new = set(paths) - self._named
            if new and self._points:
                # Where git ignores them, the turn's earlier checkpoints have them as little as the last one.
                await self._snapshots.extend([checkpoint_id for _, checkpoint_id in self._points], new)
            step = 0 if self._label else self._trail.step
            if not self._points or self._points[-1][0] != step:
                label = self._label or f"before step {step}"
                checkpoint_id = await self._snapshots.create(label, self._named | new)
                self._points.append((step, checkpoint_id))
                self._emit(CheckpointCreated(checkpoint_id=checkpoint_id, label=label, step=step))
            self._named |= new
            self._is_open_ended = self._is_open_ended or not paths or any(map(_is_only_shown, paths))

    async def end_turn(self) -> None:
        """Remember the files as the turn left them; a turn that changed none is not one to undo."""
        points, named, is_open_ended = self._points, self._named, self._is_open_ended
        self._is_due, self._points = False, []
        if not points:
            return
        before_id = points[0][1]
        async with self._noting:
            try:
                after_id = await self._note_after(before_id, named, is_open_ended=is_open_ended)
                is_changed = bool(await self._snapshots.changed_paths(before_id, after_id))
            except WorkspaceError as error:
                text = f"The files could not be remembered as this turn left them: {error.text}"
                self._emit(Notice(level=NoticeLevel.WARNING, code=error.code, text=text, hint=error.hint))
                return
            self._tell_unremembered(named)
            if is_changed:
                self._emit(CheckpointCreated(checkpoint_id=after_id, label="after a turn", is_after=True))
            else:
                self._emit(CheckpointCreated(checkpoint_id=before_id, label="nothing changed", is_restored=True))
        self._tidy()

    def _tell_unremembered(self, named: Collection[str]) -> None:
        outside = sorted(path for path in named if path.startswith("/"))
        if outside:
            text = f"Not in the checkpoint, so /undo leaves it as it is: {listed(outside)}."
            self._emit(
                Notice(code="not_remembered", text=text, hint="Only files of the workspace itself can be undone.")
            )

    async def restore(self, checkpoint_id: CheckpointId | None, *, is_forced: bool = False) -> str:
        """Bring the files back to a step of a turn, or to before the last turn, and return a note for the model.

        Raises:
            UsageError: there is nothing to undo, or the person's own later changes stand in the way.
            WorkspaceError: a file cannot be restored.
        """
        at, number = self._target(checkpoint_id)
        legs = self._legs(at, number)
        restored = await self._snapshots.restore_legs(legs, is_forced=is_forced)
        if restored.conflicts:
            raise _in_the_way(restored.conflicts, is_known=all(leg.after_id for leg in legs))
        traces = self._trail.traces[at:]
        has_commands = any(trace.has_commands for trace in traces if trace.after_id is None)
        target_id = traces[0].points[number].checkpoint_id
        redo = {"redo_id": restored.before_id, "since_id": restored.after_id}
        self._emit(CheckpointCreated(checkpoint_id=target_id, label="undo", is_restored=True, **redo))
        names = listed(restored.paths)
        self._emit(Notice(code="undone", text=f"Undone: {names}."))
        if any(trace.has_git for trace in traces):
            self._emit(Notice(level=NoticeLevel.WARNING, code="git_kept", text=_GIT_KEPT, hint=_GIT_HINT))
        if all(trace.is_revert for trace in traces):
            return f"The user took back what they had reverted themselves in: {names}."
        if not restored.left_alone:
            return f"The user undid your changes to: {names}."
        alone = listed(restored.left_alone)
        self._tell_left_alone(alone, has_commands=has_commands)
        return f"The user undid your changes to: {names}. Left alone, whoever changed them: {alone}."

    async def redo(self, *, is_forced: bool = False) -> str:
        """Bring back what the last undo took away, and return a note for the model.

        Raises:
            UsageError: there is nothing to redo, or the person's own later changes stand in the way.
            WorkspaceError: a file cannot be restored.
        """
        leg = self._way_forth()
        restored = await self._snapshots.restore_legs([leg], is_forced=is_forced)
        if restored.conflicts:
            raise _in_the_way(restored.conflicts, is_known=True)
        # What was forced can itself be undone; otherwise undoing the turn again is all there is to undo.
        before = {"redo_id": restored.before_id, "since_id": restored.after_id} if is_forced else {}
        self._emit(CheckpointCreated(checkpoint_id=leg.before_id, label="redo", is_redone=True, **before))
        names = listed(restored.paths)
        self._emit(Notice(code="redone", text=f"Brought back: {names}."))
        return f"The user brought back what was undone in: {names}."

    async def preview(self, checkpoint_id: CheckpointId | None) -> RestorePreview:
        """Tell what `restore` would do.

        Raises:
            UsageError: there is nothing to undo.
            WorkspaceError: the checkpoints cannot be read.
        """
        return await self._snapshots.preview(self._legs(*self._target(checkpoint_id)))

    async def preview_redo(self) -> RestorePreview:
        """Tell what `redo` would do.

        Raises:
            UsageError: there is nothing to redo.
            WorkspaceError: the checkpoints cannot be read.
        """
        return await self._snapshots.preview([self._way_forth()])

    async def net_changes(self) -> Patch:
        """Return what the files that the session changed are now against what they were before its first change.

        Raises:
            WorkspaceError: the checkpoints cannot be read.
        """
        points: list[tuple[CheckpointId, Collection[str]]] = []
        for trace in self._trail.traces:
            paths = set(trace.paths)
            is_more = trace.has_commands or any(map(_is_only_shown, paths))
            if is_more and trace.after_id is not None:
                paths.update(await self._snapshots.changed_paths(trace.checkpoint_id, trace.after_id))
            points.append((trace.checkpoint_id, paths))
        return await self._snapshots.net(points) if points else Patch()

    async def aclose(self) -> None:
        """Stop tidying up."""
        if self._tidying is not None:
            self._tidying.cancel()
            await asyncio.wait([self._tidying])

    async def _note_after(
        self, before_id: CheckpointId, named: Collection[str], *, is_open_ended: bool
    ) -> CheckpointId:
        """Remember how a turn left the files; where it is known which, what others changed meanwhile stays theirs."""
        if is_open_ended:
            return await self._snapshots.create("after a turn", named)
        return await self._snapshots.record(before_id, "after a turn", named)

    def _target(self, checkpoint_id: CheckpointId | None) -> tuple[int, int]:
        """Return the place of a checkpoint in the trail, by default that of the last turn's first."""
        if not self._trail.traces:
            raise UsageError("There is nothing to undo.", "Only turns that changed files can be undone.")
        if checkpoint_id is None:
            return len(self._trail.traces) - 1, 0
        if (found := self._trail.find(checkpoint_id)) is None:
            raise UsageError("There is no such turn to undo.", "It was undone already, or changed no file.")
        return found

    def _legs(self, at: int, number: int) -> list[Leg]:
        """Return the turns to go back over, the newest first: what came between two of them is not ours."""
        traces = self._trail.traces[at:]
        places = [number, *(0 for _ in traces[1:])]
        legs = [
            Leg(trace.points[place].checkpoint_id, trace.after_id, trace.paths, trace.is_own)
            for trace, place in zip(traces, places, strict=True)
        ]
        return legs[::-1]

    def _way_forth(self) -> Leg:
        if not self._trail.undone:
            raise UsageError("There is nothing to redo.", "Only what was undone since the last change can be.")
        last = self._trail.undone[-1]
        return Leg(last.redo_id, last.since_id)

    def _tidy(self) -> None:
        """Let go of old checkpoints beside everything else."""
        if self._tidying is None or self._tidying.done():
            kept = {point.checkpoint_id for trace in self._trail.traces for point in trace.points}
            kept |= {trace.after_id for trace in self._trail.traces if trace.after_id is not None}
            kept |= {found for last in self._trail.undone for found in (last.redo_id, last.since_id) if found}
            self._tidying = asyncio.create_task(self._let_go(kept), name="tidy checkpoints")

    async def _let_go(self, kept: Collection[CheckpointId]) -> None:
        """Tidy up; where that fails, checkpoints stay longer, and the next one tells what is wrong with the store."""
        with suppress(WorkspaceError):
            await self._snapshots.tidy(kept)

    def _tell_left_alone(self, names: str, *, has_commands: bool) -> None:
        text = f"Left alone: {names}. Nobody noted how the turn left the files, so these may be your own changes."
        hint = "What the turn's commands changed is among them." if has_commands else ""
        self._emit(Notice(level=NoticeLevel.WARNING, code="left_alone", text=text, hint=hint))


def _is_only_shown(path: str) -> bool:
    """Tell whether a path may be the text for a name that no text can carry, and another one lies on the disk."""
    return "\\x" in path or "\ufffd" in path or path.endswith("~")


def _in_the_way(conflicts: Sequence[str], *, is_known: bool) -> UsageError:
    names = listed(conflicts)
    text = f"You changed these files after the turn: {names}."
    if not is_known:
        text = f"These files are not as the edits of the turn left them: {names}."
    error = UsageError(text, "Nothing was restored. Look at the difference and confirm, or put your changes elsewhere.")
    error.code = CONFLICT
    return error


def listed(paths: Sequence[str]) -> str:
    """Return paths as one text, only the first of many."""
    more = f" and {len(paths) - SHOWN_PATHS} more" if len(paths) > SHOWN_PATHS else ""
    return (", ".join(paths[:SHOWN_PATHS]) or "no file") + more
