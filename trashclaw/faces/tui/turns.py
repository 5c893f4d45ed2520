"""Turns among entries: which words of the person's a block came of, and whether that turn failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.protocol.items import UserMessage
    from trashclaw.session.transcript import Entry


def own_message_before(entries: Sequence[Entry], place: int) -> UserMessage | None:
    """Return the message that an entry is or came of; one that only steered a turn is none."""
    from trashclaw.protocol.items import Origin, UserMessage

    for at in range(place, -1, -1):
        entry = entries[at]
        if isinstance(entry, UserMessage) and entry.origin is not Origin.STEER:
            return entry
    return None


def is_failed_turn(entries: Sequence[Entry], place: int) -> bool:
    """Tell whether the turn that an entry belongs to ended with an error, or the model refused."""
    from trashclaw.protocol.events import StopReason, TurnCompleted
    from trashclaw.protocol.items import Origin, UserMessage

    for at in range(place, len(entries)):
        entry = entries[at]
        if isinstance(entry, TurnCompleted):
            return entry.stop_reason in {StopReason.ERROR, StopReason.REFUSED}
        if at > place and isinstance(entry, UserMessage) and entry.origin is not Origin.STEER:
            break
    return False
