"""Progress while a server says nothing: how far it should be, every half second, until it speaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from trashclaw.agent.messages import NoticePart, Part, ProgressPart
from trashclaw.providers.prompt_pace import Foretold, Pause

EVERY_S = 0.5


async def ticked(parts: AsyncGenerator[Part, None], foretold: Foretold, pause: Pause) -> AsyncGenerator[Part, None]:
    """Yield the parts of an answer, and before it begins what was foretold, again and again.

    A tick is ours and no sign of life: how long the server may be silent is counted where its bytes come in.
    """
    async with aclosing(parts):
        is_reading = foretold.has_figures
        while is_reading:
            coming: asyncio.Task[object] = asyncio.create_task(_next(parts), name="wait for a part")
            try:
                while not coming.done():
                    await pause(coming, EVERY_S)
                    if not coming.done():
                        yield foretold.now()
            finally:
                await _end(coming)
            part = coming.result()
            if part is None:
                return
            assert isinstance(part, Part)
            is_reading = isinstance(part, NoticePart) or (isinstance(part, ProgressPart) and part.total is None)
            yield part
        async for rest in parts:
            yield rest


async def _next(parts: AsyncGenerator[Part, None]) -> object:
    return await anext(parts, None)


async def _end(task: asyncio.Task[object]) -> None:
    """End a task that nobody waits for any more; what it raised is raised by its result, or of no interest."""
    if not task.done():
        task.cancel()
        await asyncio.wait({task})
    if not task.cancelled():
        task.exception()
