"""What is sent to a model and what comes back from it, before any server's own form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trashclaw.protocol.events import Phase
from trashclaw.protocol.tools import ToolCall, ToolSpec
from trashclaw.protocol.usage import Timings, Usage


class Role(StrEnum):
    """Who speaks."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"
    TOOL = "tool"


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation."""

    role: Role
    text: str = ""
    thought: str = ""
    thought_field: str = ""
    """The name under which the server sent the thought, and takes it back."""

    calls: tuple[ToolCall, ...] = ()
    """Calls that an assistant message asks for."""

    call_id: str = ""
    """For a tool message: the id to send with the result (the server's own where it gave one)."""

    tool_name: str = ""
    at: float = field(default=0.0, compare=False)
    """When it came, in seconds since the epoch, the same live and replayed."""


@dataclass(frozen=True, slots=True)
class Request:
    """All that a provider needs for one answer."""

    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_tokens: int | None = None
    """Longest answer, in tokens; `None` leaves it to the server."""

    temperature: float | None = None
    think: bool | str | None = None
    """Ask for reasoning, against it, or how hard (`low`, `medium`, `high`); `None` leaves it to the model."""

    schema: Mapping[str, Any] | None = None
    """JSON Schema that the answer's text is held to while it is decoded. Servers may ignore it: check the answer."""

    is_continued: bool = False
    """The last message is the beginning of the answer, and the server goes on with it; for `can_continue` alone."""

    is_aside: bool = False
    """A question beside the conversation: nothing of it stays in the history."""

    is_ahead: bool = False
    """Nothing is to be written: the server reads it for the request that comes next, which begins with the same
    messages but the last. What is written all the same is thrown away."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of the answer."""

    text: str
    tokens: int = 1
    """About how many: a server sends one at a time, and those that came together are one piece."""


@dataclass(frozen=True, slots=True)
class ThoughtPart:
    """A piece of reasoning, and the field it came in."""

    text: str
    field: str = "thinking"
    tokens: int = 1


@dataclass(frozen=True, slots=True)
class CallPart:
    """A piece of a tool call; pieces with the same `index` belong together."""

    index: int
    name: str = ""
    """Set once, with the first piece."""

    provider_id: str = ""
    arguments: str = ""
    """The next piece of the JSON text."""

    mended: str = ""
    """How the call was found, when it stood in the text."""

    tokens: int = 1


@dataclass(frozen=True, slots=True)
class ProgressPart:
    """What the server is doing."""

    phase: Phase
    done: int | None = None
    total: int | None = None
    eta_s: float | None = None
    text: str = ""
    is_estimate: bool = False
    """The figures are what was learned from earlier answers; the server does not tell."""


@dataclass(frozen=True, slots=True)
class NoticePart:
    """Something that a person has to know of the server: another program's load, a smaller window."""

    code: str
    text: str
    hint: str = ""
    limit_tokens: int | None = None
    """The window that the server really uses from now on, where that is the news."""


class EndReason(StrEnum):
    """How an answer ended."""

    STOP = "stop"
    LENGTH = "length"
    TOOL_CALLS = "tool_calls"


@dataclass(frozen=True, slots=True)
class EndPart:
    """The answer is whole. A stream without it has failed, and nothing of it may be executed."""

    reason: EndReason
    usage: Usage | None = None
    timings: Timings = field(default_factory=Timings)


Part = TextPart | ThoughtPart | CallPart | ProgressPart | NoticePart | EndPart


@dataclass(frozen=True, slots=True)
class ModelProfile:
    """What is known of a model and of the server that runs it."""

    provider: str
    model: str
    limit_tokens: int
    """The window that the server will really use."""

    is_limit_assumed: bool = False
    """The server does not tell; `limit_tokens` is a careful guess."""

    limit_reason: str = ""
    """Why the window is this large, for a person: `asked for`, `what fits into 11.2 GB of free memory`."""

    limit_warning: str = ""
    """What may go wrong with this window, with the figures: it does not fit, or is not what was asked for."""

    limit_hint: str = ""
    """What to do about it."""

    has_tools: bool = True
    has_thinking: bool = False
    is_remote: bool = False
    """Text leaves this machine."""

    counts_tokens: bool = False
    """Whether `Provider.count_tokens` is exact and cheap here."""

    can_constrain: bool = False
    """Whether the server holds an answer to `Request.schema` while it decodes."""

    can_continue: bool = False
    """Whether the server goes on with a last message of the assistant's."""

    first_ahead_tokens: int = 0
    """How much has to stand behind the system prompt in the first request of all, for the server to keep the state of a
    model that cannot roll back (recurrent layers) exactly there; 0 where it does not matter."""

    digest: str = ""
    """What tells these weights from others of the same name, where the server says."""
