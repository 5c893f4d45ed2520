"""Rewind: the points that the session can go back to, with its files, its conversation, or both."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from trashclaw.agent.agent import Agent
from trashclaw.agent.messages import Request
from trashclaw.protocol import ops
from trashclaw.protocol.checkpoints import ConversationRewound, RestorePart
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.events import Notice, PlanUpdated
from trashclaw.protocol.ids import CheckpointId, ItemId
from trashclaw.protocol.patches import Patch
from trashclaw.session.journal import Journal
from trashclaw.session.notes import Surroundings
from trashclaw.session.seen import fold_seen
from trashclaw.session.trail import Place
from trashclaw.session.undo import Undo
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.legs import RestorePreview


@dataclass(frozen=True, slots=True)
class PointChange:
    """What became of one file from a point to the next."""

    path: str
    added: int
    """Lines added; 0 where nobody counted (a binary file)."""

    removed: int


@dataclass(frozen=True, slots=True)
class RewindPoint:
    """A moment to go back to: `ops.CheckpointRestore(item_id=point.item_id, part=...)` does it."""

    item_id: ItemId
    """The person's message before which it lies, or the first item of the step before which it lies."""

    at: float
    """When that came, in seconds since the epoch."""

    title: str
    """The first line of the message; of a step, of the message that the step works on."""

    prompt: str
    """The whole message, for the composer after the conversation went back; empty for a step."""

    step: int
    """0: before the message. Otherwise: before that step of its turn."""

    changes: tuple[PointChange, ...]
    """What edits changed from here to the next point of the same kind, as far as the tools told."""

    checkpoint_id: CheckpointId | None
    """What the files would go back to; `None` when nothing that changed files since can be undone."""

    can_restore_conversation: bool

    @property
    def can_restore_files(self) -> bool:
        """Whether anything that was done to files since can be undone."""
        return self.checkpoint_id is not None


class Rewind:
    """Tells the points, and carries the op out."""

    def __init__(
        self,
        journal: Journal,
        undo: Undo,
        surroundings: Surroundings,
        sightings: Sightings,
        agent: Agent,
        be_idle: Callable[[], Awaitable[None]],
    ) -> None:
        """`be_idle` waits until everything about the last turn is noted, and refuses while one runs."""
        self._be_idle = be_idle
        self._journal = journal
        self._undo = undo
        self._surroundings = surroundings
        self._sightings = sightings
        self._agent = agent

    def points(self) -> tuple[RewindPoint, ...]:
        """Return the points that anything can be brought back to, the newest first.

        One lies before each message of the person's (`step` 0) and one before each step that had effects.
        """
        found = (self._point(place) for place in reversed(self._journal.trail.places))
        return tuple(point for point in found if point.can_restore_files or point.can_restore_conversation)

    async def preview(self, op: ops.CheckpointRestore) -> RestorePreview:
        """Tell what an op would do to the files, with the diff of what only `is_forced` would overwrite.

        Raises:
            UsageError: there is nothing to restore, or a turn runs.
            WorkspaceError: the checkpoints cannot be read.
        """
        await self._be_idle()
        preview = await self._preview(op)
        return replace(preview, overwritten=await self._journal.masked(preview.overwritten))

    async def net_changes(self) -> Patch:
        """Return what the files that the session changed are now against what they were before its first change.

        That is what a `git diff` would say of them: changes of others are in it, and what was taken back is not. At
        most the first 100 files are in it. What was undone is not counted as changed, and secrets are masked.

        Raises:
            WorkspaceError: the checkpoints cannot be read.
        """
        return await self._journal.masked(await self._undo.net_changes())

    async def carry_out(self, op: ops.CheckpointRestore) -> None:
        """Bring back what the op asks for: the files first, and nothing if they cannot be.

        Raises:
            UsageError: there is nothing to restore, or the person's own later changes stand in the way.
            WorkspaceError: a file cannot be restored.
        """
        if op.is_redo:
            self._surroundings.add(await self._undo.redo(is_forced=op.is_forced))
            return
        place = None if op.part is RestorePart.FILES else self._rewindable(op.item_id)
        is_needed, checkpoint_id = self._files_of(op)
        if is_needed:
            note = await self._undo.restore(checkpoint_id, is_forced=op.is_forced)
            if place is None:
                self._surroundings.add(note)
        if place is not None:
            self._rewind(place)

    async def _preview(self, op: ops.CheckpointRestore) -> RestorePreview:
        if op.is_redo:
            return await self._undo.preview_redo()
        is_needed, checkpoint_id = self._files_of(op)
        return await self._undo.preview(checkpoint_id) if is_needed else RestorePreview(())

    def _files_of(self, op: ops.CheckpointRestore) -> tuple[bool, CheckpointId | None]:
        """Tell whether an op is about files at all, and return its checkpoint (`None`: the last turn's)."""
        if op.part is RestorePart.CONVERSATION:
            return False, None
        if op.item_id is None:
            return True, op.checkpoint_id
        checkpoint_id = self._journal.trail.checkpoint_from(op.item_id)
        if checkpoint_id is None and op.part is RestorePart.FILES:
            raise UsageError("There is nothing to undo from there on.", "Only turns that changed files can be undone.")
        return checkpoint_id is not None, checkpoint_id

    def _rewindable(self, item_id: ItemId | None) -> Place:
        for place in self._journal.trail.places:
            if place.item_id == item_id and self._can_rewind(place):
                return place
        raise UsageError("The conversation cannot go back there.", "Choose one of the points that are offered.")

    def _rewind(self, place: Place) -> None:
        prompt = "" if place.step else place.text
        self._journal.emit(ConversationRewound(item_id=place.item_id, prompt=prompt))
        if self._journal.transcript.plan != place.plan:
            self._journal.emit(PlanUpdated(plan=place.plan))
        kept = Request(self._agent.history.messages, self._agent.manner.tools)
        self._agent.ledger.rewind(self._agent.manner.dialect.render(kept).messages)
        fold_seen(self._sightings, self._journal.transcript)
        self._surroundings.forget()
        self._journal.emit(Notice(code="rewound", text=f"The conversation is back at: {_title(place)}."))

    def _can_rewind(self, place: Place) -> bool:
        return not place.is_rewound and self._agent.history.can_rewind(place.item_id)

    def _point(self, place: Place) -> RewindPoint:
        return RewindPoint(
            item_id=place.item_id,
            at=place.at,
            title=_title(place),
            prompt="" if place.step else place.text,
            step=place.step,
            changes=self._changes_from(place),
            checkpoint_id=self._journal.trail.checkpoint_from(place.item_id),
            can_restore_conversation=self._can_rewind(place),
        )

    def _changes_from(self, place: Place) -> tuple[PointChange, ...]:
        """Add up what the place's step did, or all steps up to the next message."""
        places = self._journal.trail.places
        following = places[places.index(place) + 1 :]
        steps = [place] if place.step else []
        if not place.step:
            for other in following:
                if other.step == 0:
                    break
                steps.append(other)
        lines: dict[str, tuple[int, int]] = {}
        for step in steps:
            for path, (added, removed) in self._journal.trail.lines_of(step).items():
                before = lines.get(path, (0, 0))
                lines[path] = before[0] + added, before[1] + removed
        return tuple(PointChange(path, *counts) for path, counts in lines.items())


def _title(place: Place) -> str:
    return next((line.strip() for line in place.text.splitlines() if line.strip()), "")
