"""Progress: whether a step has brought something new, and how much that says about getting on."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Sequence
from enum import IntEnum
from typing import Any, Generic, TypeVar

from trashclaw.agent.gist import call_key, digest, named_path, result_key, result_lines
from trashclaw.agent.ports import StepReport
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.plan import Plan, PlanStatus
from trashclaw.protocol.tools import ToolKind, ToolStatus

_MOST_LINES = 40_000
_MOST_KEYS = 4_000
_LEFT_OUT = (ToolStatus.SKIPPED, ToolStatus.CANCELLED)
_NEW_SHARE = 3
_NEW_LINES = 20
_WAITS = 20

H = TypeVar("H", bound=Hashable)


class Gain(IntEnum):
    """What a step has brought."""

    NONE = 0
    """Nothing that was not there before."""

    NEUTRAL = 1
    """Nothing, but nothing could be expected: a person said no, or a command in the background goes on."""

    LEARNED = 2
    """Something was read, found or shown for the first time."""

    MOVED = 3
    """The files, the plan or the tests are where they never were in this turn."""


class Known(Generic[H]):
    """A set that forgets its oldest entries when it is full."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[H, None] = OrderedDict()

    def take(self, entry: H) -> bool:
        """Add an entry; return whether it is new."""
        is_new = entry not in self._entries
        self._entries[entry] = None
        self._entries.move_to_end(entry)
        if len(self._entries) > self._most:
            self._entries.popitem(last=False)
        return is_new

    def take_all(self, entries: Iterable[H]) -> int:
        """Add entries; return how many of them are new."""
        return sum([self.take(entry) for entry in entries])


class Progress:
    """Measures the steps of one turn."""

    def __init__(self) -> None:
        self._lines: Known[int] = Known(_MOST_LINES)
        self._results: Known[str] = Known(_MOST_KEYS)
        self._calls: Known[str] = Known(_MOST_KEYS)
        self._paths: Known[str] = Known(_MOST_KEYS)
        self._states: Known[tuple[str, str]] = Known(_MOST_KEYS)
        self._done: Known[str] = Known(_MOST_KEYS)
        self._most_done: int | None = None
        self._has_worked = True
        self._has_plan = False
        self._fewest_failing: int | None = None
        self._waited = 0
        self.has_undone = False
        """Whether the last step only brought files back to where they had been."""

    def begin(self, plan: Plan) -> None:
        """Take the plan with which the turn begins: what is done already is no progress."""
        self._has_plan = bool(plan.entries)
        self._plan_gain(plan)

    def take(self, report: StepReport, failing_tests: int | None = None) -> Gain:
        """Measure a step; `failing_tests` is how many tests fail after it, where that is known."""
        self.has_undone = False
        gains = [self._gain_of(run) for run in tried(report.runs)]
        gain = max(gains, default=Gain.NEUTRAL if report.runs else Gain.NONE)
        gain = max(gain, self._tests_gain(failing_tests))
        planned = self._plan_gain(report.plan)
        if gain >= Gain.LEARNED:
            self._has_worked = True
        return max(gain, planned)

    def _gain_of(self, run: ToolRun) -> Gain:
        metadata = run.result.metadata if run.result is not None else {}
        if _changes(run):
            return self._state_gain(run)
        if run.status is ToolStatus.REJECTED:
            is_person = metadata.get("refused_by") != "policy"
            return Gain.NEUTRAL if is_person and self._calls.take(call_key(run.call)) else Gain.NONE
        if run.tool_kind is ToolKind.THINK:
            return Gain.NONE
        if metadata.get("is_running") is True:
            return self._poll_gain(run)
        if run.tool_kind is ToolKind.EXECUTE:
            return self._output_gain(run)
        if run.status is not ToolStatus.DONE:
            return Gain.NONE
        return self._reading_gain(run)

    def _state_gain(self, run: ToolRun) -> Gain:
        """Files moved on if one is in a state in which it was not before in this turn."""
        before = {change.path: change.before_sha256 for change in (run.patch.changes if run.patch else ())}
        is_new = False
        for path, after in _changes(run):
            self._states.take((path, before.get(path) or ""))
            is_new |= self._states.take((path, after))
        self.has_undone = not is_new
        return Gain.MOVED if is_new else Gain.NONE

    def _output_gain(self, run: ToolRun) -> Gain:
        """A command taught something if it says what it has not said before, in at least one line that is new."""
        is_new = self._results.take(digest(f"{call_key(run.call)}{result_key(run)}"))
        lines = result_lines(run)
        new_lines = self._lines.take_all(lines)
        if is_new and not lines and run.result is not None and run.result.exit_code == 0:
            return self._wait()  # Commands that do their work in silence say nothing of it.
        return Gain.LEARNED if is_new and new_lines else Gain.NONE

    def _poll_gain(self, run: ToolRun) -> Gain:
        if self._lines.take_all(result_lines(run)):
            self._waited = 0
            return Gain.NEUTRAL
        return self._wait()

    def _wait(self) -> Gain:
        """Bear with a step of which nothing can be told, a number of times."""
        self._waited += 1
        return Gain.NEUTRAL if self._waited <= _WAITS else Gain.NONE

    def _reading_gain(self, run: ToolRun) -> Gain:
        """A reading or a search is new if a good part of its lines was never seen, whatever it was called with."""
        lines = result_lines(run)
        path = _path_read(run) if run.tool_kind is ToolKind.READ else ""
        if path:
            lines = {hash((path, line)) for line in lines}
        new = self._lines.take_all(lines)
        is_first = bool(path) and self._paths.take(path)
        is_other = run.tool_kind is ToolKind.OTHER and self._calls.take(call_key(run.call))
        is_new = new >= _NEW_LINES or new * _NEW_SHARE > len(lines) or is_first or is_other
        return Gain.LEARNED if is_new else Gain.NONE

    def _tests_gain(self, failing: int | None) -> Gain:
        if failing is None:
            return Gain.NONE
        fewest, self._fewest_failing = self._fewest_failing, failing
        if fewest is None:
            return Gain.NONE
        self._fewest_failing = min(fewest, failing)
        return Gain.MOVED if failing < fewest else Gain.NONE

    def _plan_gain(self, plan: Plan) -> Gain:
        """The first plan counts, and an entry that is done; one after the other without any work between does not."""
        done = [digest(entry.text) for entry in plan.entries if entry.status is PlanStatus.COMPLETED]
        is_new = self._done.take_all(done) > 0 and plan.completed > (self._most_done or 0)
        self._most_done = max(self._most_done or 0, plan.completed)
        if plan.entries and not self._has_plan:
            self._has_plan = True
            return Gain.MOVED
        if not is_new or not self._has_worked:
            return Gain.NONE
        self._has_worked = False
        return Gain.MOVED


def tried(runs: Sequence[ToolRun]) -> Sequence[ToolRun]:
    """Return the runs that say something about the model: not those that the person stopped, nor those left out."""
    return [run for run in runs if run.result is not None and run.status not in _LEFT_OUT]


def _path_read(run: ToolRun) -> str:
    known = run.result.metadata.get("path") if run.result is not None else None
    return known if isinstance(known, str) and known else named_path(run.call)


def _changes(run: ToolRun) -> Sequence[tuple[str, str]]:
    """Return the files that a run changed, each with the digest of what is in it now."""
    changes: Any = run.result.metadata.get("changes") if run.result is not None else None
    if not isinstance(changes, list):
        return ()
    return [(str(one.get("path")), str(one.get("sha256") or "")) for one in changes if isinstance(one, dict)]
