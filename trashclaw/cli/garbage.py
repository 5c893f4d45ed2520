"""Garbage: of what is imported at the start nothing is any, and to look for it takes a tenth of the start."""

from __future__ import annotations

import gc


def put_off() -> None:
    """Look for no garbage until `collect` is called."""
    gc.disable()


def collect() -> None:
    """Begin to look for garbage, but not among what is there already: it lives as long as the program."""
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
