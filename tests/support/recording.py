"""A scripted model that remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from trashclaw.agent.messages import Part, ProgressPart, Request
from trashclaw.protocol.errors import ProviderError
from trashclaw.protocol.events import Phase
from trashclaw.providers.script import Script
from trashclaw.providers.scripted import ScriptedProvider


class RecordingProvider(ScriptedProvider):
    """Plays a script and keeps every request."""

    def __init__(self, script: Script, gates: Mapping[str, asyncio.Event] | None = None) -> None:
        super().__init__(script, gates)
        self.requests: list[Request] = []
        self.aheads: list[Request] = []
        """Those that were sent ahead."""

        self.is_slow = False
        """Whether what is sent ahead is read for ever."""

        self.error: ProviderError | None = None
        """What becomes of a request that is sent ahead."""

        self.closed = 0
        """How many of those that are read for ever were given up."""

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        (self.aheads if request.is_ahead else self.requests).append(request)
        if request.is_ahead and self.error is not None:
            raise self.error
        if request.is_ahead and self.is_slow:
            yield ProgressPart(Phase.PREFILL, done=1, total=100)
            try:
                await asyncio.Event().wait()
            finally:
                self.closed += 1
        async with aclosing(super().stream(request)) as parts:
            async for part in parts:
                yield part
