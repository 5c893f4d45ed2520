"""The ladder: what is done about a turn that goes in circles or gets nowhere, one rung after the other, then a stop."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trashclaw.agent import remedy_texts
from trashclaw.agent.ports import StepFinding, StepReport
from trashclaw.agent.progress import Gain, Progress, tried
from trashclaw.agent.repeats import Repeats, Repetition, title_of
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolKind, ToolStatus

_EXPLORATION_STEPS = 15
_EXPLORED = 0.5
_NUDGE_AT = 3
_IDLE_SHARE = 5 / 12
_IDLE_BETWEEN = 2
_RECENT = 6
_EDITS_KEPT = 4
_LOOKING = (ToolKind.READ, ToolKind.SEARCH, ToolKind.THINK)


class RemedyRung(StrEnum):
    """What can be done, in the order in which it is done."""

    NUDGE = "nudge"
    """Say what repeats."""

    SMALLER_TOOLS = "smaller_tools"
    EDIT_FORMAT = "edit_format"
    """Ask for edits in another form; only when edits fail or take each other back, and then at once."""

    THINKING = "thinking"
    """Let it think, or keep it from thinking."""

    OTHER_MODEL = "other_model"
    STOP = "stop"


class TroubleKind(StrEnum):
    """What is wrong with the steps."""

    SAME_CALL = "same_call"
    CYCLE = "cycle"
    GROWING = "growing"
    EDIT_UNDO = "edit_undo"
    WANDERING = "wandering"
    """It only looks at what it has seen."""

    EXPLORING = "exploring"
    """It looks at new things, for many steps, and does nothing with them."""

    STALLED = "stalled"
    """Nothing new, in no pattern."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """A rung to be climbed now."""

    rung: RemedyRung
    text: str
    """For the model; for `STOP`, the report for the person, in Markdown. Bounded."""

    kind: TroubleKind
    repeats: int
    """How often it was done, or for how many steps nothing new came."""


@dataclass(frozen=True, slots=True)
class LadderLimits:
    """When a turn is stopped."""

    repeats: int = 6
    """At the latest when the same is done this many times; 3 or more."""

    idle_steps: int = 12
    """At the latest after this many steps without anything new."""


Possible = Callable[[], frozenset[RemedyRung]]


def _all_rungs() -> frozenset[RemedyRung]:
    return frozenset(RemedyRung)


class Ladder:
    """Watches one turn. What it says depends on the steps alone."""

    def __init__(
        self, limits: LadderLimits = LadderLimits(), possible: Possible = _all_rungs, plan: Plan | None = None
    ) -> None:
        """`possible` is asked which rungs can be climbed now; `NUDGE` and `STOP` always can. `plan` is the one at
        the beginning of the turn."""
        self._limits = limits
        self._possible = possible
        self._progress = Progress()
        self._progress.begin(plan or Plan())
        self._repeats = Repeats()
        self._used: list[tuple[RemedyRung, int]] = []
        self._recent: deque[remedy_texts.Recent] = deque(maxlen=_RECENT)
        self._edits: deque[bool] = deque(maxlen=_EDITS_KEPT)
        self._undone: deque[bool] = deque(maxlen=_RECENT)
        self._idle = 0.0
        self._explored = 0
        self._level = 0
        self._looks = True

    def steered(self) -> None:
        """The person said something new: the counts begin anew. Rungs that were climbed stay climbed."""
        self._explored = 0
        self._settle()

    def observe(self, report: StepReport, findings: Sequence[StepFinding] = ()) -> Remedy | None:
        """Take a step that has ended; return what is to be done about it, if anything is."""
        if not report.runs:
            return None
        failing = [finding.failing_tests for finding in findings if finding.failing_tests is not None]
        gain = self._progress.take(report, failing[-1] if failing else None)
        self._note(report)
        if gain is Gain.NEUTRAL:
            return None
        if is_settled := self._is_settled(gain):
            self._settle()
        else:
            self._idle += _EXPLORED if gain is Gain.LEARNED else 1
            self._looks = self._looks and all(run.tool_kind in _LOOKING for run in report.runs)
            if gain is Gain.LEARNED:
                self._repeats.forget()
        repetition = self._repeats.take(report.step, report.runs)
        return None if is_settled else self._climb(report.step, repetition, gain)

    def _is_settled(self, gain: Gain) -> bool:
        """Whether a step got on: what is merely learned counts less, when nothing was done for many steps."""
        if gain is Gain.MOVED:
            self._explored = 0
            return True
        self._explored += gain is Gain.LEARNED
        return gain is Gain.LEARNED and self._explored <= _EXPLORATION_STEPS

    def _settle(self) -> None:
        self._repeats.forget()
        self._idle = 0.0
        self._level = 0
        self._looks = True

    def _climb(self, step: int, repetition: Repetition | None, gain: Gain) -> Remedy | None:
        times = repetition.times if repetition else 0
        is_over = times >= self._limits.repeats or self._idle >= self._limits.idle_steps
        due = self._due(times)
        if not is_over and due <= self._level:
            return None
        self._level = due
        if repetition is not None and times < _NUDGE_AT and repetition.period == 1 and self._due(0) > 0:
            repetition = None  # It is not what is wrong: nothing new came for many steps.
        kind = self._kind(repetition, gain)
        rung = RemedyRung.STOP if is_over else self._next_rung(kind)
        if rung is None:
            return None
        trouble = remedy_texts.Trouble(kind.value, repetition, int(self._idle), self._explored, tuple(self._recent))
        if rung is RemedyRung.STOP:
            text = remedy_texts.report(trouble, [(used.value, at) for used, at in self._used])
        else:
            text = remedy_texts.advice(trouble, rung.value)
        self._used.append((rung, step))
        return Remedy(rung, text, kind, repetition.times if repetition else int(self._idle))

    def _due(self, times: int) -> int:
        """Return how many rungs are to be climbed by now, since something new came."""
        first = min(_NUDGE_AT, self._limits.repeats - 1)
        first_idle = max(2, int(self._limits.idle_steps * _IDLE_SHARE))
        by_idle = 0 if self._idle < first_idle else 1 + int(self._idle - first_idle) // _IDLE_BETWEEN
        return max(0, times - first + 1, by_idle)

    def _next_rung(self, kind: TroubleKind) -> RemedyRung | None:
        used = {rung for rung, _ in self._used}
        possible = self._possible()
        order = [RemedyRung.NUDGE, RemedyRung.SMALLER_TOOLS, RemedyRung.THINKING, RemedyRung.OTHER_MODEL]
        if self._edits_fail:
            order.insert(1, RemedyRung.EDIT_FORMAT)
        if kind is TroubleKind.EXPLORING:
            order = [RemedyRung.NUDGE]
        able = (rung for rung in order if rung is RemedyRung.NUDGE or rung in possible)
        return next((rung for rung in able if rung not in used), None)

    @property
    def _edits_fail(self) -> bool:
        return self._undoes or sum(self._edits) >= 2

    @property
    def _undoes(self) -> bool:
        return sum(self._undone) >= 2

    def _kind(self, repetition: Repetition | None, gain: Gain) -> TroubleKind:
        if self._undoes:
            return TroubleKind.EDIT_UNDO
        if repetition is not None:
            return TroubleKind(repetition.kind.value)
        if gain is Gain.LEARNED:
            return TroubleKind.EXPLORING
        return TroubleKind.WANDERING if self._looks else TroubleKind.STALLED

    def _note(self, report: StepReport) -> None:
        self._recent.append(remedy_texts.Recent(report.step, tuple(title_of(run) for run in report.runs[:3])))
        self._undone.append(self._progress.has_undone)
        for run in tried(report.runs):
            if run.tool_kind is ToolKind.EDIT and run.status is not ToolStatus.REJECTED:
                self._edits.append(run.status is ToolStatus.FAILED)
