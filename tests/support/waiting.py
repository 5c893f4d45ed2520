"""Waiting for a condition instead of for a time."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable


async def until(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    """Return as soon as the condition holds.

    Raises:
        TimeoutError: it did not within the limit, which is generous and no measure.
    """
    async with asyncio.timeout(limit_s):
        for _ in itertools.count():
            if condition():
                return
            await asyncio.sleep(0.005)
