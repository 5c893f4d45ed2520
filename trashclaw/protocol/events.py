"""Events: what happened, in the past tense. Durable ones are stored; ephemeral ones are live only."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from trashclaw.protocol.approvals import ApprovalRequest, Scope, Verdict
from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.change_events import HunksReverted as HunksReverted
from trashclaw.protocol.checkpoints import CheckpointCreated as CheckpointCreated
from trashclaw.protocol.checkpoints import ConversationRewound as ConversationRewound
from trashclaw.protocol.context_events import CompactionUndone as CompactionUndone
from trashclaw.protocol.context_events import ContextMeasured as ContextMeasured
from trashclaw.protocol.context_events import PromptFragment as PromptFragment
from trashclaw.protocol.ids import ApprovalId, EntryId, HunkId, ItemId, QuestionId
from trashclaw.protocol.items import Item, Origin
from trashclaw.protocol.model_events import DialectChosen as DialectChosen
from trashclaw.protocol.model_events import EgressRecorded as EgressRecorded
from trashclaw.protocol.model_events import FailureRouted as FailureRouted
from trashclaw.protocol.model_events import RouteChosen as RouteChosen
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.session_events import SessionForked as SessionForked
from trashclaw.protocol.session_events import SessionRenamed as SessionRenamed
from trashclaw.protocol.usage import Timings, Usage


class StopReason(StrEnum):
    """Why a turn ended."""

    END_TURN = "end_turn"
    CANCELLED = "cancelled"
    LIMIT = "limit"
    REFUSED = "refused"
    STALLED = "stalled"
    ERROR = "error"


class ErrorInfo(Frozen):
    """An error as it is stored and shown: never a traceback."""

    code: str
    text: Text
    hint: Text = ""


class QueuedInput(Frozen):
    """Something the person sent while a turn runs."""

    entry_id: EntryId
    text: Text
    attached: Text = ""
    origin: Origin


class SessionStarted(Frozen):
    """A session was opened, or taken up again."""

    type: Literal["session.started"] = "session.started"
    workspace: Text
    provider: Text
    model: Text
    mode: Mode
    limit_tokens: int
    """Size of the model's window."""

    system: Text = ""
    """The system prompt, rendered once."""

    fragments: tuple[PromptFragment, ...] = ()
    """The parts of the system prompt that came from files and memory."""

    is_resumed: bool = False


class SessionEnded(Frozen):
    type: Literal["session.ended"] = "session.ended"


class SettingsChanged(Frozen):
    """The mode or the model is another one from now on."""

    type: Literal["settings.changed"] = "settings.changed"
    mode: Mode
    model: Text
    provider: Text = ""
    limit_tokens: int | None = None


class TurnStarted(Frozen):
    type: Literal["turn.started"] = "turn.started"


class TurnCompleted(Frozen):
    """A turn ended, with the reason and what it cost."""

    type: Literal["turn.completed"] = "turn.completed"
    stop_reason: StopReason
    usage: Usage = Usage()
    error: ErrorInfo | None = None
    steps: int = 0
    duration_s: float = 0.0


class StepStarted(Frozen):
    type: Literal["step.started"] = "step.started"
    step: int
    """Counted from 1 in each turn."""

    limit: int | None = None
    """How many the turn may have; `None`: nobody counts."""


class StepCompleted(Frozen):
    """The answer is whole and its tool calls have ended."""

    type: Literal["step.completed"] = "step.completed"
    step: int
    usage: Usage = Usage()
    timings: Timings = Timings()


class ItemStarted(Frozen):
    type: Literal["item.started"] = "item.started"
    item: Item


class ItemCompleted(Frozen):
    """Carries the whole item; deltas were only a preview."""

    type: Literal["item.completed"] = "item.completed"
    item: Item


class InputQueued(Frozen):
    """The queue after a change: something was added, edited, taken back or read."""

    type: Literal["input.queued"] = "input.queued"
    queue: tuple[QueuedInput, ...]


class ApprovalRequested(Frozen):
    """A person is asked whether something may land."""

    type: Literal["approval.requested"] = "approval.requested"
    request: ApprovalRequest


class ApprovalResolved(Frozen):
    """The question was answered, or taken back."""

    type: Literal["approval.resolved"] = "approval.resolved"
    approval_id: ApprovalId
    verdict: Verdict
    scope: Scope = Scope.ONCE
    by: str = "user"
    hunk_ids: tuple[HunkId, ...] | None = None
    note: Text = ""


class QuestionRequested(Frozen):
    """The model asks the person something."""

    type: Literal["question.requested"] = "question.requested"
    question_id: QuestionId
    item_id: ItemId
    text: Text
    options: tuple[Text, ...] = ()


class QuestionResolved(Frozen):
    """The model's question was answered, or taken back."""

    type: Literal["question.resolved"] = "question.resolved"
    question_id: QuestionId
    text: Text
    is_cancelled: bool = False


class PlanUpdated(Frozen):
    """The agent replaced its plan."""

    type: Literal["plan.updated"] = "plan.updated"
    plan: Plan


class NoticeLevel(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Notice(Frozen):
    """Something worth knowing; with `to_model` it is also a note at the tail of the context."""

    type: Literal["notice"] = "notice"
    level: NoticeLevel = NoticeLevel.INFO
    code: str
    text: Text
    hint: Text = ""
    to_model: bool = False


class Channel(StrEnum):
    """What a delta belongs to."""

    TEXT = "text"
    THOUGHT = "thought"
    ARGUMENTS = "arguments"
    OUTPUT = "output"


class ItemDelta(Frozen):
    """A piece of an item that is not complete yet."""

    type: Literal["item.delta"] = "item.delta"
    item_id: ItemId
    channel: Channel
    text: Text


class Phase(StrEnum):
    """What the server is doing for us."""

    CONNECTING = "connecting"
    LOADING = "loading"
    PREFILL = "prefill"
    DECODING = "decoding"
    WAITING = "waiting"


SUMMING_UP = "summing up"
"""`Progress.text` while the model sums up what a compaction leaves out; over with phase `waiting`."""

AHEAD = "ahead"
"""The text of a progress that nobody waits for: the server reads the next request's beginning. `waiting` ends it."""


class Progress(Frozen):
    """What the server is doing, and how far it is."""

    type: Literal["progress"] = "progress"
    phase: Phase
    done: int | None = None
    total: int | None = None
    """Tokens, while the prompt is read or an answer is written."""

    eta_s: float | None = None
    tokens_per_s: float | None = None
    is_estimate: bool = False
    """`done`, `total` and `eta_s` are what was learned from earlier answers; the server does not tell."""

    text: Text = ""


DurableEvent = (
    SessionStarted
    | SessionEnded
    | SessionForked
    | SessionRenamed
    | SettingsChanged
    | TurnStarted
    | TurnCompleted
    | StepStarted
    | StepCompleted
    | ItemStarted
    | ItemCompleted
    | InputQueued
    | ApprovalRequested
    | ApprovalResolved
    | QuestionRequested
    | QuestionResolved
    | PlanUpdated
    | CheckpointCreated
    | ConversationRewound
    | HunksReverted
    | CompactionUndone
    | DialectChosen
    | FailureRouted
    | RouteChosen
    | EgressRecorded
    | Notice
)
EphemeralEvent = ItemDelta | ContextMeasured | Progress
Event = Annotated[DurableEvent | EphemeralEvent, Field(discriminator="type")]


def is_durable(event: Event) -> bool:
    """Tell whether an event is stored and always delivered."""
    return not isinstance(event, (ItemDelta, ContextMeasured, Progress))
