"""Folders on the disk for what commands write: one for each run, and none left when their owner is gone."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import stat
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError

_LOCK = "owner"
_NEW = "new-"
_NEW_LIMIT_S = 3600.0
_DEEP = 64


class OwnerFolder:
    """A folder that belongs to one running process: it holds a lock, which ends with it however it ends."""

    def __init__(self, parent: Path) -> None:
        """Make it, and remove those beside it whose owner is gone. Blocks on the disk.

        Raises:
            WorkspaceError: it cannot be made.
        """
        self._numbers = itertools.count(1)
        try:
            parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            sweep(parent)
            name = secrets.token_hex(6)
            new = parent / f"{_NEW}{name}"
            new.mkdir(mode=0o700)
            self._lock = _locked(new / _LOCK)
            self.path = new.rename(parent / name)
        except OSError as error:
            text = f"No folder for commands can be made in {parent}: {error.strerror}."
            raise WorkspaceError(text, "Free some room there, or set `sandbox.backend`.") from error

    def make_run(self, names: Sequence[str]) -> Path:
        """Make the folder of one run, with these folders in it."""
        run = self.path / str(next(self._numbers))
        run.mkdir(mode=0o700)
        for name in names:
            (run / name).mkdir(mode=0o755)
        return run

    def close(self) -> None:
        """Remove the folder and all that is in it. Blocks on the disk."""
        remove_tree(self.path)
        os.close(self._lock)


def sweep(parent: Path) -> None:
    """Remove the folders of processes that are gone."""
    with os.scandir(parent) as entries:
        found = [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False)]
    for folder in found:
        with contextlib.suppress(OSError):
            is_new = folder.name.startswith(_NEW) or not (folder / _LOCK).exists()
            if is_new and time.time() - folder.stat().st_mtime < _NEW_LIMIT_S:
                continue
            lock = _locked(folder / _LOCK)
            try:
                remove_tree(folder)
            finally:
                os.close(lock)


def remove_tree(folder: Path) -> None:
    """Remove a folder whatever a command made of it: without permissions, or nested deeper than paths can be long."""
    if not folder.is_symlink() and folder.is_dir():
        for _ in range(3):
            if _remove_once(str(folder)):
                return


def _remove_once(top: str) -> bool:
    """Remove a tree; folders far below are moved up first, so that no path becomes too long."""
    pending, done, count = [(top, 0)], list[str](), 0
    while pending:
        folder, depth = pending.pop()
        done.append(folder)
        for entry in _entries(folder):
            if not entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
                continue
            place = entry.path
            if depth >= _DEEP:
                count += 1
                place = os.path.join(top, f".deep-{os.getpid()}-{count}")
                try:
                    os.chmod(entry.path, stat.S_IRWXU)
                    os.rename(entry.path, place)
                except OSError:
                    continue
            pending.append((place, 1 if place != entry.path else depth + 1))
    for folder in reversed(done):
        with contextlib.suppress(OSError):
            os.rmdir(folder)
    return not os.path.lexists(top)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        if os.lstat(folder).st_mode & stat.S_IRWXU != stat.S_IRWXU:
            os.chmod(folder, stat.S_IRWXU)
        with os.scandir(folder) as entries:
            yield from list(entries)
    except OSError:
        return


def _locked(path: Path) -> int:
    """Open and lock a file.

    Raises:
        OSError: somebody else holds it.
    """
    import fcntl

    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(fd)
        raise
    return fd
