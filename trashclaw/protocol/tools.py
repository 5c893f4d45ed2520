"""What the model may call, what it asked for, and what it was answered."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, JsonValue

from trashclaw.protocol.base import Frozen, JsonObject, Text
from trashclaw.protocol.ids import CallId


class ToolKind(StrEnum):
    """What sort of thing a tool does (words of the Agent Client Protocol)."""

    READ = "read"
    EDIT = "edit"
    DELETE = "delete"
    MOVE = "move"
    SEARCH = "search"
    EXECUTE = "execute"
    THINK = "think"
    FETCH = "fetch"
    OTHER = "other"


class ToolStatus(StrEnum):
    """Where a tool run stands; the last five are ends, and every call reaches exactly one of them."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"


class ToolSpec(Frozen):
    """A tool as the model sees it."""

    name: str
    description: str
    parameters: dict[str, JsonValue]
    """JSON Schema of the arguments: a flat object, required properties first."""

    kind: ToolKind = ToolKind.OTHER


class ToolCall(Frozen):
    """A request of the model's."""

    call_id: CallId
    """Ours; unique in the session."""

    name: Text
    """The tool's own name; what the model wrote is in `asked_name` where it differs."""

    arguments: Text = "{}"
    """A JSON object, byte for byte as the server sent it wherever that parses."""

    provider_id: Text | None = None
    """The server's id, which may come again in a later turn."""

    asked_name: Text | None = None
    raw_arguments: Text | None = None
    """What the model wrote, where that is not what runs: `arguments` is then what was read from it, or `{}`."""


class ToolResult(Frozen):
    """The answer to a call, with the same id."""

    call_id: CallId
    status: ToolStatus
    text: Text
    """What the model reads: bounded, and says what was cut and how to get it."""

    stdout: Text | None = None
    stderr: Text | None = None
    exit_code: int | None = None
    metadata: JsonObject = Field(default_factory=dict)
