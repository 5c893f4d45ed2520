"""The manner in which a model is talked to, and the way to change it in a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.messages import ModelProfile
from trashclaw.protocol.events import DialectChosen
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName
from trashclaw.protocol.tools import ToolSpec


class Manners(Protocol):
    """What there is to choose from; the session makes it."""

    def dialect(self, name: DialectName, profile: ModelProfile) -> Dialect:
        """Return a dialect for a model."""
        ...

    def tools(self, tool_set: ToolSetName, edit_format: EditFormat) -> tuple[ToolSpec, ...]:
        """Return the tools of a set, in a fixed order."""
        ...


@dataclass(frozen=True, slots=True)
class Manner:
    """How one model is talked to."""

    profile: ModelProfile
    dialect: Dialect
    tools: tuple[ToolSpec, ...]
    tool_set: ToolSetName = ToolSetName.FULL
    edit_format: EditFormat = EditFormat.REPLACE
    think: bool | str | None = None

    def told(self, reason: str) -> DialectChosen:
        """Return the event that tells it."""
        return DialectChosen(
            dialect=self.dialect.name,
            tool_set=self.tool_set,
            edit_format=self.edit_format,
            think=self.think,
            reason=reason,
        )


def other_dialects(current: DialectName, profile: ModelProfile) -> tuple[DialectName, ...]:
    """Return the dialects that a model could be talked to in instead, the best first."""
    offered = {
        DialectName.NATIVE: profile.has_tools,
        DialectName.TYPED: profile.can_constrain,
        DialectName.TEXT: True,
    }
    return tuple(name for name, is_there in offered.items() if is_there and name is not current)
