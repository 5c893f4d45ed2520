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


class Layout:
    """A window, measured once for every way of cutting it that keeps the same newest results whole."""

    def __init__(self, records: tuple[Record, ...], archive: Archive, measure: Measure, kept_results: int) -> None:
        self.records = records
        self._archive = archive
        self._measure = measure
        steps = [place for place, record in enumerate(records) if record.is_step]
        self.newest = steps[-KEPT_STEPS] if len(steps) >= KEPT_STEPS else (steps[0] if steps else len(records))
        """The place of the oldest of the newest steps."""

        self.stubbed = self._old_results(kept_results) | self._old_thoughts()
        self.tail = min(self.newest, self._first_whole()) if kept_results else self.newest
        """The place of the first record that is not left out."""

    @cached_property
    def sizes(self) -> list[int]:
        """The tokens of each record as it is."""
        return [self._measure(record.messages) for record in self.records]

    @cached_property
    def stubs(self) -> list[Record]:
        """Each record with what can become a stub as a stub."""
        return [stub(record, self.stubbed, self._archive) for record in self.records]

    @cached_property
    def stub_sizes(self) -> list[int]:
        """The tokens of each record as a stub."""
        return [
            size if new is old else self._measure(new.messages)
            for old, new, size in zip(self.records, self.stubs, self.sizes, strict=True)
        ]

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
