"""The manners that a session can talk to its model in: dialects and tool sets, made of what is there."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Tool
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName
from trashclaw.protocol.tools import ToolKind, ToolSpec
from trashclaw.tools.registry import names_of


class SessionManners:
    """Makes dialects, and picks the tools of a set."""

    def __init__(self, tools: Sequence[Tool], withheld: Collection[ToolKind]) -> None:
        """Kinds that are `withheld` are in no set: the session could never use them."""
        self._specs = tuple(tool.spec for tool in tools if tool.spec.kind not in withheld)

    def dialect(self, name: DialectName, profile: ModelProfile) -> Dialect:
        """Return a dialect for a model."""
        return Native()

    def tools(self, tool_set: ToolSetName, edit_format: EditFormat) -> tuple[ToolSpec, ...]:
        """Return the tools of a set, in the registry's order."""
        names = names_of(tool_set, edit_format)
        return tuple(spec for spec in self._specs if names is None or spec.name in names)

    def manner(
        self,
        profile: ModelProfile,
        dialect: DialectName = DialectName.NATIVE,
        tool_set: ToolSetName = ToolSetName.FULL,
        edit_format: EditFormat = EditFormat.REPLACE,
        think: bool | str | None = None,
    ) -> Manner:
        """Return a whole manner."""
        tools = self.tools(tool_set, edit_format)
        return Manner(profile, self.dialect(dialect, profile), tools, tool_set, edit_format, think)
