"""The choice of a cut: as much as possible stays as it is, and the server reads little again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from trashclaw.agent.compaction.cut import Cut
from trashclaw.agent.compaction.digest import Told, gather, write
from trashclaw.agent.compaction.layout import Layout, Marks, Measure, Sizes
from trashclaw.agent.history import History
from trashclaw.agent.messages import Message, Role
from trashclaw.agent.records import Record
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction
from trashclaw.protocol.plan import Plan

_STUBS_PAY = 0.4
_DROPS_PAY = 0.2
_DIGESTS_SHARE = 1 / 8
"""Digests that together take more of the window are merged into one."""

_DIGEST_SHARE = 1 / 28
_DIGEST_TOKENS = 120, 1200
_HEAD_TOKENS = 80
_LINE_TOKENS = 20
_LINES_AT_MOST = 40


@dataclass(frozen=True, slots=True)
class _Option:
    """A way to cut a window, with what is expected of it."""

    layout: Layout
    first: int
    """Nothing before this record changes."""

    end: int
    """From `first` on up to here everything that is not pinned is left out; the rest becomes stubs."""

    after_tokens: int
    reread_tokens: int
    pays: float
    """An option whose `cost` is no more than this is good enough."""

    is_stubbing: bool
    """Nothing is left out."""

    def cost(self, room: int) -> float:
        """Return what is read again for each token that may come until the next compaction."""
        return self.reread_tokens / max(1, room - self.after_tokens)


@dataclass(frozen=True, slots=True)
class _Planner:
    history: History
    plan: Plan
    window: Sizes
    measure: Measure
    limit_tokens: int
    marks: Marks
    before: int
    fixed: int

    @property
    def target(self) -> int:
        return int(self.limit_tokens * self.marks.low_water)

    @property
    def room(self) -> int:
        return int(self.limit_tokens * self.marks.high_water)

    @property
    def digest_tokens(self) -> int:
        return min(_DIGEST_TOKENS[1], max(_DIGEST_TOKENS[0], int(self.limit_tokens * _DIGEST_SHARE)))

    def choose(self) -> _Option | None:
        """Return the cut to make, with as many results whole as fit."""
        middle = (self.target + self.room) // 2
        most = self.marks.kept_results
        for kept, limit in ((most, middle), (min(2, most), middle), (min(1, most), self.room), (0, self.room)):
            found = self._mildest(Layout(self.window, kept))
            if found is not None and found.after_tokens <= limit:
                if self._frees_enough(found.after_tokens):
                    return found
                if self.before <= self.room:
                    return None
        layout = Layout(self.window, 0)
        layout.tail = len(layout.records)
        return self._mildest(layout)

    def _mildest(self, layout: Layout) -> _Option | None:
        """Return the first group of options of which one comes down to the target, or the deepest option of all.

        In the group it is the mildest that pays, or the one that costs least.
        """
        deepest: _Option | None = None
        for options in self._groups(layout):
            fitting = [option for option in options if option.after_tokens <= self.target]
            useful = [option for option in fitting if self._frees_enough(option.after_tokens)]
            paying = [option for option in useful if option.cost(self.room) <= option.pays]
            if paying:
                return paying[0]
            if useful and not useful[0].is_stubbing:
                return min(useful, key=lambda option: option.cost(self.room))
            deepest = min([*options, *([deepest] if deepest else [])], key=lambda option: option.after_tokens)
        return deepest

    def _frees_enough(self, after: int) -> bool:
        return self.before - after >= self.before * self.marks.least_gain

    def _groups(self, layout: Layout) -> Iterator[list[_Option]]:
        """Yield the ways to cut, by the first record that may change: the later it is, the more stays as it was."""
        sums = _Sums(layout)
        yield [self._option(sums, layout.first_change, layout.first_change)]
        if self.before <= self.target:
            return
        behind = max((place for place, record in enumerate(layout.records) if record.is_digest), default=-1) + 1
        firsts = [layout.first_change, behind, layout.first_loose, layout.first_digest]
        if sums.digests > self.limit_tokens * _DIGESTS_SHARE:
            firsts = [layout.first_digest]
        for first in dict.fromkeys(firsts):
            ends = (end for end in range(first + 1, layout.tail + 1) if end == layout.tail or _is_end(layout, end))
            if options := [self._option(sums, first, end) for end in ends]:
                yield options

    def _option(self, sums: _Sums, first: int, end: int) -> _Option:
        runs, pinned = sums.runs[end] - sums.runs[first], sums.pinned[end] - sums.pinned[first]
        digest = min(self.digest_tokens, _HEAD_TOKENS + runs * _LINE_TOKENS) if runs else 0
        reread = digest + pinned + sums.stubs[-1] - sums.stubs[end]
        after = self.fixed + sums.sizes[first] + reread
        return _Option(sums.layout, first, end, after, reread, _DROPS_PAY if runs else _STUBS_PAY, not runs)


def _is_end(layout: Layout, place: int) -> bool:
    """Whether what is left out may end before a record: at a message of the person's, or one of the model's."""
    return layout.records[place].is_step or layout.records[place].is_pinned


class _Sums:
    """Sizes added up: of the records before each place."""

    def __init__(self, layout: Layout) -> None:
        records, sizes = layout.records, layout.sizes
        self.layout = layout
        self.sizes = _added(sizes)
        self.stubs = _added(layout.stub_sizes)
        self.pinned = _added(size if record.is_pinned else 0 for size, record in zip(sizes, records, strict=True))
        self.runs = _added(0 if record.is_pinned else max(1, len(record.runs)) for record in records)
        self.digests = sum(size for size, record in zip(sizes, records, strict=True) if record.is_digest)


def _added(sizes: Iterable[int]) -> list[int]:
    return [0, *accumulate(sizes)]


def plan_cut(history: History, plan: Plan, measure: Measure, limit_tokens: int, marks: Marks) -> Cut | None:
    """Plan a compaction; changes nothing. `None` when too little could be freed.

    `limit_tokens` is the window without the list of tools. Results, attachments and reasoning older than the newest
    `kept_results` become stubs; if that is not enough, or makes the server read too much again, the oldest steps are
    left out and a digest stands for them. As much as possible of the beginning stays byte for byte. Fewer results stay
    whole only where the rest does not fit beside them. The person's own words always stay.
    """
    fixed = measure([history.system])
    window = Sizes(tuple(history.records), history.archive, measure)
    before = fixed + sum(window.whole)
    planner = _Planner(history, plan, window, measure, limit_tokens, marks, before, fixed)
    option = planner.choose()
    if option is None:
        return None
    cut = _made(planner, option)
    return cut if before - cut.after_tokens >= before * marks.least_gain else None


def _made(planner: _Planner, option: _Option) -> Cut:
    history, layout = planner.history, option.layout
    gone = [record for record in layout.records[option.first : option.end] if not record.is_pinned]
    told = gather(gone, history.archive, history.cuts)
    dropped = tuple(item_id for record in gone for item_id in record.item_ids)
    digest = _digest(planner, told, planner.digest_tokens) if dropped else ""
    item = Compaction(
        item_id=ItemId("planned"), summary=digest, stubbed=layout.stubbed_from(option.end), dropped=dropped
    )
    cut = Cut(
        stubbed=item.stubbed,
        dropped=dropped,
        before_tokens=planner.before,
        after_tokens=0,
        reread_tokens=0,
        digest=digest,
        facts=_digest(planner, replace(told, quoted=[]), planner.digest_tokens // 2) if dropped else "",
        paths=tuple(told.changed),
        summary_tokens=_summary_tokens(planner, gone),
        records=layout.records,
        archive=history.archive,
        measure=planner.measure,
        fixed_tokens=planner.fixed,
    )
    after = cut.size_after(item)
    kept = planner.fixed + sum(layout.sizes[: option.first])
    return replace(cut, after_tokens=after, reread_tokens=after - kept)


def _digest(planner: _Planner, told: Told, room_tokens: int) -> str:
    """Return the digest with as many lines as there is room for."""
    words = [record.messages[0].text for record in planner.history.records if record.is_pinned]
    goal = next(iter(words[-1].strip().splitlines()), "") if words else ""
    lines = min(len(told.lines), _LINES_AT_MOST)
    while True:
        text = write(told, goal, planner.plan, lines)
        if not lines or planner.measure([Message(Role.USER, text)]) <= room_tokens:
            return text
        lines -= max(1, lines // 8)


def _summary_tokens(planner: _Planner, gone: list[Record]) -> int:
    """Return the room for a summary: no more than half of what it replaces."""
    replaced = sum(planner.measure(record.messages) for record in gone)
    return min(planner.digest_tokens, replaced // 2)
