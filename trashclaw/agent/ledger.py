"""The ledger: what has actually been sent, and where two consecutive requests first differ."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.agent.messages import Message, Request
from trashclaw.protocol.tools import ToolSpec


@dataclass(frozen=True, slots=True)
class Break:
    """The place where a request stopped being a continuation of the one before."""

    place: int
    """Index of the first message that differs; -1 for the tool list."""

    cause: str
    lost_messages: int
    """How many messages of the last request the server has to read again."""


class Ledger:
    """Holds the last request, and compares the next one with it."""

    def __init__(self) -> None:
        self._messages: tuple[Message, ...] = ()
        self._tools: tuple[ToolSpec, ...] | None = None
        self._is_rebased = False

    def rebase(self) -> None:
        """Expect a new beginning: the window was compacted, or the model changed."""
        self._is_rebased = True

    def rewind(self, messages: tuple[Message, ...]) -> None:
        """Expect a request that begins with these messages: the conversation was rewound to them."""
        if not self._is_rebased:
            self._messages = messages

    def record(self, request: Request) -> Break | None:
        """Enter a request; return the break if it does not begin with the whole of the one before."""
        found = None if self._is_rebased or self._tools is None else self._compare(request)
        self._messages, self._tools, self._is_rebased = request.messages, request.tools, False
        return found

    def _compare(self, request: Request) -> Break | None:
        sent = self._messages
        if self._tools is not request.tools and self._tools != request.tools:
            return Break(-1, "the tool list changed", len(sent))
        for place, old in enumerate(sent):
            if place >= len(request.messages):
                return Break(place, f"message {place} is gone", len(sent) - place)
            new = request.messages[place]
            if new is not old and new != old:
                return Break(place, f"message {place} ({old.role}) changed", len(sent) - place)
        return None
