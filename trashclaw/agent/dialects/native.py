"""The native dialect: the server renders the tools, and parses the calls out of the answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from trashclaw.agent.dialects.finding import FindingReading, Learned
from trashclaw.agent.dialects.text.calls import Scope
from trashclaw.agent.dialects.thinking import with_thought
from trashclaw.agent.dialects.written import Written
from trashclaw.agent.messages import Request
from trashclaw.protocol.manners import DialectName


class Native:
    """Sends the request as it is; takes thoughts, and calls that the server overlooked, out of the text."""

    name = DialectName.NATIVE

    def __init__(
        self,
        knows: Callable[[str], bool] | None = None,
        *,
        starts_in_thought: bool = False,
    ) -> None:
        """`knows` tells whether a name goes for a tool's; `starts_in_thought` is what was learned before."""
        self._knows = knows
        self._written = Written(with_thought)
        self.learned = Learned(starts_in_thought)
        """Grows with every answer that is read."""

    def render(self, request: Request) -> Request:
        """Return the request itself, with thoughts that came inline written where they came."""
        messages = self._written.of(request.messages)
        is_same = all(new is old for new, old in zip(messages, request.messages, strict=True))
        return request if is_same else replace(request, messages=messages)

    def read(self, request: Request) -> FindingReading:
        """Return a reading; calls are looked for in the text only if there are tools."""
        has_calls = bool(request.tools) and request.schema is None
        return FindingReading(Scope(request.tools, self._knows), self.learned, is_strict=True, has_calls=has_calls)
