"""A fork that is made to be opened: where that fails, nothing of it stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from trashclaw.protocol.ids import SessionId
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.library import Library


@asynccontextmanager
async def fork_to_open(folder: Path, root: Path, point: ForkPoint) -> AsyncIterator[SessionId]:
    """Make a fork in the state `folder` of the workspace `root`, and take it back where its opening fails or is ended.

    Raises:
        UsageError: there is no such session, or no such place in it.
        StoreError: an entry cannot be read, or nothing can be written.
    """
    library = Library(folder, root)
    making = asyncio.ensure_future(asyncio.to_thread(library.fork, point))
    try:
        yield await asyncio.shield(making)
    except BaseException:
        # Who is told to stop while the thread still writes waits for its end: only then is it known what to take back.
        library.take_back(await making)
        raise
