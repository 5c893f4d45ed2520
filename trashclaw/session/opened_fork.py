"""A fork that is made to be opened: where that fails, nothing of it stays behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.ids import SessionId
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.library import Library
from trashclaw.workspace.waiting import wait_out


@asynccontextmanager
async def fork_to_open(folder: Path, root: Path, point: ForkPoint) -> AsyncIterator[SessionId]:
    """Make a fork in the state `folder` of the workspace `root`, and take it back where its opening fails or is ended.

    Raises:
        UsageError: there is no such session, or no such place in it.
        StoreError: an entry cannot be read, or nothing can be written.
    """
    library = Library(folder, root)
    making = asyncio.create_task(asyncio.to_thread(library.fork, point), name="fork")
    try:
        yield await asyncio.shield(making)
    except BaseException:
        # Who is told to stop while the thread still writes waits for its end: only then is it known what to take back.
        await wait_out(making)
        if not making.cancelled() and making.exception() is None:
            await wait_out(asyncio.create_task(_take_back(library, making.result()), name="take a fork back"))
        raise


async def _take_back(library: Library, fork_id: SessionId) -> None:
    # Why it could not be opened is what counts; a fork that stays all the same is in the list of sessions.
    with suppress(TrashclawError):
        await library.delete(fork_id)
