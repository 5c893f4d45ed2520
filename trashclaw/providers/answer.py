"""An answer while it is read: lines of bytes, and the ways in which they stop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from trashclaw.protocol.errors import StreamBroken
from trashclaw.providers.patience import Patience

if TYPE_CHECKING:
    import httpx

_MAX_LINE_BYTES = 4 * 2**20
_MAX_ANSWER_BYTES = 64 * 2**20


class Answer:
    """An answer that is being read; its reader tells `patience` how far it has come."""

    def __init__(self, response: httpx.Response, patience: Patience) -> None:
        self._response = response
        self.patience = patience

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """Yield the lines of the body one by one.

        Raises:
            ServerTooSlow, StreamBroken: as `batches`.
        """
        async with aclosing(self.batches()) as batches:
            async for batch in batches:
                for line in batch:
                    yield line

    async def batches(self) -> AsyncGenerator[list[bytes], None]:
        r"""Yield the lines of the body, those that came together as one list.

        They are split at `\n` only: JSON may hold U+2028 and its like as they are.

        Raises:
            ServerTooSlow: a phase took longer than it may.
            StreamBroken: the connection was lost, or silent for too long.
        """
        begun: list[bytes] = []
        line_bytes = answer_bytes = 0
        chunks = self._response.aiter_bytes()
        while chunk := await self._next(chunks):
            answer_bytes += len(chunk)
            if answer_bytes > _MAX_ANSWER_BYTES:
                raise StreamBroken("The server sent an answer without end.")
            *lines, rest = chunk.split(b"\n")
            if lines:
                lines[0] = b"".join((*begun, lines[0]))
                begun, line_bytes = [], 0
                yield [line.removesuffix(b"\r") for line in lines]
            begun.append(rest)
            line_bytes += len(rest)
            if line_bytes > _MAX_LINE_BYTES:
                raise StreamBroken("The server sent a line without end.")
        if rest := b"".join(begun):
            yield [rest]

    async def _next(self, chunks: AsyncIterator[bytes]) -> bytes:
        """Return the next piece of the body, or nothing at its end."""
        import httpx

        try:
            async with asyncio.timeout(self.patience.left_s()):
                async for chunk in chunks:
                    if chunk:
                        return chunk
                return b""
        except TimeoutError as error:
            raise self.patience.error() from error
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            broken = StreamBroken(f"The connection was lost in the middle of an answer ({reason}).")
            broken.is_resumable = self.patience.has_begun
            broken.is_retryable = not self.patience.has_begun and self.patience.is_early
            raise broken from error
