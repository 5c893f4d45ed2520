"""The news of a session whose screen is not in front: kept in order, and as little of it as tells the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trashclaw.faces.tui import messages as msg

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.message import Message

    from trashclaw.protocol.events import Channel
    from trashclaw.protocol.ids import ItemId


class HeldNews:
    """Takes messages, and gives them back once."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._pieces: dict[tuple[ItemId, Channel], list[str]] = {}
        """Of what is still growing; it stands behind everything else, since an open item is the newest."""

        self._state: msg.StateChanged | None = None

    def add(self, message: Message) -> None:
        """Keep a message; what it makes needless is forgotten."""
        match message:
            case msg.ItemGrew():
                self._pieces.setdefault((message.item_id, message.channel), []).append(message.text)
            case msg.StateChanged():
                self._state = message
            case msg.Replayed():
                self._messages = [message]
                self._pieces.clear()
            case msg.EntryChanged() if message.is_done:
                item_id = getattr(message.entry, "item_id", None)
                self._pieces = {key: pieces for key, pieces in self._pieces.items() if key[0] != item_id}
                self._messages.append(message)
            case _:
                self._messages.append(message)

    def take(self) -> Sequence[Message]:
        """Return what is kept, in the order in which it is to be told, and forget it."""
        grown = [msg.ItemGrew(*key, "".join(pieces)) for key, pieces in self._pieces.items()]
        state = [self._state] if self._state is not None else []
        taken = [*self._messages, *grown, *state]
        self._messages, self._pieces, self._state = [], {}, None
        return taken
