"""Measures what the processes of a command use: memory, number, disk."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator

_PAGE_BYTES = 4096
_ENTRY_BYTES = 512
_BLOCK_BYTES = 512
_DISK_PAUSE_S = 2.0
_SLICE_S = 0.02
_OWN_PID = "1"


def process_ids() -> list[str]:
    """Return all processes of this pid namespace but the first."""
    return [name for name in os.listdir("/proc") if name.isdigit() and name != _OWN_PID]


def memory_used(pids: list[str], limit: int) -> int:
    """Return bytes of memory in use, shared ones once; exact only where the limit may be exceeded."""
    rough = sum(map(_resident, pids))
    shared = _held_by_files("/dev/shm")
    if rough + shared <= limit:
        return rough + shared
    return sum(map(_proportional, pids)) + shared


def _resident(pid: str) -> int:
    """Return what a process has of its own; after a fork the same pages are counted for both."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            fields = file.read().split()
        return (int(fields[1]) - int(fields[2])) * _PAGE_BYTES
    except (OSError, IndexError, ValueError):
        return 0


def _proportional(pid: str) -> int:
    try:
        with open(f"/proc/{pid}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith((b"Pss_Anon:", b"Pss:")) and line.startswith(b"Pss_Anon:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return 0
    return _resident(pid)


def _held_by_files(folder: str) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return (found.f_blocks - found.f_bfree) * found.f_frsize


class DiskUse:
    """What a command has written, from the folder that holds all of it.

    Counting a large tree takes long: it goes on in slices, and begins anew only when the whole file system has lost so
    much room that the limit may be reached, and from time to time.
    """

    def __init__(self, fd: int, limit: int) -> None:
        self._fd = fd
        self._limit = limit
        self._counted = 0
        self._free = self._free_bytes()
        self._begun_at = self._done_at = time.monotonic()
        self._walk: Iterator[int] | None = None
        self._sum = 0
        self._free_then = self._free

    def is_over(self, pids: list[str]) -> bool:
        """Go on counting for a moment; tell whether the last full count is over the limit."""
        now = time.monotonic()
        if self._walk is None:
            grown = self._free - self._free_bytes()
            pause = max(_DISK_PAUSE_S, 10 * (self._done_at - self._begun_at))
            if grown + self._counted <= self._limit and now - self._done_at < pause:
                return False
            self._walk, self._sum, self._begun_at, self._free_then = self._sizes(pids), 0, now, self._free_bytes()
        for size in self._walk:
            self._sum += size
            if self._sum > self._limit:
                return True
            if time.monotonic() - now > _SLICE_S:
                return False
        self._walk, self._counted, self._free, self._done_at = None, self._sum, self._free_then, time.monotonic()
        return False

    def _free_bytes(self) -> int:
        found = os.fstatvfs(self._fd)
        return found.f_bfree * found.f_frsize

    def _sizes(self, pids: list[str]) -> Iterator[int]:
        seen: set[tuple[int, int]] = set()
        yield from self._unlinked(pids, seen)
        pending = [f"/proc/self/fd/{self._fd}"]
        while pending:
            try:
                with os.scandir(pending.pop()) as entries:
                    for entry in entries:
                        found = entry.stat(follow_symlinks=False)
                        if stat.S_ISDIR(found.st_mode):
                            pending.append(entry.path)
                        yield _ENTRY_BYTES + _new_bytes(found, seen)
            except OSError:
                continue

    @staticmethod
    def _unlinked(pids: list[str], seen: set[tuple[int, int]]) -> Iterator[int]:
        """Yield the sizes of files without a name that are still open."""
        for pid in pids:
            try:
                numbers = os.listdir(f"/proc/{pid}/fd")
            except OSError:
                continue
            for number in numbers:
                try:
                    found = os.stat(f"/proc/{pid}/fd/{number}")
                except OSError:
                    continue
                if stat.S_ISREG(found.st_mode) and found.st_nlink == 0:
                    yield _new_bytes(found, seen)


def _new_bytes(found: os.stat_result, seen: set[tuple[int, int]]) -> int:
    """Return the size on the disk, 0 for a further name of the same file."""
    if found.st_nlink != 1:
        key = (found.st_dev, found.st_ino)
        if key in seen:
            return 0
        seen.add(key)
    return found.st_blocks * _BLOCK_BYTES
