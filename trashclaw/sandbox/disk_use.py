"""Measures how much a command has written, by looking at the folders that hold it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Sequence
from pathlib import Path

_REST = 10
"""A count that took long is not made again before this many times as long."""


class DiskUse:
    """The size of some folders on the disk, counted now and then."""

    def __init__(self, folders: Sequence[Path], limit_bytes: int) -> None:
        self._folders = tuple(folders)
        self._limit_bytes = limit_bytes
        self._next_at = 0.0

    def is_over(self) -> bool:
        """Count, unless that was done a short while ago. Blocks on the disk."""
        began = time.monotonic()
        if began < self._next_at:
            return False
        used = sum(map(used_bytes, self._folders))
        ended = time.monotonic()
        self._next_at = ended + _REST * (ended - began)
        return used > self._limit_bytes


def used_bytes(folder: Path) -> int:
    """Return what a folder and all below it take on the disk; links are not followed."""
    used, pending = 0, [os.fspath(folder)]
    while pending:
        try:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    used += found.st_blocks * 512
                    if stat.S_ISDIR(found.st_mode):
                        pending.append(entry.path)
        except OSError:
            continue
    return used
