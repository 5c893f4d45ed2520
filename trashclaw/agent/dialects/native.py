"""The native dialect: the server renders the tools, and parses the calls out of the answer."""

from __future__ import annotations

from collections.abc import Iterable

from trashclaw.agent.dialects.port import Reading
from trashclaw.agent.messages import EndPart, Part, Request
from trashclaw.protocol.manners import DialectName


class Native:
    """Sends the request as it is."""

    name = DialectName.NATIVE

    def render(self, request: Request) -> Request:
        """Return the request itself."""
        return request

    def read(self, request: Request) -> Reading:
        """Return a reading that passes everything on."""
        return _AsItIs()


class _AsItIs:
    def feed(self, part: Part) -> Iterable[Part]:
        return (part,)

    def finish(self, end: EndPart) -> Iterable[Part]:
        return (end,)
