"""The inbox: what the person sent while a turn runs, until the loop reads it."""

from __future__ import annotations

from collections.abc import Callable

from trashclaw.agent.ports import Emit
from trashclaw.protocol.events import InputQueued, QueuedInput
from trashclaw.protocol.ids import EntryId, ItemId, new_id
from trashclaw.protocol.items import Origin

Attach = Callable[[str, str, ItemId], str]
"""Returns what goes along with a message, given its text, what was attached to it, and its id."""


def message_id(entry: QueuedInput) -> ItemId:
    """Return the id of the message that an entry becomes."""
    return ItemId(f"item_{entry.entry_id.removeprefix('entry_')}")


class Inbox:
    """Steers, read at the next boundary, and follow-ups, read when the turn would end; each change is an event."""

    def __init__(self, emit: Emit, waiting: tuple[QueuedInput, ...] = (), attach: Attach | None = None) -> None:
        """Begin with what still waits; `attach` is asked when an entry is taken, for the text that it has by then."""
        self._emit = emit
        self._attach = attach
        self._queue = list(waiting)

    @property
    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._queue

    @property
    def has_steer(self) -> bool:
        """Whether something wants to be read at the next boundary."""
        return any(entry.origin is Origin.STEER for entry in self._queue)

    def add(self, text: str, attached: str, origin: Origin) -> EntryId:
        """Queue an entry and return its id."""
        entry_id = EntryId(new_id("entry"))
        self._queue.append(QueuedInput(entry_id=entry_id, text=text, attached=attached, origin=origin))
        self._tell()
        return entry_id

    def edit(self, entry_id: EntryId, text: str | None) -> bool:
        """Change an entry's text, or remove it (`None`); `False` when it is not there any more."""
        for place, entry in enumerate(self._queue):
            if entry.entry_id == entry_id:
                if text is None:
                    del self._queue[place]
                else:
                    self._queue[place] = entry.model_copy(update={"text": text})
                self._tell()
                return True
        return False

    def move(self, entry_id: EntryId, origin: Origin | None = None, place: int | None = None) -> bool:
        """Say otherwise when an entry is read, and where it stands (counted from 0); `False` when it is gone."""
        entry = next((entry for entry in self._queue if entry.entry_id == entry_id), None)
        if entry is None:
            return False
        at = self._queue.index(entry)
        self._queue.pop(at)
        moved = entry if origin is None else entry.model_copy(update={"origin": origin})
        self._queue.insert(at if place is None else place, moved)
        self._tell()
        return True

    def entry_ids(self) -> frozenset[EntryId]:
        """Return the ids of what waits."""
        return frozenset(entry.entry_id for entry in self._queue)

    def take_steers(self, among: frozenset[EntryId] | None = None) -> tuple[QueuedInput, ...]:
        """Take everything that was meant for the next boundary, or only those of it that are `among` some."""
        return self._take(lambda entry: entry.origin is Origin.STEER and (among is None or entry.entry_id in among))

    def take_next(self) -> tuple[QueuedInput, ...]:
        """Take what is due at the end of a turn: all steers, else the oldest follow-up."""
        if steers := self.take_steers():
            return steers
        first = self._queue[0].entry_id if self._queue else None
        return self._take(lambda entry: entry.entry_id == first)

    def _take(self, is_wanted: Callable[[QueuedInput], bool]) -> tuple[QueuedInput, ...]:
        taken = tuple(entry for entry in self._queue if is_wanted(entry))
        if taken:
            self._queue = [entry for entry in self._queue if entry not in taken]
            self._tell()
        return tuple(map(self._complete, taken))

    def _complete(self, entry: QueuedInput) -> QueuedInput:
        if self._attach is None:
            return entry
        return entry.model_copy(update={"attached": self._attach(entry.text, entry.attached, message_id(entry))})

    def _tell(self) -> None:
        self._emit(InputQueued(queue=tuple(self._queue)))
