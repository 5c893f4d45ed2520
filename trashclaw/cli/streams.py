"""The standard streams of a program whose reader has gone away."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TextIO


def let_go(*streams: TextIO) -> None:
    """Point streams at nothing: what is left in their buffers cannot be written any more."""
    for stream in streams:
        with suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, stream.fileno())
            os.close(nothing)


def flush_or_let_go(stream: TextIO) -> None:
    """Write what is left in a stream's buffer; where nobody reads any more, forget it."""
    try:
        stream.flush()
    except OSError:
        let_go(stream)
