"""Events and words of going back: checkpoints of the files, and a conversation that was rewound."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import CheckpointId, ItemId


class RestorePart(StrEnum):
    """What is brought back."""

    FILES = "files"
    CONVERSATION = "conversation"
    BOTH = "both"


class CheckpointCreated(Frozen):
    """The files were remembered, or brought back."""

    type: Literal["checkpoint.created"] = "checkpoint.created"
    checkpoint_id: CheckpointId
    label: Text = ""
    step: int = 0
    """The step whose first effect it came before; 0 where it belongs to none."""

    is_restored: bool = False
    """The files were brought back to this checkpoint."""

    is_after: bool = False
    """The files as a turn left them: what the person changed since is seen against it."""

    redo_id: CheckpointId | None = None
    """With `is_restored`: the files as they were just before, which a redo brings back."""

    since_id: CheckpointId | None = None
    """With `redo_id`: the files just after."""

    is_redone: bool = False
    """What an undo took away was brought back; the checkpoint is that undo's `redo_id`."""


class ConversationRewound(Frozen):
    """A part of the conversation is not sent to the model any more; it stays in the log, and plan and files stay."""

    type: Literal["conversation.rewound"] = "conversation.rewound"
    item_id: ItemId
    """The first item left out: a message of the person's, or the first item of a step. All later ones go with it."""

    prompt: Text = ""
    """The person's words if the item is their message: to be said again, or otherwise."""
