"""A place in a stored session at which it is to be forked."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.protocol.ids import ItemId, SessionId


@dataclass(frozen=True, slots=True)
class ForkPoint:
    """What to go on with a copy of; the copy is made when it is opened."""

    session_id: SessionId
    at: ItemId | int | None = None
    """An entry's place, an item, or `None` for all of it; `session/forking.py` says where that is cut."""

    is_before: bool = False
    """Whether what belongs to the item is left out, whatever it is."""
