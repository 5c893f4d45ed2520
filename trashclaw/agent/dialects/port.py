"""The port of a dialect: between the canonical conversation and what one provider is sent and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from trashclaw.agent.messages import EndPart, Part, Request
from trashclaw.protocol.manners import DialectName


class Reading(Protocol):
    """One answer while it comes in: parts as the provider streams them become words, thoughts and calls.

    What may still turn out to be markup is held back; nothing of a call or a thought is ever given as text.
    """

    def feed(self, part: Part) -> Iterable[Part]:
        """Take a part, never an `EndPart`, and return what is certain by now."""
        ...

    def finish(self, end: EndPart) -> Iterable[Part]:
        """Return what was held back, and last the end, whose reason says whether there are calls.

        With `EndReason.LENGTH`, a call that the answer was cut in stays unparsed: its pieces come as they are.
        """
        ...


class Dialect(Protocol):
    """How a history becomes a request and a reply becomes tool calls."""

    @property
    def name(self) -> DialectName:
        """Its name."""
        ...

    def render(self, request: Request) -> Request:
        """Return the request as it is sent.

        Equal requests give equal ones, and a request that goes on from another gives one that begins with all of it.
        """
        ...

    def read(self, request: Request) -> Reading:
        """Return the reading of one answer to a canonical request."""
        ...
