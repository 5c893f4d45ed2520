"""A scripted model that remembers what it was asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from trashclaw.agent.messages import Part, Request
from trashclaw.providers.script import Script
from trashclaw.providers.scripted import ScriptedProvider


class RecordingProvider(ScriptedProvider):
    """Plays a script and keeps every request."""

    def __init__(self, script: Script, gates: Mapping[str, asyncio.Event] | None = None) -> None:
        super().__init__(script, gates)
        self.requests: list[Request] = []

    async def stream(self, request: Request) -> AsyncGenerator[Part, None]:
        self.requests.append(request)
        async with aclosing(super().stream(request)) as parts:
            async for part in parts:
                yield part
