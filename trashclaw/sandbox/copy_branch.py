"""A workspace as a copy of its own, and what a command did to the copy."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.held_branch import HeldBranch, entry_of
from trashclaw.sandbox.ports import BranchChange

Marks = Mapping[str, tuple[int, ...]]
"""For every path of the copy what tells whether it was touched since."""

_CHUNK_BYTES = 1 << 20


def make_copy(source: Path, target: Path) -> Marks:
    """Copy a folder to a place that is not there yet, as clones where the file system can; return its marks.

    Raises:
        WorkspaceError: it cannot be copied.
    """
    ways = [["-c", "-R", "-p"], ["-R", "-p"]] if sys.platform == "darwin" else [["-a", "--reflink=auto"]]
    reason = ""
    for way in ways:
        done = subprocess.run(["cp", *way, "--", source, target], capture_output=True, text=True, errors="replace")
        if done.returncode == 0:
            return {path: _mark(found) for path, found in _walk(target)}
        reason = done.stderr.strip()[:300]
        shutil.rmtree(target, ignore_errors=True)
    raise WorkspaceError(f"The workspace could not be copied for the command: {reason}.", "Free some room on the disk.")


class CopyBranch(HeldBranch):
    """What a command did to a copy; what others did to the real folder meanwhile is no part of it."""

    def __init__(self, root: Path, copy: Path, marks: Marks, started_at: float, on_discard: Callable[[], None]) -> None:
        super().__init__(root, started_at, on_discard)
        self._copy = copy
        self._marks = marks

    def changes(self) -> tuple[BranchChange, ...]:
        """Return all changes, folders before what is in them, sorted by path. Blocks on the disk.

        Raises:
            WorkspaceError: the copy cannot be read.
        """
        try:
            return tuple(sorted(self._compare(), key=lambda change: change.path))
        except OSError as error:
            raise WorkspaceError(f"What the command left cannot be read: {error.strerror}.") from error

    def _compare(self) -> Iterator[BranchChange]:
        there = set()
        for path, found in _walk(self._copy):
            there.add(path)
            if self._marks.get(path) != _mark(found):
                before = self._before(path)
                if not self._is_same(path, before, found):
                    yield BranchChange(path, entry_of(before), entry_of(found))
        for path in self._marks.keys() - there:
            before = self._before(path)
            if before is not None:
                yield BranchChange(path, entry_of(before), None)

    def _before(self, path: str) -> os.stat_result | None:
        """Return what the real folder has at a path that was in the copy from the start; nothing behind a new link."""
        if path not in self._marks:
            return None
        try:
            return os.lstat(self._root / path)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _is_same(self, path: str, before: os.stat_result | None, after: os.stat_result) -> bool:
        if before is None or before.st_mode != after.st_mode:
            return False
        if stat.S_ISLNK(after.st_mode):
            return (self._root / path).readlink() == (self._copy / path).readlink()
        if not stat.S_ISREG(after.st_mode):
            return stat.S_ISDIR(after.st_mode)
        return before.st_size == after.st_size and _has_same_bytes(self._root / path, self._copy / path)

    def _read(self, path: str) -> bytes:
        parts = path.split("/")
        if any(part in {"", ".", ".."} for part in parts):
            raise ValueError("no such path")
        for depth in range(1, len(parts)):
            if not stat.S_ISDIR(os.lstat(self._copy / "/".join(parts[:depth])).st_mode):
                raise ValueError("it lies behind a link")
        place = self._copy / path
        found = place.lstat()
        if stat.S_ISLNK(found.st_mode):
            return os.fsencode(place.readlink())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no file")
        return _bytes_of(place)


def _walk(top: Path) -> Iterator[tuple[str, os.stat_result]]:
    """Yield every path below a folder with what lies there; folders that a command locked are opened."""
    pending = [""]
    while pending:
        folder = pending.pop()
        place = top / folder
        if not os.access(place, os.R_OK | os.X_OK):
            place.chmod(place.stat().st_mode | stat.S_IRWXU)
        with os.scandir(place) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}" if folder else entry.name
                found = entry.stat(follow_symlinks=False)
                yield path, found
                if stat.S_ISDIR(found.st_mode):
                    pending.append(path)


def _mark(found: os.stat_result) -> tuple[int, ...]:
    """Return what changes with every touch; of a folder only what is its own."""
    if stat.S_ISDIR(found.st_mode):
        return (found.st_mode,)
    return (found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns)


def _bytes_of(place: Path) -> bytes:
    if not os.access(place, os.R_OK):
        place.chmod(place.lstat().st_mode | stat.S_IRUSR)
    return place.read_bytes()


def _has_same_bytes(first: Path, second: Path) -> bool:
    with first.open("rb", buffering=0) as old, second.open("rb", buffering=0) as new:
        while True:
            left, right = old.read(_CHUNK_BYTES), new.read(_CHUNK_BYTES)
            if left != right:
                return False
            if not left:
                return True
