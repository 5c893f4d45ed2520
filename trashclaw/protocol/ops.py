"""Ops: what a face asks of a session."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from trashclaw.protocol.approvals import Approval
from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.checkpoints import RestorePart
from trashclaw.protocol.ids import ApprovalId, CheckpointId, EntryId, HunkId, ItemId, QuestionId
from trashclaw.protocol.items import Origin
from trashclaw.protocol.modes import Mode


class TurnStart(Frozen):
    """Begin a turn with a prompt."""

    type: Literal["turn.start"] = "turn.start"
    text: Text
    attached: Text = ""


class TurnSteer(Frozen):
    """Say something to a running turn, read at its next boundary."""

    type: Literal["turn.steer"] = "turn.steer"
    text: Text
    attached: Text = ""


class TurnFollowUp(Frozen):
    """Queue something that is read when the turn would end."""

    type: Literal["turn.follow_up"] = "turn.follow_up"
    text: Text
    attached: Text = ""


class TurnInterrupt(Frozen):
    """Stop the running turn now."""

    type: Literal["turn.interrupt"] = "turn.interrupt"


class InboxEdit(Frozen):
    """Change a queued entry, or take it out (`text=None`)."""

    type: Literal["inbox.edit"] = "inbox.edit"
    entry_id: EntryId
    text: Text | None = None


QueuedAs = Literal[Origin.STEER, Origin.FOLLOW_UP]


class InboxMove(Frozen):
    """Say otherwise when a queued entry is read: as a steer or a follow-up, and at which place (counted from 0)."""

    type: Literal["inbox.move"] = "inbox.move"
    entry_id: EntryId
    origin: QueuedAs | None = None
    place: int | None = Field(default=None, ge=0)


class ApprovalAnswer(Frozen):
    """Answer an approval request; the first answer wins."""

    type: Literal["approval.answer"] = "approval.answer"
    approval_id: ApprovalId
    approval: Approval


class QuestionAnswer(Frozen):
    """Answer a question that the model asked."""

    type: Literal["question.answer"] = "question.answer"
    question_id: QuestionId
    text: Text


class ContextCompact(Frozen):
    """Compact the window now, or take the last compaction back."""

    type: Literal["context.compact"] = "context.compact"
    is_undo: bool = False
    """Send again what the last compaction left out; refused when it would not fit."""


class CheckpointRestore(Frozen):
    """Go back: files, conversation or both; without an id, the files to before the last turn that had effects."""

    type: Literal["checkpoint.restore"] = "checkpoint.restore"
    checkpoint_id: CheckpointId | None = None
    """The files go back to before this step, and all later turns are undone with it."""

    item_id: ItemId | None = None
    """A point of the conversation (`RewindPoint.item_id`); the files' checkpoint is the first one from there on."""

    part: RestorePart = RestorePart.FILES
    is_redo: bool = False
    """Bring back what the last undo took away from the files; ids and part do not count."""

    is_forced: bool = False
    """Go over what the person changed since. The present state is remembered first; a redo brings it back."""


class HunksRevert(Frozen):
    """Take hunks that landed out of the files again; hunks that were reverted are brought back."""

    type: Literal["hunks.revert"] = "hunks.revert"
    item_id: ItemId
    """The tool run that they landed with."""

    hunk_ids: tuple[HunkId, ...]


class SettingsSet(Frozen):
    """Change settings of the session; `None` leaves a value as it is."""

    type: Literal["settings.set"] = "settings.set"
    mode: Mode | None = None
    model: Text | None = None


class ShellRun(Frozen):
    """Run the person's own command; its output joins the context if `is_shared`."""

    type: Literal["shell.run"] = "shell.run"
    command: Text
    is_shared: bool = True


class MemoryScope(StrEnum):
    """Whose memory something goes into."""

    PROJECT = "project"
    USER = "user"


class MemoryAdd(Frozen):
    """Remember something in later sessions too; the model also reads it at once."""

    type: Literal["memory.add"] = "memory.add"
    text: Text
    scope: MemoryScope = MemoryScope.PROJECT


class MemoryForget(Frozen):
    """Forget a remembered entry, by its number (from 1) in its memory."""

    type: Literal["memory.forget"] = "memory.forget"
    number: int
    scope: MemoryScope = MemoryScope.PROJECT


class SessionRename(Frozen):
    """Give the session a name; an empty one takes it back."""

    type: Literal["session.rename"] = "session.rename"
    title: Text = ""


class SessionClose(Frozen):
    """End the session."""

    type: Literal["session.close"] = "session.close"


Op = Annotated[
    TurnStart
    | TurnSteer
    | TurnFollowUp
    | TurnInterrupt
    | InboxEdit
    | InboxMove
    | ApprovalAnswer
    | QuestionAnswer
    | ContextCompact
    | CheckpointRestore
    | HunksRevert
    | SettingsSet
    | ShellRun
    | MemoryAdd
    | MemoryForget
    | SessionRename
    | SessionClose,
    Field(discriminator="type"),
]
