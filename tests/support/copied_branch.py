"""A branch made by copying: a real command runs in a copy of the folder, and the two are compared."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from trashclaw.sandbox.ports import BranchChange, Entry, EntryKind

Snapshot = dict[str, tuple[Entry, bytes]]


class CopiedBranch:
    """What a command did in a copy of a folder."""

    def __init__(self, root: Path, copy: Path, subfolder: str = "") -> None:
        """Copy `root` (or everything around it, to `copy`, with the branch at `subfolder`)."""
        self.root = root
        self._copy = copy
        self.folder = copy / subfolder if subfolder else copy
        self._before = snapshot(root)
        self.started_at = 0.0

    def run(self, command: str, env: Mapping[str, str] | None = None) -> CopiedBranch:
        """Run a shell command in the copy; its exit code does not matter."""
        self.started_at = time.time()
        # The clock of the file system lags behind; nothing of the past may look newer than the start.
        subprocess.run(command, shell=True, cwd=self.folder, timeout=60, capture_output=True, env=env, check=False)
        return self

    def changes(self) -> tuple[BranchChange, ...]:
        """Return all changes."""
        before, after = self._before, snapshot(self.folder)
        found = []
        for path in sorted(before.keys() | after.keys()):
            old, new = before.get(path), after.get(path)
            if old == new or (old and new and old[0].kind is new[0].kind is EntryKind.LINK and old[1] == new[1]):
                continue
            found.append(BranchChange(path, old[0] if old else None, new[0] if new else None))
        return tuple(found)

    def read(self, path: str) -> bytes:
        """Return the new bytes of a file or the target of a link."""
        return _bytes(self.folder / path)

    def discard(self) -> None:
        """Remove the copy."""
        shutil.rmtree(self._copy, ignore_errors=True)


def branch_of(root: Path, command: str, copy: Path, env: Mapping[str, str] | None = None) -> CopiedBranch:
    """Copy a folder, run a command in the copy, and return what it did."""
    shutil.copytree(root, copy, symlinks=True)
    return CopiedBranch(root, copy).run(command, env)


def snapshot(root: Path) -> Snapshot:
    """Return everything under a folder: kind, mode and bytes by path."""
    return {os.fsdecode(os.path.relpath(path, root)): _look(Path(path)) for path in _walk(str(root))}


def _walk(root: str) -> Iterator[str]:
    for entry in sorted(os.scandir(root), key=lambda entry: entry.name):
        yield entry.path
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)


def _look(path: Path) -> tuple[Entry, bytes]:
    found = path.lstat()
    mode = stat.S_IMODE(found.st_mode)
    if stat.S_ISDIR(found.st_mode):
        return Entry(EntryKind.FOLDER, mode, 0), b""
    if stat.S_ISLNK(found.st_mode):
        return Entry(EntryKind.LINK, mode, found.st_size), _bytes(path)
    if stat.S_ISREG(found.st_mode):
        return Entry(EntryKind.FILE, mode, found.st_size), _bytes(path)
    return Entry(EntryKind.OTHER, mode, 0), b""


def _bytes(path: Path) -> bytes:
    return os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
