"""What a turn works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from trashclaw.agent.dispatch import Dispatcher
from trashclaw.agent.failures import Failures
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.history import History
from trashclaw.agent.inbox import Inbox
from trashclaw.agent.ladder import Ladder, LadderLimits
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.manner import Manner, Manners
from trashclaw.agent.measurements import Measurements
from trashclaw.agent.ports import Clock, Emit, Provider, StepCheck
from trashclaw.agent.reuse import Reuse
from trashclaw.agent.window import ContextWindow
from trashclaw.protocol.manners import DialectName
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.usage import Usage


@dataclass(slots=True)
class Agent:
    """All that a turn needs; put together by the session."""

    provider: Provider
    manner: Manner
    manners: Manners
    toolbox: Toolbox
    dispatcher: Dispatcher
    history: History
    """Folds every event that `emit` takes."""

    window: ContextWindow
    ledger: Ledger
    inbox: Inbox
    emit: Emit
    clock: Clock
    limits: Limits
    plan: Callable[[], Plan]
    temperature: float | None = None
    think_tokens: int | None = None
    """How much the model may think in one step, in tokens, before it has to answer."""

    may_summarise: bool = False
    """Whether the model sums up what a compaction leaves out."""

    written_tokens_per_s: float | None = None
    """How fast the model wrote its last answer, where the server tells."""

    may_switch: bool = True
    """Whether dialect and edit format may change in the session, when they fail."""

    failures: Failures = field(default_factory=Failures)
    """Shared with the dispatcher."""

    ladder_limits: LadderLimits = field(default_factory=LadderLimits)
    go_to_other_model: Callable[[], Awaitable[None]] | None = None
    """Goes on with the model that the person named for it; raises like `Provider.profile`."""

    failed_dialects: set[DialectName] = field(default_factory=set)
    """Dialects that did not work with this model."""

    checks: tuple[StepCheck, ...] = ()
    measurements: Measurements = field(default_factory=Measurements)
    has_told_cut: bool = False
    """Whether the person knows that the server cuts prompts."""
    reuse: Reuse = field(default_factory=Reuse)


@dataclass(slots=True)
class Spent:
    """What a turn has used up, and what it is about."""

    started_at: float
    ladder: Ladder
    task: str = ""
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    aside: Usage = field(default_factory=Usage)
    """What questions beside the conversation have cost in this step."""

    empty_answers: int = 0

    def take_aside(self) -> Usage:
        """Return what the step's questions beside the conversation have cost, and begin anew."""
        aside, self.aside = self.aside, Usage()
        return aside
