"""Brings files back from a snapshot, each whole or not at all, and removes those that were not there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from trashclaw.protocol.errors import OutsideWorkspace
from trashclaw.workspace.files import SYNCED_FILES, replace_file
from trashclaw.workspace.held_folder import keep_folders
from trashclaw.workspace.leftovers import temporary_beside
from trashclaw.workspace.root import Workspace, failure, names_git
from trashclaw.workspace.snapshot_store import SnapshotStore
from trashclaw.workspace.tree_change import ABSENT, EXECUTABLE, SYMLINK, Entry, TreeChange

BATCH_FILES = 32


class Restoring:
    """One restore; its steps block on the disk and run in a thread."""

    def __init__(self, workspace: Workspace, store: SnapshotStore) -> None:
        self._workspace = workspace
        self._store = store

    async def run(self, changes: Sequence[TreeChange]) -> None:
        """Turn the old side of each change into the new one; removals come first, they may be in the way.

        Raises:
            OutsideWorkspace: a file would land outside the workspace or in git's own folder; nothing is done.
            WorkspaceError: a file cannot be written; those before it are done.
        """
        await asyncio.to_thread(self._check, changes)
        await asyncio.to_thread(self._remove, [change for change in changes if change.new.mode == ABSENT])
        wanted = [change for change in changes if change.new.mode != ABSENT]
        for at in range(0, len(wanted), BATCH_FILES):
            batch = wanted[at : at + BATCH_FILES]
            blobs = await self._store.blobs([change.new.blob for change in batch])
            await asyncio.to_thread(self._write, batch, blobs, is_synced=len(wanted) <= SYNCED_FILES)

    def _remove(self, changes: Sequence[TreeChange]) -> None:
        for change in changes:
            place = self._place(change.path)
            try:
                place.unlink(missing_ok=True)
            except OSError as error:
                raise failure(change.path, error) from error
            self._remove_empty_folders(place.parent)

    @keep_folders()
    def _write(self, changes: Sequence[TreeChange], blobs: Sequence[bytes], *, is_synced: bool) -> None:
        for change, data in zip(changes, blobs, strict=True):
            place = self._place(change.path)
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                if change.new.mode == SYMLINK:
                    _put_link(place, data)
                else:
                    _put_file(place, data, change.new, is_synced=is_synced)
            except OSError as error:
                raise failure(change.path, error) from error

    def _check(self, changes: Sequence[TreeChange]) -> None:
        """Find every place before the first is touched; below one that is removed first, nothing is in the way."""
        removed = {change.path for change in changes if change.new.mode == ABSENT}
        for change in changes:
            _refuse_git(change.path, PurePosixPath(change.path).parts)
            if removed.isdisjoint(map(str, PurePosixPath(change.path).parents)):
                self._place(change.path)

    def _place(self, path: str) -> Path:
        """Return where a path of the snapshot lies; its folder must be inside, its own link is not followed.

        Only the jail counts here. What tools may not write (a folder in the shape of a git folder, such as a fixture)
        came into the snapshot as the person's, and goes back as it was.
        """
        pure = PurePosixPath(path)
        folder = self._workspace.resolve(f"./{pure.parent}")
        place = folder / pure.name
        if not place.is_relative_to(self._workspace.root) or self._workspace.is_protected(place):
            raise OutsideWorkspace(f"{path} is outside the workspace and is not brought back.")
        _refuse_git(path, place.relative_to(self._workspace.root).parts)
        return place

    def _remove_empty_folders(self, folder: Path) -> None:
        with contextlib.suppress(OSError):
            while folder != self._workspace.root:
                folder.rmdir()
                folder = folder.parent


def _refuse_git(path: str, parts: Sequence[str]) -> None:
    if any(map(names_git, parts)):
        raise OutsideWorkspace(f"{path} belongs to git and is not brought back.")


def _put_link(place: Path, data: bytes) -> None:
    temporary = temporary_beside(place)
    temporary.symlink_to(os.fsdecode(data))
    try:
        temporary.replace(place)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _put_file(place: Path, data: bytes, entry: Entry, *, is_synced: bool) -> None:
    is_executable = entry.mode == EXECUTABLE
    before = place.lstat() if place.exists() and not place.is_symlink() else None
    mode = entry.bits
    if mode is None and before is not None:
        mode = stat.S_IMODE(before.st_mode) & ~0o111
        mode |= (mode & 0o444) >> 2 if is_executable else 0
    replace_file(place, data, before, mode, is_synced=is_synced)
    if mode is None and is_executable:
        made = stat.S_IMODE(place.stat().st_mode)
        place.chmod(made | (made & 0o444) >> 2)
