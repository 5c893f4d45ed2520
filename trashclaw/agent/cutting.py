"""What is known of the compactions of a session: which can be undone, what they left out, how many came in a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from trashclaw.agent.records import Record
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction, CompactionTrigger

IN_A_ROW_AT_MOST = 3


@dataclass(frozen=True, slots=True)
class Undoable:
    """A compaction that is in force."""

    item_id: ItemId
    before: tuple[Record, ...]
    """The window as it was."""

    count: int
    """With how many records the window began after it."""


class Cuts:
    """A fold of the compactions, of what undid them, and of the steps between them."""

    def __init__(self) -> None:
        self.undoable: tuple[Undoable, ...] = ()
        """Those in force, the last one last."""

        self._made: dict[ItemId, Compaction] = {}
        self._row: tuple[int, ...] = ()
        self._steps = 0

    @property
    def row(self) -> tuple[int, ...]:
        """What the compactions left that came one after the other in a turn, with at most one step between; in tokens.

        Up to now: without any once two steps were taken since the last one, or the person has spoken.
        """
        return self._row if self._steps <= 1 else ()

    def find(self, item_id: ItemId) -> Compaction | None:
        """Return a compaction."""
        return self._made.get(item_id)

    def covered(self, item_ids: Iterable[ItemId]) -> tuple[ItemId, ...]:
        """Return the items that were left out, by these compactions or by those that they took up; others as they are.

        In the order in which they stood.
        """
        return tuple(one for one in self.unfold(item_ids) if not isinstance(one, Compaction))

    def unfold(self, item_ids: Iterable[ItemId]) -> Iterator[ItemId | Compaction]:
        """Yield the items that were left out, each compaction before what it took up; there may be thousands of those.

        In the order in which they stood.
        """
        waiting = list(item_ids)[::-1]
        while waiting:
            item_id = waiting.pop()
            made = self._made.get(item_id)
            yield item_id if made is None else made
            waiting += made.dropped[::-1] if made is not None else ()

    def apply(self, event: ev.Event) -> None:
        """Fold one event in; `add`, `rewind` and `pop` are told by the history."""
        match event:
            case ev.StepCompleted():
                self._steps += 1
            case ev.SettingsChanged() if event.limit_tokens:
                self._row = ()
            case ev.ConversationRewound() | ev.TurnStarted():
                self._row = ()
            case ev.ItemCompleted(item=Compaction() as item):
                self._made[item.item_id] = item
                self._row = () if item.trigger is CompactionTrigger.ASKED else (*self.row, item.after_tokens)
                self._steps = 0
            case _:
                pass

    def add(self, item: Compaction, before: Iterable[Record], count: int) -> None:
        """Remember the window before a compaction, and how long it was after it."""
        self._made[item.item_id] = item
        self.undoable = (*self.undoable, Undoable(item.item_id, tuple(before), count))

    def undone(self, item_id: ItemId, records: list[Record]) -> list[Record] | None:
        """Return the window without the last compaction; `None` when it is another one."""
        last = self.undoable[-1] if self.undoable else None
        if last is None or last.item_id != item_id:
            return None
        return [*last.before, *records[last.count :]]

    def pop(self) -> None:
        """The last compaction was undone."""
        self.undoable = self.undoable[:-1]

    def rewind(self, undoable: tuple[Undoable, ...]) -> None:
        """Go back to the compactions that were in force at a point."""
        self.undoable = undoable

    def forget(self, records: list[Record], gone: frozenset[ItemId]) -> None:
        """Leave items out of the windows before the compactions, too; `records` still has them."""
        kept: list[Undoable] = []
        now = records
        for cut in reversed(self.undoable):
            lost = sum(not gone.isdisjoint(record.item_ids) for record in now[: cut.count])
            before = tuple(record for record in cut.before if gone.isdisjoint(record.item_ids))
            kept.append(replace(cut, before=before, count=cut.count - lost))
            now = list(cut.before)
        self.undoable = tuple(reversed(kept))
