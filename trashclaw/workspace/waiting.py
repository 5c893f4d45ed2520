"""Waiting for work that must not be left half-way, however often the wait is cancelled."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any


async def wait_out(task: asyncio.Task[Any]) -> None:
    """Wait until a task is done; further cancellations are dropped. For work that takes milliseconds.

    Call it only while a cancellation is under way, and let that one go on afterwards.
    """
    while not task.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait([task])
