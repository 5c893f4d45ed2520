"""Lines become messages."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from trashclaw.faces.plain.keyboard import Keyboard, joined


@pytest.mark.parametrize(
    ("lines", "messages"),
    [
        (["one", "two"], ["one", "two"]),
        (["one\\", "two", "three"], ["one\ntwo", "three"]),
        (["\\", "\\", "x"], ["\n\nx"]),
        (["open\\"], ["open"]),
        ([], []),
        ([""], [""]),
    ],
)
def test_a_line_that_ends_with_a_backslash_goes_on(lines: list[str], messages: list[str]) -> None:
    assert list(joined(iter(lines))) == messages


async def read_all(data: bytes) -> list[str]:
    reader, writer = os.pipe()
    with os.fdopen(reader, encoding="utf-8") as stream:
        keyboard = Keyboard(stream)
        keyboard.start()
        await asyncio.to_thread(_write, writer, data)
        found = []
        while (message := await asyncio.wait_for(keyboard.message(), 20)) is not None:
            found.append(message)
        return found


def _write(number: int, data: bytes) -> None:
    with os.fdopen(number, "wb") as stream:
        stream.write(data)


@pytest.mark.parametrize(
    ("data", "messages"),
    [
        (b"one\r\ntwo\n", ["one", "two"]),
        (b"no end", ["no end"]),
        (b"bad \xff byte\n", ["bad \ufffd byte"]),
        ("gr\u00fc\u00dfe \u65e5\u672c\n".encode(), ["gr\u00fc\u00dfe \u65e5\u672c"]),
        (b"x" * 200_000 + b"\n", ["x" * 200_000]),
        (b"", []),
    ],
)
async def test_a_pipe_is_read_to_its_end(data: bytes, messages: list[str]) -> None:
    assert await read_all(data) == messages


async def test_a_file_can_be_read_from(tmp_path: Path) -> None:
    file = tmp_path / "prompts"
    file.write_text("one\ntwo\n", encoding="utf-8")
    with file.open(encoding="utf-8") as stream:
        keyboard = Keyboard(stream)
        keyboard.start()
        assert [await keyboard.message() for _ in range(3)] == ["one", "two", None]
