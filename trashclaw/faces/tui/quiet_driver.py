"""The driver of Textual without its clock: the system tells when there are keys, so nobody looks all the time.

An app that is left open all day is woken here by keys, by the end of an escape sequence that did not go on, and when it
leaves.
"""

from __future__ import annotations

import os
import selectors
import threading
import time
from codecs import getincrementaldecoder

from textual._ansi_sequences import SYNC_END, SYNC_START
from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size

from trashclaw.faces.tui.terminal_ground import ANSWER_S, HELD_S, QUERY, GroundAnswer, GroundTold
from trashclaw.faces.tui.terminal_size import SizeWatch

_READ_BYTES = 4_096
_LONGEST_S = 1.0
"""We look so often all the same, should nobody have told that the terminal went away."""

_NEAR_S = 0.005
"""Added to a wait for the end of a sequence, so that it has passed when we wake."""


class QuietDriver(LinuxDriver):
    """Waits for input without a clock."""

    _wake: tuple[int, int] | None = None
    """A pipe (to read from, to write to) by which the thread that reads keys is told to end. It is there before the
    thread is, and as long: so nobody is told too early."""

    _frame: list[str] | None = None
    """What has been written of a frame that has not ended."""

    _ground: GroundAnswer | None = None
    """The terminal's answer about its background, while it is asked for and has not come."""

    _answered: threading.Event | None = None
    """Set once the answer has come."""

    _asked_at = 0.0
    """When the terminal was asked, on the clock that only goes forward."""

    _sizes: SizeWatch | None = None

    farewell = ""
    """Written before the terminal is let go of, at the end or for another program."""

    def write(self, data: str) -> None:
        """Write; a frame as a whole, since each piece would wake the thread that writes."""
        if data == SYNC_START and self._frame is None:
            self._frame = [data]
        elif self._frame is None:
            super().write(data)
        else:
            self._frame.append(data)
            if data == SYNC_END:
                whole, self._frame = "".join(self._frame), None
                super().write(whole)

    def start_application_mode(self) -> None:
        """Begin to read keys."""
        self._close_wake()
        self._wake = os.pipe()
        self._ground = GroundAnswer() if getattr(self._app, "asks_ground", False) else None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self._ground is not None:
            self._answered, self._asked_at = threading.Event(), time.monotonic()
            self.write(QUERY)

    def run_input_thread(self) -> None:
        """Read keys until input is disabled."""
        if self._wake is None:
            return
        # Of the ways to wait, this is the one that knows terminals on every system.
        with selectors.SelectSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            selector.register(self._wake[0], selectors.EVENT_READ)
            self._read(selector, self._wake[0])

    def _read(self, selector: selectors.BaseSelector, wake: int) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not self.exit_event.is_set():
            left_s = _left_s(parser)
            is_held = self._ground is not None and self._ground.is_begun
            ready = {key.fd for key, _ in selector.select(min(left_s, HELD_S) if is_held else left_s)}
            if wake in ready:
                return
            if self.fileno in ready:
                data = os.read(self.fileno, _READ_BYTES)
                if not data:
                    # The terminal has gone away; the app hears of that by a signal.
                    selector.unregister(self.fileno)
                for message in parser.feed(keys) if data and (keys := self._keys_in(decode(data))) else ():
                    self.process_message(message)
            elif is_held and self._ground is not None:
                for message in parser.feed(self._ground.give_up()):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)
            if not ready and left_s == _LONGEST_S and not self.is_inline:
                self._look_at_size()

    def _look_at_size(self) -> None:
        if self._sizes is None:
            self._sizes = SizeWatch(self._app)
        if (lost := self._sizes.lost(Size(*self._get_terminal_size()))) is not None:
            self.process_message(lost)

    def stop_application_mode(self) -> None:
        """Take leave, and let go of the terminal."""
        farewell, self.farewell = self.farewell, ""
        if farewell:
            self.write(farewell)
        super().stop_application_mode()

    def _keys_in(self, text: str) -> str:
        """Return what came but for the terminal's answer, which is handed on."""
        if self._ground is None:
            return text
        text = self._ground.take(text)
        if self._ground.is_light is not None:
            self.process_message(GroundTold(is_light=self._ground.is_light))
            self._ground = None
            if self._answered is not None:
                self._answered.set()
        return text

    def disable_input(self) -> None:
        """Stop reading keys, at once; but an answer that is on its way is none for whoever has the terminal next."""
        if self._ground is not None and self._answered is not None:
            self._answered.wait(max(0.0, self._asked_at + ANSWER_S - time.monotonic()))
        self._answered = None
        if self._wake is not None:
            os.write(self._wake[1], b"\0")
        super().disable_input()
        if self._key_thread is None or not self._key_thread.is_alive():
            self._close_wake()

    def _close_wake(self) -> None:
        for end in self._wake or ():
            os.close(end)
        self._wake = None


def _left_s(parser: XTermParser) -> float:
    """Return how long to wait: for the end of the sequence that has begun, if one has."""
    ends_at = parser._timeout_time
    return _LONGEST_S if ends_at is None else max(0.0, ends_at - get_time()) + _NEAR_S
