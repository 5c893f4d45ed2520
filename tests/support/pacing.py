"""Text in pieces of about a token, at the speed at which a model writes them."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator, Sequence


def pieces(text: str) -> list[str]:
    """Split text into pieces of about a token."""
    return re.findall(r"\s*\S+|\s+", text)


async def paced(texts: Sequence[str], per_s: float | None) -> AsyncIterator[str]:
    """Give texts at a speed, as a model writes them, or as fast as they are taken; what came late is made up for."""
    began = time.monotonic()
    for place, text in enumerate(texts):
        if per_s is not None:
            await asyncio.sleep(began + place / per_s - time.monotonic())
        yield text
