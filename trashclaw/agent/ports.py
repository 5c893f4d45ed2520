"""The ports of the agent: what it needs from providers, tools, policy and the session, and nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from trashclaw.agent.messages import ModelProfile, Part, Request
from trashclaw.protocol.approvals import NOTHING, Approval, Needs
from trashclaw.protocol.events import Event
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Mending, ToolRun
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolCall, ToolSpec, ToolStatus

Emit = Callable[[Event], None]
"""Takes an event: stores it if it is durable, and passes it on. Never blocks, never fails."""


class Provider(Protocol):
    """A model back end."""

    async def profile(self) -> ModelProfile:
        """Return what the server says of the model.

        Raises:
            ProviderError: the server or the model is not there.
        """
        ...

    def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        """Send a request and yield the answer as it comes, closed by one `EndPart`.

        Closing the iterator cancels the request on the server.

        Raises:
            ProviderError: see the tree in `protocol/errors.py`.
        """
        ...

    async def count_tokens(self, request: Request) -> int | None:
        """Return the exact size of a request in tokens, or `None` where the server cannot count."""
        ...

    async def aclose(self) -> None:
        """Free connections and processes."""
        ...


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of a proposal at the gate."""

    approval: Approval
    accepted: Patch | None
    """The part of the proposed patch that may land; `None` when nothing may."""


class Narrator(Protocol):
    """What a running tool may say and ask."""

    @property
    def item_id(self) -> ItemId:
        """The run that it speaks for."""
        ...

    async def review(self, proposal: Proposal) -> Reviewed:
        """Bring what a command has done, and what it would land, to the gate; a checkpoint is made before this returns.

        Raises:
            WorkspaceError: no checkpoint can be made; nothing may land.
        """
        ...

    def output(self, text: str) -> None:
        """Show a piece of output live."""
        ...

    def plan(self, plan: Plan) -> None:
        """Replace the plan."""
        ...

    async def ask(self, question: str, options: tuple[str, ...]) -> str:
        """Ask the person and wait for the answer.

        Raises:
            ToolError: nobody can be asked here.
        """
        ...


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a tool would do. Making one touches nothing."""

    title: str
    """One line for a person."""

    patch: Patch | None = None
    """The file changes that would land."""

    command: str | None = None
    """The shell command that would run."""

    needs: Needs = NOTHING
    """What the command asks for beyond its sandbox."""

    is_confined: bool = False
    """The command runs where nothing that it does can land unseen: its effects are a proposal of their own."""

    is_outcome: bool = False
    """The patch is what a command has done in its sandbox; `command` is that command, and has run."""

    also: tuple[str, ...] = ()
    """Paths that land with it without being shown: files that git ignores. The checkpoint has them all the same."""

    payload: Any = None
    """The tool's own notes, from `prepare` to `execute`."""

    @property
    def has_effects(self) -> bool:
        """Whether anything could change outside the conversation, now and unseen."""
        runs_free = self.command is not None and not (self.is_confined or self.is_outcome)
        return self.patch is not None or runs_free or bool(self.needs or self.also)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended; the loop makes a `ToolResult` of it."""

    text: str
    status: ToolStatus = ToolStatus.DONE
    stdout: str | None = None
    stderr: str | None = None
    exit_code: int | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Interrupted(asyncio.CancelledError):
    """A cancellation that came too late to keep an effect from landing; `outcome` tells what did land."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Tool(Protocol):
    """Something the model may call, in two phases."""

    @property
    def spec(self) -> ToolSpec:
        """Name, description and schema, the same for the whole session."""
        ...

    @property
    def aliases(self) -> tuple[str, ...]:
        """Other names under which models ask for it."""
        ...

    def mend(self, arguments: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[Mending, ...]]:
        """Return the arguments under their own names and types, and each thing that was put right.

        Never invents a value and never fails: what cannot be mended is left for `prepare` to refuse.
        """
        ...

    def validate(self, arguments: Mapping[str, Any]) -> None:
        """Check mended arguments without touching anything; `prepare` checks them again.

        Raises:
            ToolError: they do not fit; names each wrong one and shows what is expected.
        """
        ...

    @property
    def lesson(self) -> str:
        """What is expected, and an example that is right, in one line for the model."""
        ...

    async def prepare(self, arguments: Mapping[str, Any]) -> Proposal:
        """Validate the arguments and say what would happen.

        Raises:
            ToolError: the arguments cannot be used; the model reads why.
            WorkspaceError: a path or file cannot be used.
        """
        ...

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        """Do it: land `accepted` (the accepted part of `proposal.patch`), or run, read, search.

        Cancelling the task stops it at once and leaves no process behind.

        Raises:
            Interrupted: it was cancelled, but had landed already.
            ToolError, WorkspaceError: the model reads why.
        """
        ...


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step that has ended."""

    step: int
    text: str
    thought: str
    runs: tuple[ToolRun, ...]
    """Its calls with their results, in order."""

    plan: Plan
    task: str = ""
    """What the person asked for in this turn, in their words."""

    @property
    def has_landed(self) -> bool:
        """Whether a file was changed."""
        return any(run.result is not None and bool(run.result.metadata.get("changes")) for run in self.runs)


@dataclass(frozen=True, slots=True)
class StepFinding:
    """What a check of a step found out."""

    text: str = ""
    """For the model, as a note; empty when there is nothing to say."""

    failing_tests: int | None = None
    """How many tests fail now, where the check knows."""


class StepCheck(Protocol):
    """Holds a step against the goal: tests, a command of the project's, the plan."""

    async def check(self, report: StepReport) -> StepFinding:
        """Look at a step. Cancelling it leaves no process behind."""
        ...


class Gate(Protocol):
    """Where a proposal gets its approval: from policy alone, or from a person."""

    async def review(self, item_id: ItemId, call: ToolCall, proposal: Proposal) -> Approval:
        """Return the verdict, waiting for a person if the policy says so."""
        ...


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without its secrets."""

    text: str
    count: int = 0
    """How many there were."""

    kinds: tuple[str, ...] = ()
    """Which kinds, for a person: `GitHub token`."""


class Redactor(Protocol):
    """Keeps secrets from log, model and wire; each stands as a placeholder there, the same for the whole session."""

    def redact(self, text: str) -> Redacted:
        """Return a text with a placeholder for every secret."""
        ...

    def reserve(self, text: str) -> None:
        """Take in a text that may hold placeholders already: those stand for no value."""
        ...

    def restore(self, arguments: Mapping[str, Any], *, is_edit: bool) -> Mapping[str, Any]:
        """Return a call's arguments with the values for the placeholders in them, to be executed and never stored.

        Raises:
            ToolError: the value is not known, or the call is no edit.
        """
        ...


class Clock(Protocol):
    """Time, so that tests can hold it."""

    def now(self) -> float:
        """Seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds from some start, never going back."""
        ...
