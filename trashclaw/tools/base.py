"""What every tool has in common: typed arguments, their schema, and clear words when they do not fit."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.items import Mending
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind, ToolSpec, ToolStatus
from trashclaw.tools.mending import (
    NAME_LIMIT_CHARS,
    SHOWN_CHARS,
    contradictions,
    ignored,
    is_same_name,
    mend_arguments,
    others,
)
from trashclaw.tools.schema import Arguments, expected, object_schema
from trashclaw.tools.truncate import clip

TITLE_LIMIT_CHARS = 300

_CONTROL = re.compile(r"[\x00-\x1f]")
_ABOUT_BACKSLASHES = "In JSON a backslash is written twice; in paths write / instead."

A = TypeVar("A", bound=Arguments)


class TypedTool(ABC, Generic[A]):
    """A tool whose arguments are a pydantic model; subclasses say what they propose and how it is done."""

    name: ClassVar[str]
    description: ClassVar[str]
    kind: ClassVar[ToolKind] = ToolKind.OTHER
    other_names: ClassVar[tuple[str, ...]] = ()
    example: ClassVar[str] = "{}"
    """Arguments, as JSON, that are right, shown to a model whose own were not."""

    telling: ClassVar[Mapping[str, str]] = {}
    """Arguments that it has not, but which would change what it does if it had: by name, what to do instead."""

    arguments: type[A]

    def __init__(self) -> None:
        self._spec = ToolSpec(
            name=self.name,
            description=self.description,
            parameters=object_schema(self.arguments),
            kind=self.kind,
        )

    @property
    def spec(self) -> ToolSpec:
        """Name, description and schema, the same for the whole session."""
        return self._spec

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names under which models ask for it."""
        return self.other_names

    def mend(self, arguments: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Mending, ...]]:
        """Return the arguments under their own names and types, and each thing that was put right.

        Of a tool with effects, what cannot be left out without changing what is meant stays, to be refused.
        """
        clean, notes = mend_arguments(self.arguments, arguments)
        if self.kind not in (ToolKind.EDIT, ToolKind.EXECUTE):
            return clean, notes
        unknown = others(self.arguments, arguments)
        kept = contradictions(self.arguments, unknown, clean)
        kept |= {name: value for name, value in unknown.items() if self._tells(name, value)}
        left_out = {ignored(name) for name in kept}
        return {**clean, **kept}, tuple(note for note in notes if note not in left_out)

    def validate(self, arguments: Mapping[str, Any]) -> None:
        """Check mended arguments; touches nothing.

        Raises:
            ToolError: they do not fit; names each wrong one and shows what is expected.
        """
        self._typed(arguments)

    @property
    def lesson(self) -> str:
        """What is expected, and an example that is right, in one line for the model."""
        return f"Expected {expected(self.arguments)}, for example {self.example}."

    async def prepare(self, arguments: Mapping[str, Any]) -> Proposal:
        """Validate the arguments (mended here too) and say what would happen.

        Raises:
            ToolError: they do not fit; names each wrong one and shows what is expected.
            WorkspaceError: a path or file cannot be used.
        """
        clean, _ = self.mend(arguments)
        typed = self._typed(clean)
        self._refuse_others(clean)
        proposal = await self.propose(typed)
        return replace(proposal, title=clip(proposal.title, TITLE_LIMIT_CHARS))

    @abstractmethod
    async def propose(self, arguments: A) -> Proposal:
        """Say what would happen; touch nothing."""

    @abstractmethod
    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        """Do it."""

    def _complaint(self, error: ValidationError) -> str:
        wrong = "; ".join(_describe(detail) for detail in error.errors(include_url=False)[:5])
        return f"{self.name}: {wrong}."

    def _tells(self, name: str, value: object) -> bool:
        """Tell whether an argument that the tool has not would change what it does."""
        return bool(self._hint_for(name))

    def _hint_for(self, name: str) -> str:
        return next((hint for known, hint in self.telling.items() if is_same_name(name, known)), "")

    def _refuse_others(self, clean: Mapping[str, Any]) -> None:
        """Refuse a call with arguments that the tool has not, and that are more than idle words."""
        for name in clean.keys() - self.arguments.model_fields.keys():
            shown = f"{clip(name, NAME_LIMIT_CHARS)}={clip(json.dumps(clean[name], default=str), SHOWN_CHARS)}"
            if hint := self._hint_for(name):
                raise ToolError(f"{self.name} has no argument for {shown}. Nothing was done.", hint)
            raise ToolError(f"{self.name}: {shown} is another name of an argument that was given too.", self.lesson)

    def _typed(self, clean: Mapping[str, Any]) -> A:
        path = clean.get("path")
        if isinstance(path, str) and _CONTROL.search(path):
            shown = json.dumps(path[:80], ensure_ascii=False)
            raise ToolError(f"{self.name}: path={shown} holds a control character.", _ABOUT_BACKSLASHES)
        try:
            return self.arguments.model_validate(clean)
        except ValidationError as error:
            raise ToolError(self._complaint(error), self.lesson) from error


def _describe(detail: ErrorDetails) -> str:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "missing":
        return f"{name} is missing"
    shown = json.dumps(detail["input"], default=str, ensure_ascii=False)
    return f"{name}={shown[:80]}: {detail['msg'][:1].lower()}{detail['msg'][1:]}"


def nothing_accepted(what: str) -> Outcome:
    """Return the outcome of an effect that nobody accepted."""
    return Outcome(text=f"Nothing of this was accepted; {what} is unchanged.", status=ToolStatus.REJECTED)
