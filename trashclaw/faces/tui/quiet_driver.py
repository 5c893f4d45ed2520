"""The driver of Textual without its clock: the system tells when there are keys, so nobody looks all the time.

An app that is left open all day is woken here by keys, by the end of an escape sequence that did not go on, and when it
leaves.
"""

from __future__ import annotations

import os
import selectors
from codecs import getincrementaldecoder

from textual._time import get_time
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver

_READ_BYTES = 4_096
_LONGEST_S = 1.0
"""We look so often all the same, should nobody have told that the terminal went away."""

_NEAR_S = 0.005
"""Added to a wait for the end of a sequence, so that it has passed when we wake."""


class QuietDriver(LinuxDriver):
    """Waits for input without a clock."""

    _wake: int | None = None
    """Written to when the thread that reads keys has to end."""

    _is_ending = False

    def run_input_thread(self) -> None:
        """Read keys until input is disabled."""
        self._is_ending = False
        reading, self._wake = os.pipe()
        try:
            # Of the ways to wait, this is the one that knows terminals on every system.
            with selectors.SelectSelector() as selector:
                selector.register(self.fileno, selectors.EVENT_READ)
                selector.register(reading, selectors.EVENT_READ)
                self._read(selector)
        finally:
            wake, self._wake = self._wake, None
            os.close(wake)
            os.close(reading)

    def _read(self, selector: selectors.BaseSelector) -> None:
        parser = XTermParser(self._debug)
        decode = getincrementaldecoder("utf-8")("replace").decode
        while not (self._is_ending or self.exit_event.is_set()):
            ready = {key.fd for key, _ in selector.select(_left_s(parser))}
            if self.fileno in ready:
                data = os.read(self.fileno, _READ_BYTES)
                if not data:
                    # The terminal has gone away; the app hears of that by a signal.
                    selector.unregister(self.fileno)
                for message in parser.feed(decode(data)) if data else ():
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def disable_input(self) -> None:
        """Stop reading keys, at once."""
        self._is_ending = True
        if self._wake is not None:
            os.write(self._wake, b"\0")
        super().disable_input()


def _left_s(parser: XTermParser) -> float:
    """Return how long to wait: for the end of the sequence that has begun, if one has."""
    ends_at = parser._timeout_time
    return _LONGEST_S if ends_at is None else max(0.0, ends_at - get_time()) + _NEAR_S
