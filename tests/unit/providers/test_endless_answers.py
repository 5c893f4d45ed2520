"""Answers without end are cut off, and long lines are put together in one go."""

from __future__ import annotations

import pytest

from tests.support.loopback import LoopbackServer, Received, Wire
from trashclaw.protocol.errors import ServerFailed, StreamBroken
from trashclaw.providers import answer, endpoint
from trashclaw.providers.endpoint import Endpoint

PIECE = b"x" * 2**16


def streams(*pieces: bytes) -> LoopbackServer:
    async def handle(received: Received, wire: Wire) -> None:
        await wire.begin("text/event-stream")
        for piece in pieces:
            await wire.chunk(piece)
        await wire.end()

    return LoopbackServer(handle)


async def lines_of(server: LoopbackServer) -> list[bytes]:
    way = Endpoint(server.url)
    try:
        async with way.answer("/", {}) as streamed:
            return [line async for line in streamed.lines()]
    finally:
        await way.aclose()


async def test_lines_are_put_together_however_they_are_cut() -> None:
    async with streams(b"a", b"b\r", b"\nc\n\n", b"d\ne", b"f") as server:
        assert await lines_of(server) == [b"ab", b"c", b"", b"d", b"ef"]


async def test_a_long_line_is_whole() -> None:
    async with streams(*[PIECE] * 32, b"\nend") as server:
        assert await lines_of(server) == [PIECE * 32, b"end"]


async def test_a_line_without_end_is_cut_off() -> None:
    async with streams(*[PIECE] * 100) as server:
        with pytest.raises(StreamBroken, match="a line without end"):
            await lines_of(server)


async def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer, "_MAX_ANSWER_BYTES", 1000)
    async with streams(*[b"short\n"] * 400) as server:
        with pytest.raises(StreamBroken, match="an answer without end"):
            await lines_of(server)


async def test_a_small_question_takes_no_endless_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "_MAX_BODY_BYTES", 2**18)
    async with streams(*[PIECE] * 40) as server:
        way = Endpoint(server.url)
        with pytest.raises(ServerFailed, match="without end"):
            await way.ask("GET", "/")
        await way.aclose()
