"""The layout of a window: how large each record is, how large as a stub, and what has to stay as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from trashclaw.agent.archive import Archive
from trashclaw.agent.messages import Message
from trashclaw.agent.records import Record, stub
from trashclaw.protocol.ids import ItemId

KEPT_STEPS = 2
"""The newest steps keep their reasoning, and are left out only where nothing else helps."""

Measure = Callable[[Iterable[Message]], int]
"""Returns the expected size of some messages, in the server's tokens."""


@dataclass(frozen=True, slots=True)
class Marks:
    """Where a compaction starts and how deep it goes, as parts of the window."""

    high_water: float = 0.75
    low_water: float = 0.40
    kept_results: int = 5
    least_gain: float = 0.20
    """A compaction that would free less than this part of what is used is not made."""


class Sizes:
    """A window's records with their sizes, and what each is as a stub; made once for all ways of cutting it."""

    def __init__(self, records: tuple[Record, ...], archive: Archive, measure: Measure) -> None:
        self.records = records
        self.whole = [measure(record.messages) for record in records]
        """The tokens of each record as it is."""

        self._archive = archive
        self._measure = measure
        self._stubs: dict[tuple[int, frozenset[ItemId]], tuple[Record, int]] = {}

    def stub(self, place: int, stubbed: frozenset[ItemId]) -> tuple[Record, int]:
        """Return a record with some of its items as stubs, and its size then."""
        record = self.records[place]
        key = place, stubbed.intersection(record.item_ids)
        found = self._stubs.get(key)
        if found is None:
            made = stub(record, key[1], self._archive)
            found = self._stubs[key] = made, self.whole[place] if made is record else self._measure(made.messages)
        return found


class Layout:
    """A window with what may be cut of it where so many of the newest results stay whole."""

    def __init__(self, window: Sizes, kept_results: int) -> None:
        self.records = records = window.records
        self.sizes = window.whole
        """The tokens of each record as it is."""

        self._window = window
        steps = [place for place, record in enumerate(records) if record.is_step]
        self.newest = steps[-KEPT_STEPS] if len(steps) >= KEPT_STEPS else (steps[0] if steps else len(records))
        """The place of the oldest of the newest steps."""

        self.stubbed = self._old_results(kept_results) | self._old_thoughts()
        self.tail = min(self.newest, self._first_whole()) if kept_results else self.newest
        """The place of the first record that is not left out."""

    @cached_property
    def stubs(self) -> list[Record]:
        """Each record with what can become a stub as a stub."""
        return [self._window.stub(place, self.stubbed)[0] for place in range(len(self.records))]

    @cached_property
    def stub_sizes(self) -> list[int]:
        """The tokens of each record as a stub."""
        return [self._window.stub(place, self.stubbed)[1] for place in range(len(self.records))]

    @cached_property
    def first_change(self) -> int:
        """The place of the first record that would become a stub; nothing before it changes."""
        pairs = zip(self.records, self.stubs, strict=True)
        return next((place for place, (old, new) in enumerate(pairs) if new is not old), len(self.records))

    @cached_property
    def first_loose(self) -> int:
        """The place of the first record that can be left out, digests of earlier compactions passed over."""
        return self._first(lambda record: not record.is_pinned and not record.is_digest)

    @cached_property
    def first_digest(self) -> int:
        """The place of the first digest, or of what can be left out before it."""
        return self._first(lambda record: not record.is_pinned)

    def stubbed_from(self, place: int) -> tuple[ItemId, ...]:
        """Return what becomes a stub in the records from a place on, where that changes anything."""
        found: list[ItemId] = []
        for old, new in zip(self.records[place:], self.stubs[place:], strict=True):
            found += [item_id for item_id in old.item_ids if item_id in self.stubbed] if new is not old else []
        return tuple(found)

    def _first(self, is_it: Callable[[Record], bool]) -> int:
        return next((place for place, record in enumerate(self.records) if is_it(record)), len(self.records))

    def _results(self) -> list[ItemId]:
        found: list[ItemId] = []
        for record in self.records:
            found += record.item_ids if record.is_attachment else (run.item_id for run in record.runs)
        return found

    def _old_results(self, kept: int) -> frozenset[ItemId]:
        """Return the tool runs and attachments before the newest `kept` ones."""
        found = self._results()
        return frozenset(found[: max(0, len(found) - kept)])

    def _old_thoughts(self) -> frozenset[ItemId]:
        older = self.records[: self.newest]
        return frozenset(record.thought_id for record in older if record.thought_id is not None)

    def _first_whole(self) -> int:
        whole = frozenset(self._results()) - self.stubbed
        return self._first(lambda record: not whole.isdisjoint(record.item_ids) and not record.is_pinned)
