"""Repeats: the same calls again and again, in circles of up to four steps, or each nearly the one before."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from trashclaw.agent.gist import argument_gists, call_key, digest, plain_text, result_key
from trashclaw.agent.healing.calls import HealedCall
from trashclaw.agent.progress import tried
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolKind, ToolStatus

_LONGEST_PERIOD = 4
_STEPS_KEPT = 40
_CHAINS_KEPT = 60
_NUMBERS_SHOWN = 6
_TITLE_CHARS = 100
_READ_ONLY = (ToolKind.READ, ToolKind.SEARCH)


class RepeatKind(StrEnum):
    """How calls repeat."""

    SAME_CALL = "same_call"
    CYCLE = "cycle"
    GROWING = "growing"
    """The arguments change a little each time, and nothing comes of it."""


@dataclass(frozen=True, slots=True)
class Repetition:
    """Something that was done before, and brought the same."""

    kind: RepeatKind
    times: int
    """How often it has been done since anything new came of a step, this time included."""

    period: int
    """Steps in one round; 1 for a single call."""

    what: tuple[str, ...]
    """The calls of one round, one line each."""

    steps: tuple[int, ...]
    """The steps in which it was done, the last ones."""

    tool: str
    is_failing: bool = False


@dataclass(slots=True)
class _Chain:
    """Calls of which each is the one before over again, or nearly."""

    tool: str
    arguments: Mapping[str, Any]
    result: str
    times: int = 1
    is_exact: bool = True
    steps: deque[int] = field(default_factory=lambda: deque(maxlen=_NUMBERS_SHOWN))


@dataclass(frozen=True, slots=True)
class _Step:
    key: str
    title: str


class Repeats:
    """Recognises repetitions among the steps since something new came."""

    def __init__(self) -> None:
        self._chains: OrderedDict[str, _Chain] = OrderedDict()
        self._past: deque[_Step] = deque(maxlen=_STEPS_KEPT)

    def forget(self) -> None:
        """Begin anew: what comes again now comes after something has changed."""
        self._chains.clear()
        self._past.clear()

    def take(self, step: int, runs: Sequence[ToolRun]) -> Repetition | None:
        """Take the runs of a step; return what it repeats, or `None` if any of them is done for the first time."""
        runs = tried(runs)
        chains = [self._chain_of(run, step) for run in {call_key(run.call): run for run in runs}.values()]
        if not chains:
            return None
        keys = sorted(f"{call_key(run.call)}{result_key(run)}" for run in runs)
        self._past.append(_Step(digest("".join(keys)), "; ".join(title_of(run) for run in runs[:3])))
        least = min(chains, key=lambda chain: chain.times)
        if least.times < 2:
            return None
        period = self._period()
        if len({past.title for past in list(self._past)[-period:]}) == 1:
            period = 1  # One call, whose results take turns, is no circle.
        kind = RepeatKind.SAME_CALL if least.is_exact else RepeatKind.GROWING
        if period > 1:
            kind = RepeatKind.CYCLE
        return Repetition(
            kind=kind,
            times=least.times,
            period=period,
            what=tuple(past.title for past in list(self._past)[-period:]),
            steps=tuple(least.steps),
            tool=least.tool,
            is_failing=all(_has_failed(run) for run in runs),
        )

    def _chain_of(self, run: ToolRun, step: int) -> _Chain:
        """Return the chain that a run goes on with, or begin one."""
        key, result = call_key(run.call), result_key(run)
        exact = f"{key}{result}"
        arguments = argument_gists(run.call)
        found = self._chains.pop(exact, None)
        if found is None:
            found = self._near(run, arguments, result)
        if found is None:
            found = _Chain(run.call.name, arguments, result)
        else:
            found.times += 1
        found.arguments, found.result = arguments, result
        found.steps.append(step)
        self._chains[exact] = found
        if len(self._chains) > _CHAINS_KEPT:
            self._chains.popitem(last=False)
        return found

    def _near(self, run: ToolRun, arguments: Mapping[str, Any], result: str) -> _Chain | None:
        """Return and take out the chain whose last call was nearly this one: one argument grew, or it fails alike."""
        for key in reversed(self._chains):
            chain = self._chains[key]
            fails_alike = _has_failed(run) and chain.result == result
            if chain.tool == run.call.name and (fails_alike or is_near(chain.arguments, arguments)):
                chain.is_exact = chain.is_exact and chain.arguments == arguments
                del self._chains[key]
                return chain
        return None

    def _period(self) -> int:
        """Return after how many steps the last ones come again; 1 if they do not."""
        keys = [past.key for past in self._past]
        for period in range(1, _LONGEST_PERIOD + 1):
            if len(keys) > period and keys[-1] == keys[-1 - period]:
                return period
        return 1


def duplicates(calls: Sequence[HealedCall]) -> frozenset[int]:
    """Return the places of calls that ask for what an earlier one of the same answer asked for.

    Reading twice is in vain, unless a call with effects comes in between; an edit is never meant twice running: it
    would be made in what it has just changed. A command may be.
    """
    seen: set[str] = set()
    found = set()
    edited = ""
    for place, call in enumerate(calls):
        if call.tool is None or call.error is not None:
            continue
        key, kind = call_key(call.call), call.tool.spec.kind
        if kind in _READ_ONLY:
            if key in seen:
                found.add(place)
            seen.add(key)
            continue
        if kind is ToolKind.EDIT and key == edited:
            found.add(place)
        edited = key if kind is ToolKind.EDIT else ""
        seen.clear()
    return frozenset(found)


def is_near(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Return whether two calls' arguments differ in one value only, which grew or shrank, or came or went."""
    names = before.keys() | after.keys()
    other = [name for name in names if name not in before or name not in after or before[name] != after[name]]
    if len(other) != 1:
        return not other
    old, new = before.get(other[0]), after.get(other[0])
    if len(before) == 0 or len(after) == 0:
        return False
    if old is None or new is None:
        return True
    if isinstance(old, str) and isinstance(new, str):
        return _is_grown(old, new) or _is_grown(new, old)
    return isinstance(old, (bool, int, float)) and isinstance(new, (bool, int, float))


def title_of(run: ToolRun) -> str:
    """Return a call in one bounded line of plain text."""
    title = " ".join(plain_text(run.title[: 4 * _TITLE_CHARS]).split())
    if not title.startswith((run.call.name, "$")):
        title = f"{run.call.name}: {title}"
    return title if len(title) <= _TITLE_CHARS else f"{title[: _TITLE_CHARS - 3]}..."


def _is_grown(old: str, new: str) -> bool:
    """Whether one text is the other with something more; a text that was cut here is compared by its beginning."""
    old_head, new_head = old.partition("\0")[0], new.partition("\0")[0]
    folded_old, folded_new = _folded(old_head), _folded(new_head)
    return bool(folded_old) and (folded_old in folded_new if "\0" not in old else folded_new.startswith(folded_old))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _has_failed(run: ToolRun) -> bool:
    result = run.result
    return run.status is not ToolStatus.DONE or bool(result is not None and result.exit_code)
