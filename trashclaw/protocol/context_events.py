"""What is told of the model's window."""

from __future__ import annotations

from typing import Literal

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import ItemId


class PromptFragment(Frozen):
    """A part of the system prompt, and where it came from."""

    name: str
    """What it is: `instructions`, `memory`, `tasks`."""

    source: Text
    """The file, as a person would write its path."""

    start: int
    """Its place in the system prompt: the first character ..."""

    end: int
    """... and the one behind the last."""

    left_out_chars: int = 0
    """How much of the file did not go in, since it is too long."""

    digest: str = ""
    """SHA-256 of the file as it was read; empty where it is none."""


class CompactionUndone(Frozen):
    """What the last compaction left out is sent again."""

    type: Literal["compaction.undone"] = "compaction.undone"
    item_id: ItemId
    """The compaction's."""


class ContextMeasured(Frozen):
    """How full the window is."""

    type: Literal["context.measured"] = "context.measured"
    used_tokens: int
    limit_tokens: int
    reused_tokens: int | None = None
    is_estimate: bool = False
    reread_tokens: int = 0
    """What the server had read before and read again in this session."""

    reread_s: float = 0.0
    """The seconds that cost."""
