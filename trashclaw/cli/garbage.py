"""Garbage: of what is imported at the start nothing is any, and to look for it takes a tenth of the start."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from contextlib import contextmanager

SHOWN_S = 1.0
"""After so long everything that an opened session is shown with is there."""

SELDOM = (1_000, 10, 50)
"""New objects until the youngest are looked through; how often that is until the older ones are as well, and how often
until all are. An answer that comes in would else have all looked through every few seconds, and a key waits as long."""


def put_off() -> None:
    """Look for no garbage until `collect` is called."""
    gc.disable()


def collect() -> None:
    """Begin to look for garbage, but not among what is there already: it lives as long as the program."""
    if not gc.isenabled():
        gc.freeze()
        gc.set_threshold(*SELDOM)
        gc.enable()


@contextmanager
def while_opening() -> Iterator[None]:
    """Look for no garbage while a session is opened and first shown: of what a long one is made, nothing is any.

    What the first one brings is passed over from then on, until another one is opened: then the first may be garbage.
    Only within an event loop.
    """
    is_first = not gc.isenabled()
    if not is_first:
        gc.unfreeze()
        gc.disable()
    try:
        yield
    finally:
        asyncio.get_running_loop().call_later(SHOWN_S, collect if is_first else gc.enable)
