"""The manners that a session can talk to its model in: dialects and tool sets, made of what is there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from trashclaw.agent.dialects.native import Native
from trashclaw.agent.dialects.port import Dialect
from trashclaw.agent.dialects.text.dialect import TextDialect
from trashclaw.agent.dialects.text.forms import form_for
from trashclaw.agent.dialects.typed import Typed
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.manner import Manner
from trashclaw.agent.messages import ModelProfile
from trashclaw.agent.ports import Tool
from trashclaw.config.schema import Settings
from trashclaw.exam.choice import choose_manner
from trashclaw.exam.stored import load_exam
from trashclaw.protocol.manners import DialectName, EditFormat, ToolSetName
from trashclaw.protocol.tools import ToolKind, ToolSpec
from trashclaw.session.transcript import Transcript
from trashclaw.tools.tool_sets import offered


class SessionManners:
    """Makes dialects, and picks the tools of a set."""

    def __init__(
        self,
        tools: Sequence[Tool],
        withheld: Collection[ToolKind],
        settings: Settings | None = None,
        before: Transcript | None = None,
        state: Path | None = None,
    ) -> None:
        """Kinds that are `withheld` are in no set: the session could never use them.

        `before` is what a resumed session was: with the same model it goes on in the manner that it had, but for what
        a setting says. `state` is the folder where the results of exams are kept.
        """
        self._settings = settings or Settings()
        self._before = before
        self._state = state
        self._toolbox = Toolbox(tools)
        self._specs = tuple(tool.spec for tool in tools if tool.spec.kind not in withheld)

    def dialect(self, name: DialectName, profile: ModelProfile) -> Dialect:
        """Return a dialect for a model."""
        match name:
            case DialectName.NATIVE:
                return Native(self._knows)
            case DialectName.TEXT:
                return TextDialect(form_for(profile.model), self._knows)
            case DialectName.TYPED:
                return Typed()
            case _:
                assert_never(name)

    def _knows(self, name: str) -> bool:
        return self._toolbox.find(name) is not None

    def tools(self, tool_set: ToolSetName, edit_format: EditFormat) -> tuple[ToolSpec, ...]:
        """Return the tools of a set, in the registry's order."""
        return offered(self._specs, tool_set, edit_format, has_plan=self._settings.workflow.plan_first)

    def choose(self, profile: ModelProfile) -> tuple[Manner, str]:
        """Return how a model is talked to, and why so."""
        before, settings = self._before, self._settings
        result = load_exam(self._state, profile) if self._state is not None else None
        choice = choose_manner(result, profile, settings.manner, settings.server.think)
        is_told = choice.limit_tokens == profile.limit_tokens
        profile = replace(
            profile,
            can_constrain=choice.can_constrain,
            limit_tokens=choice.limit_tokens,
            limit_reason=profile.limit_reason if is_told else choice.reasons["limit_tokens"],
        )
        is_same = before is not None and (before.provider, before.model) == (profile.provider, profile.model)
        if is_same and before is not None and (had := before.manner) is not None:
            said = settings.manner
            kept = self.manner(
                profile,
                had.dialect if said.dialect == "auto" else choice.dialect,
                had.tool_set if said.tool_set == "auto" else choice.tool_set,
                had.edit_format if said.edit_format == "auto" else choice.edit_format,
                had.think if settings.server.think is None else choice.think,
            )
            is_as_before = kept.told(had.reason) == had
            return kept, had.reason if is_as_before else choice.reason
        manner = self.manner(profile, choice.dialect, choice.tool_set, choice.edit_format, choice.think)
        return manner, choice.reason

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
