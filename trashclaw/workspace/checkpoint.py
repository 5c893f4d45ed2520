"""Checkpoints: restorable snapshots of the workspace, outside the user's history."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.protocol.ids import CheckpointId
from trashclaw.workspace.git_folder import find_git_folder
from trashclaw.workspace.leftovers import TEMPORARY_PREFIX
from trashclaw.workspace.presence import is_file
from trashclaw.workspace.restoring import Restoring
from trashclaw.workspace.root import Workspace, names_git
from trashclaw.workspace.snapshot_store import SnapshotStore, TreeChange

FILE_LIMIT_BYTES = 10_000_000
"""A larger file is in no snapshot: tools do not edit it either."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    paths: tuple[str, ...]
    """Files that were brought back, changed or removed; empty when there are conflicts."""

    conflicts: tuple[str, ...] = ()
    """Files that somebody changed since; nothing was restored because of them."""

    before_id: CheckpointId | None = None
    """A checkpoint of the moment before, to take the restore back."""


class Checkpoints:
    """Snapshots of a workspace in a store of our own; one at a time."""

    def __init__(self, workspace: Workspace, store: Path) -> None:
        self._workspace = workspace
        self._store = SnapshotStore(workspace.root, Path(os.path.realpath(store)))
        self._lock = asyncio.Lock()

    async def create(self, label: str) -> CheckpointId:
        """Snapshot every tracked file and every untracked one that is not ignored, with modes and symlinks.

        Raises:
            GitFailed: there is no git, or the store cannot be written.
        """
        async with self._lock:
            await self._store.open()
            return await self._create(label)

    async def restore(
        self, checkpoint_id: CheckpointId, *, since: CheckpointId | None = None, force: bool = False
    ) -> Restored:
        """Bring the files back to a checkpoint.

        With `since` (the checkpoint after the agent's last effect) only what differs between the two is brought back,
        and a file that is no longer as in `since` is a conflict: then nothing is restored, unless `force` is set.

        Raises:
            GitFailed: a checkpoint is not there.
            WorkspaceError: a file cannot be written; those before it are restored already.
        """
        async with self._lock:
            await self._store.open()
            await self._require(checkpoint_id)
            if since is not None:
                await self._require(since)
            now = await self._create("before a restore")
            changes = await self._store.compare(now, checkpoint_id)
            if since is not None:
                mine = {change.path: change for change in await self._store.compare(since, checkpoint_id)}
                changes = [change for change in changes if change.path in mine]
                conflicts = tuple(change.path for change in changes if change.old != mine[change.path].old)
                if conflicts and not force:
                    return Restored((), conflicts, now)
            return await self._bring_back(changes, now)

    async def changed_paths(self, old: CheckpointId, new: CheckpointId) -> tuple[str, ...]:
        """Return the files in which two checkpoints differ.

        Raises:
            GitFailed: one of them is not there.
        """
        async with self._lock:
            await self._store.open()
            await self._require(old)
            await self._require(new)
            return tuple(change.path for change in await self._store.compare(old, new))

    async def _bring_back(self, changes: Sequence[TreeChange], now: CheckpointId) -> Restored:
        restoring = Restoring(self._workspace, self._store)
        task = asyncio.create_task(restoring.run(changes), name="restore")
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await task
            raise
        return Restored(tuple(change.path for change in changes), (), now)

    async def _require(self, checkpoint_id: CheckpointId) -> None:
        if not re.fullmatch(r"[0-9a-f]{40,64}", checkpoint_id) or not await self._store.has(checkpoint_id):
            raise GitFailed(f"There is no checkpoint {checkpoint_id[:64]!r}.")

    async def _create(self, label: str) -> CheckpointId:
        indexed = await self._store.indexed_paths()
        found = {*indexed, *await self._store.unindexed_paths(self._excludes()), *await self._store.users_paths()}
        kept, left_out = await asyncio.to_thread(_sort_out, self._workspace.root, found)
        gone = set(left_out).intersection(indexed)
        tree = await self._store.write_tree(sorted(kept), sorted(gone))
        return CheckpointId(await self._store.write_commit(tree, label))

    def _excludes(self) -> list[str]:
        """Leave out our own state, our temporary files, and what the user's repository excludes for itself."""
        excludes = [f"--exclude={TEMPORARY_PREFIX}*.tmp"]
        if self._store.folder.is_relative_to(self._workspace.root):
            inside = self._store.folder.relative_to(self._workspace.root).as_posix()
            excludes.append(f"--exclude=/{_literal(inside)}/")
        folder = find_git_folder(self._workspace.root)
        own = folder / "info" / "exclude" if folder else None
        return [*excludes, f"--exclude-from={own}"] if own and is_file(own) else excludes


def _sort_out(root: Path, found: Iterable[str]) -> tuple[list[str], list[str]]:
    """Divide paths into those that belong in a snapshot and those that do not."""
    kept: list[str] = []
    left_out: list[str] = []
    is_plain: dict[str, bool] = {"": True}
    for path in found:
        is_kept = _is_plain_folder(root, path.rpartition("/")[0], is_plain) and _belongs(root / path, path)
        (kept if is_kept else left_out).append(path)
    return kept, left_out


def _is_plain_folder(root: Path, folder: str, known: dict[str, bool]) -> bool:
    """Tell whether no part of a folder's path is a symlink (git refuses what lies beyond one) or git's own."""
    if folder not in known:
        above, _, name = folder.rpartition("/")
        is_plain = _is_plain_folder(root, above, known) and not names_git(name)
        known[folder] = is_plain and not (root / folder).is_symlink()
    return known[folder]


def _belongs(real: Path, path: str) -> bool:
    if path.endswith("/") or names_git(real.name):
        return False
    try:
        entry = real.lstat()
    except OSError:
        return False
    if stat.S_ISLNK(entry.st_mode):
        return True
    return stat.S_ISREG(entry.st_mode) and entry.st_size <= FILE_LIMIT_BYTES and os.access(real, os.R_OK)


def _literal(path: str) -> str:
    return re.sub(r"([\\*?\[\]!# ])", r"\\\1", path)
