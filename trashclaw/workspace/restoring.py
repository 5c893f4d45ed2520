"""Brings files back from a snapshot, each whole or not at all, and removes those that were not there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from trashclaw.workspace.files import replace_file
from trashclaw.workspace.leftovers import temporary_beside
from trashclaw.workspace.root import Workspace, failure
from trashclaw.workspace.snapshot_store import SnapshotStore, TreeChange

BATCH_FILES = 32
_ABSENT, _SYMLINK, _EXECUTABLE = "000000", "120000", "100755"


class Restoring:
    """One restore; its steps block on the disk and run in a thread."""

    def __init__(self, workspace: Workspace, store: SnapshotStore) -> None:
        self._workspace = workspace
        self._store = store

    async def run(self, changes: Sequence[TreeChange]) -> None:
        """Turn the old side of each change into the new one; removals come first, they may be in the way.

        Raises:
            WorkspaceError: a file cannot be written; those before it are done.
        """
        await asyncio.to_thread(self._remove, [change for change in changes if change.new_mode == _ABSENT])
        wanted = [change for change in changes if change.new_mode != _ABSENT]
        for at in range(0, len(wanted), BATCH_FILES):
            batch = wanted[at : at + BATCH_FILES]
            blobs = await self._store.blobs([change.new_blob for change in batch])
            await asyncio.to_thread(self._write, batch, blobs)

    def _remove(self, changes: Sequence[TreeChange]) -> None:
        for change in changes:
            place = self._place(change.path)
            try:
                place.unlink(missing_ok=True)
            except OSError as error:
                raise failure(change.path, error) from error
            self._remove_empty_folders(place.parent)

    def _write(self, changes: Sequence[TreeChange], blobs: Sequence[bytes]) -> None:
        for change, data in zip(changes, blobs, strict=True):
            place = self._place(change.path)
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                if change.new_mode == _SYMLINK:
                    _put_link(place, data)
                else:
                    _put_file(place, data, is_executable=change.new_mode == _EXECUTABLE)
            except OSError as error:
                raise failure(change.path, error) from error

    def _place(self, path: str) -> Path:
        """Return where a path of the snapshot lies; its folder must be inside, its own link is not followed."""
        pure = PurePosixPath(path)
        return self._workspace.resolve(str(pure.parent), for_write=True) / pure.name

    def _remove_empty_folders(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            while folder != self._workspace.root:
                folder.rmdir()
                folder = folder.parent


def _put_link(place: Path, data: bytes) -> None:
    temporary = temporary_beside(place)
    temporary.symlink_to(os.fsdecode(data))
    try:
        temporary.replace(place)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _put_file(place: Path, data: bytes, *, is_executable: bool) -> None:
    before = place.lstat() if place.exists() and not place.is_symlink() else None
    mode = None
    if before is not None:
        mode = stat.S_IMODE(before.st_mode) & ~0o111
        mode |= (mode & 0o444) >> 2 if is_executable else 0
    replace_file(place, data, before, mode)
    if before is None and is_executable:
        made = stat.S_IMODE(place.stat().st_mode)
        place.chmod(made | (made & 0o444) >> 2)
