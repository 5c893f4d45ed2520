"""Items: the visible pieces of a turn."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import EntryId, ItemId
from trashclaw.protocol.manners import Rung
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.protocol.usage import Usage


class Origin(StrEnum):
    """Where a user message came from."""

    PROMPT = "prompt"
    STEER = "steer"
    FOLLOW_UP = "follow_up"


class UserMessage(Frozen):
    """The person's words, never paraphrased."""

    kind: Literal["user_message"] = "user_message"
    item_id: ItemId
    text: Text
    """As typed."""

    attached: Text = ""
    """What a slash command or a mention stands for; the model reads it after `text`."""

    note: Text = ""
    """What the session adds about a changed branch or mode; the model reads it last."""

    origin: Origin = Origin.PROMPT
    entry_id: EntryId | None = None
    """The queue entry that it was, for a steer or a follow-up."""


class AgentMessage(Frozen):
    """The model's words (Markdown)."""

    kind: Literal["agent_message"] = "agent_message"
    item_id: ItemId
    text: Text = ""


class Thought(Frozen):
    """The model's reasoning, as far as the server shows it."""

    kind: Literal["thought"] = "thought"
    item_id: ItemId
    text: Text = ""
    field: str = ""
    """The name under which it came (`thinking`, `reasoning`, `reasoning_content`); it goes back under the same one."""


class Mending(Frozen):
    """One thing that was put right in a call before it could run."""

    rung: Rung
    text: Text

    @model_validator(mode="before")
    @classmethod
    def _from_line(cls, value: Any) -> Any:
        """Read what was logged before there were rungs."""
        return {"rung": Rung.NAMED, "text": value} if isinstance(value, str) else value


class ToolRun(Frozen):
    """One tool call, from request to result."""

    kind: Literal["tool_run"] = "tool_run"
    item_id: ItemId
    call: ToolCall
    title: Text
    """One line for a person: `grep "execute(" src`."""

    tool_kind: ToolKind = ToolKind.OTHER
    status: ToolStatus = ToolStatus.PENDING
    mended: tuple[Mending, ...] = ()
    """What was put right before the call could run."""

    patch: Patch | None = None
    """What it proposed."""

    result: ToolResult | None = None
    duration_s: float | None = None
    """Time at work; waiting for an approval is not in it."""


class CompactionTrigger(StrEnum):
    """Why the window was compacted."""

    FULL = "full"
    """The next request was past the high-water mark."""

    OVERFLOW = "overflow"
    """The server refused a request as too large."""

    ASKED = "asked"
    """The person asked for it."""

    AHEAD = "ahead"
    """The next request would have been past the mark, and the machine was idle."""


class Compaction(Frozen):
    """The start of the window moved; everything left out stays in the log."""

    kind: Literal["compaction"] = "compaction"
    item_id: ItemId
    summary: Text = ""
    stubbed: tuple[ItemId, ...] = ()
    """Tool runs whose results are sent as one-line stubs from now on."""

    dropped: tuple[ItemId, ...] = ()
    """Items that are not sent any more; the summary stands for them."""

    before_tokens: int = 0
    after_tokens: int = 0
    trigger: CompactionTrigger = CompactionTrigger.FULL
    is_by_model: bool = False
    """The summary was written by the model, and checked; else it was put together from the log."""

    usage: Usage = Usage()
    """What it has cost to ask the model for one, whether it could be used or not."""


Item = Annotated[UserMessage | AgentMessage | Thought | ToolRun | Compaction, Field(discriminator="kind")]
