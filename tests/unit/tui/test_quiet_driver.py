"""The driver that is woken by keys: it reads them from a real terminal, sleeps without any, and ends at once."""

from __future__ import annotations

import asyncio
import os
import pty
import threading
import time
from collections.abc import Iterator
from queue import Queue

import pytest
from textual import events
from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._xterm_parser import XTermParser
from textual.message import Message

from trashclaw.faces.tui import quiet_driver
from trashclaw.faces.tui.quiet_driver import QuietDriver
from trashclaw.faces.tui.terminal_ground import GroundAnswer, GroundTold

LIMIT_S = 20.0


class HeldDriver(QuietDriver):
    """A driver of a terminal of the test's own; it has no app, and keeps what it is told."""

    def __init__(self, file: int) -> None:
        self.fileno = file
        self._debug = False
        self._mouse = False
        self._key_thread: threading.Thread | None = None
        self._wake = os.pipe()
        self.exit_event = threading.Event()
        self.told: Queue[Message] = Queue()

    def process_message(self, message: Message) -> None:
        """Keep a message."""
        self.told.put(message)


class Keyboard:
    """The other end of the terminal, and the thread that reads it."""

    def __init__(self) -> None:
        self.keys, self._slave = pty.openpty()
        os.set_blocking(self.keys, True)
        self.driver = HeldDriver(self._slave)
        quiet_driver_mode(self._slave)
        self.thread = threading.Thread(target=self.driver.run_input_thread, daemon=True)
        self.driver._key_thread = self.thread
        self.thread.start()

    def type(self, data: bytes) -> None:
        """Press keys."""
        os.write(self.keys, data)

    def key(self) -> str:
        """Return the next key that the driver tells of."""
        while not isinstance(message := self.driver.told.get(timeout=LIMIT_S), events.Key):
            pass
        return message.key

    def close(self) -> None:
        """Give the terminal back."""
        for file in (self.keys, self._slave):
            os.close(file)


def quiet_driver_mode(file: int) -> None:
    """Have a terminal hand on each key at once, as the app does."""
    import tty

    tty.setraw(file)


@pytest.fixture
def keyboard() -> Iterator[Keyboard]:
    """A driver that reads a terminal."""
    held = Keyboard()
    yield held
    held.driver.disable_input()
    held.close()


def test_keys_are_told_as_they_come(keyboard: Keyboard) -> None:
    keyboard.type("aß".encode())
    assert [keyboard.key(), keyboard.key()] == ["a", "ß"]
    keyboard.type(b"\x1b[A")
    assert keyboard.key() == "up"


def test_a_character_in_two_pieces_is_one_key(keyboard: Keyboard) -> None:
    first, second = "漢".encode()[:1], "漢".encode()[1:]
    keyboard.type(b"x" + first)
    assert keyboard.key() == "x"
    keyboard.type(second)
    assert keyboard.key() == "漢"


def test_escape_alone_is_told_though_nothing_follows(keyboard: Keyboard) -> None:
    keyboard.type(b"\x1b")
    assert keyboard.key() == "escape"


def test_it_ends_at_once_without_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet_driver, "_LONGEST_S", LIMIT_S * 10)
    keyboard = Keyboard()
    keyboard.type(b"a")
    assert keyboard.key() == "a"
    keyboard.driver.disable_input()
    assert not keyboard.thread.is_alive()
    assert keyboard.driver._wake is None
    keyboard.close()


class Late(threading.Event):
    """An answer that the terminal gives only while somebody waits for it."""

    def __init__(self, keyboard: Keyboard) -> None:
        super().__init__()
        self._keyboard = keyboard

    def wait(self, timeout: float | None = None) -> bool:
        """Have the terminal answer."""
        self._keyboard.type(b"\x1b]11;rgb:f/f/f\x07")
        return super().wait(timeout)


def test_an_answer_that_is_on_its_way_is_taken_before_the_terminal_is_another_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quiet_driver, "ANSWER_S", LIMIT_S)
    keyboard = Keyboard()
    driver = keyboard.driver
    driver._answered, driver._asked_at, driver._ground = Late(keyboard), time.monotonic(), GroundAnswer()
    driver.disable_input()
    told = driver.told.get_nowait()
    assert isinstance(told, GroundTold)
    assert told.is_light
    assert not keyboard.thread.is_alive()
    keyboard.close()


def test_it_ends_when_it_was_told_to_before_it_began(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet_driver, "_LONGEST_S", LIMIT_S * 10)
    keys, slave = pty.openpty()
    driver = HeldDriver(slave)
    assert driver._wake is not None
    os.write(driver._wake[1], b"\0")
    thread = threading.Thread(target=driver.run_input_thread, daemon=True)
    thread.start()
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    driver._close_wake()
    os.close(keys)
    os.close(slave)


def test_it_is_quiet_after_the_terminal_went_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quiet_driver, "_LONGEST_S", LIMIT_S * 10)
    keyboard = Keyboard()
    os.close(keyboard.keys)
    keyboard.keys = os.open(os.devnull, os.O_RDONLY)
    keyboard.driver.disable_input()
    assert not keyboard.thread.is_alive()
    keyboard.close()


async def test_textual_has_the_clock_that_it_leans_on() -> None:
    """When this fails, a new Textual ends sequences otherwise: read `quiet_driver.py` against it."""
    parser = XTermParser()
    assert parser._timeout_time is None
    list(parser.feed("\x1b"))
    assert parser._timeout_time is not None
    assert 0 < quiet_driver._left_s(parser) < 1
    await asyncio.sleep(0)


class HeldWriter:
    """Keeps what it is given to write, piece by piece."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def write(self, text: str) -> None:
        """Keep a piece."""
        self.pieces.append(text)


def test_a_frame_is_written_in_one_piece_and_all_else_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard = Keyboard()
    try:
        monkeypatch.setattr(keyboard.driver, "_writer_thread", writer := HeldWriter(), raising=False)
        for piece in ("a", SYNC_START, "b", "c", SYNC_END, "d", SYNC_END, SYNC_START, SYNC_END):
            keyboard.driver.write(piece)
    finally:
        keyboard.driver.disable_input()
        keyboard.close()
    assert writer.pieces == ["a", f"{SYNC_START}bc{SYNC_END}", "d", SYNC_END, SYNC_START + SYNC_END]
