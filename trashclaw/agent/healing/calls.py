"""A tool call on its way: as it was streamed, and as it can be tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trashclaw.agent.ports import Tool
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.items import Mending
from trashclaw.protocol.tools import ToolCall


@dataclass(slots=True)
class DraftCall:
    """A call as it was streamed."""

    name: str = ""
    provider_id: str = ""
    pieces: list[str] = field(default_factory=list)
    mended: tuple[Mending, ...] = ()
    """What was put right before: the call stood in the text."""


@dataclass(frozen=True, slots=True)
class HealedCall:
    """A call that can be tried, or the reason why it cannot."""

    call: ToolCall
    tool: Tool | None = None
    """The tool that was meant, also where the arguments cannot be used."""

    arguments: Mapping[str, Any] = field(default_factory=dict)
    """What runs; empty where there is an error."""

    mended: tuple[Mending, ...] = ()
    error: ToolError | None = None
    is_cut: bool = False
    """The answer ended in the middle of the call: nothing of it can be trusted."""

    is_asked_again: bool = False
    """The model was asked for these arguments a second time; there is no third."""

    @property
    def can_reask(self) -> bool:
        """Whether asking once more can help: the tool is known and the call was whole."""
        return self.error is not None and self.tool is not None and not (self.is_cut or self.is_asked_again)
