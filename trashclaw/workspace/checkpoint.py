"""Checkpoints: restorable snapshots of the workspace, outside the user's history."""

from __future__ import annotations

import asyncio
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.protocol.ids import CheckpointId
from trashclaw.workspace.git_folder import find_git_folder
from trashclaw.workspace.leftovers import TEMPORARY_PREFIX
from trashclaw.workspace.presence import is_file
from trashclaw.workspace.restoring import Restoring
from trashclaw.workspace.root import Workspace, names_git
from trashclaw.workspace.snapshot_store import SnapshotStore, tree_name
from trashclaw.workspace.tree_change import TreeChange
from trashclaw.workspace.waiting import wait_out

IsOwn = Callable[[str, bytes | None], bool]
"""Tells whether a path holds what the agent left there; `None` means that there is no file."""

FILE_LIMIT_BYTES = 10_000_000
"""A larger file is in no snapshot: tools do not edit it either."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    paths: tuple[str, ...]
    """Files that were brought back, changed or removed; empty when there are conflicts."""

    conflicts: tuple[str, ...] = ()
    """Files that somebody changed since; nothing was restored because of them."""

    left_alone: tuple[str, ...] = ()
    """Files that differ from the checkpoint, but nobody knows by whom."""


class Checkpoints:
    """Snapshots of a workspace in a store of our own; one at a time."""

    def __init__(self, workspace: Workspace, store: Path) -> None:
        self._workspace = workspace
        self._store = SnapshotStore(workspace.root, Path(os.path.realpath(store)))
        self._lock = asyncio.Lock()

    async def create(self, label: str, also: Collection[str] = ()) -> CheckpointId:
        """Snapshot every tracked file and every untracked one that is not ignored, with modes and symlinks.

        `also` are paths to include even where git ignores them or another repository has them.

        Raises:
            GitFailed: there is no git, or the store cannot be written.
        """
        async with self._lock:
            await self._store.open()
            return CheckpointId(await self._store.write_commit(await self._snapshot(also), label))

    async def extend(self, checkpoint_id: CheckpointId, also: Collection[str]) -> None:
        """Take into a checkpoint, as they are now, those of the paths that no snapshot has unless it is told to.

        Raises:
            GitFailed: the checkpoint is not there, or the store cannot be written.
        """
        async with self._lock:
            name = await self._require(checkpoint_id)
            found, _ = await asyncio.to_thread(_sort_out, self._workspace, also)
            seen = {*await self._store.indexed_paths(), *await self._store.paths_in(name, found)}
            seen |= {*await self._store.unindexed_paths(self._excludes(), found)} if found else set()
            if missing := sorted(set(found) - seen):
                await self._store.replace_tree(checkpoint_id, await self._store.add_to_tree(name, missing))

    async def restore(self, checkpoint_id: CheckpointId, *, since: CheckpointId | None = None) -> Restored:
        """Bring the files back to a checkpoint.

        With `since` (the checkpoint after the agent's last effect) only what differs between the two is brought back,
        and a file that is no longer as in `since` is a conflict: then nothing is restored.

        Raises:
            GitFailed: a checkpoint is not there.
            WorkspaceError: a file cannot be written; those before it are restored already.
        """
        async with self._lock:
            name = await self._require(checkpoint_id)
            if since is None:
                now = await self._snapshot(await self._store.paths_in(name))
                return await self._bring_back(await self._store.compare(now, name))
            mine = {change.path: change for change in await self._store.compare(await self._require(since), name)}
            now = await self._snapshot(mine)
            changes = [change for change in await self._store.compare(now, name) if change.path in mine]
            conflicts = tuple(change.path for change in changes if change.old != mine[change.path].old)
            return Restored((), conflicts) if conflicts else await self._bring_back(changes)

    async def restore_own(self, checkpoint_id: CheckpointId, paths: Collection[str], is_own: IsOwn) -> Restored:
        """Bring back those of the paths whose present bytes are the agent's own, where nobody noted a `since`.

        One of them that differs and is not its own is a conflict: then nothing is restored. Other files stay as they
        are; those that differ are `left_alone`.

        Raises:
            GitFailed: the checkpoint is not there.
            WorkspaceError: a file cannot be written; those before it are restored already.
        """
        async with self._lock:
            name = await self._require(checkpoint_id)
            now = await self._snapshot({*paths, *await self._store.paths_in(name)})
            changes = await self._store.compare(now, name)
            touched = [change for change in changes if change.path in paths]
            left_alone = tuple(change.path for change in changes if change.path not in paths)
            contents = await self._store.old_contents(touched)
            conflicts = tuple(
                change.path
                for change, data in zip(touched, contents, strict=True)
                if not (change.keeps_mode and is_own(change.path, data))
            )
            if conflicts:
                return Restored((), conflicts, left_alone)
            return await self._bring_back(touched, left_alone)

    async def changed_paths(self, old: CheckpointId, new: CheckpointId) -> tuple[str, ...]:
        """Return the files in which two checkpoints differ.

        Raises:
            GitFailed: one of them is not there.
        """
        async with self._lock:
            names = await self._require(old), await self._require(new)
            return tuple(change.path for change in await self._store.compare(*names))

    async def _bring_back(self, changes: Sequence[TreeChange], left_alone: tuple[str, ...] = ()) -> Restored:
        restoring = Restoring(self._workspace, self._store)
        task = asyncio.create_task(restoring.run(changes), name="restore")
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await wait_out(task)
            raise
        return Restored(tuple(change.path for change in changes), (), left_alone)

    async def _require(self, checkpoint_id: CheckpointId) -> str:
        """Return the name of a checkpoint's tree."""
        await self._store.open()
        if not re.fullmatch(r"[0-9a-f]{40,64}", checkpoint_id) or not await self._store.has(checkpoint_id):
            raise GitFailed(f"There is no checkpoint {checkpoint_id[:64]!r}.")
        return tree_name(checkpoint_id)

    async def _snapshot(self, also: Collection[str]) -> str:
        """Return the tree of the files as they are."""
        indexed = await self._store.indexed_paths()
        found = {*indexed, *await self._store.unindexed_paths(self._excludes()), *await self._store.users_paths()}
        kept, left_out = await asyncio.to_thread(_sort_out, self._workspace, found)
        gone = set(left_out).intersection(indexed)
        tree = await self._store.write_tree(sorted(kept), sorted(gone))
        more, _ = await asyncio.to_thread(_sort_out, self._workspace, set(also).difference(kept))
        return await self._store.add_to_tree(tree, sorted(more)) if more else tree

    def _excludes(self) -> list[str]:
        """Leave out our own state, our temporary files, and what the user's repository excludes for itself."""
        excludes = [f"--exclude={TEMPORARY_PREFIX}*.tmp"]
        if self._store.folder.is_relative_to(self._workspace.root):
            inside = self._store.folder.relative_to(self._workspace.root).as_posix()
            excludes.append(f"--exclude=/{_literal(inside)}/")
        folder = find_git_folder(self._workspace.root)
        own = folder / "info" / "exclude" if folder else None
        return [*excludes, f"--exclude-from={own}"] if own and is_file(own) else excludes


def _sort_out(workspace: Workspace, found: Iterable[str]) -> tuple[list[str], list[str]]:
    """Divide paths into those that belong in a snapshot and those that do not."""
    kept: list[str] = []
    left_out: list[str] = []
    root, is_plain = workspace.root, {"": True}
    for path in found:
        is_kept = _is_plain_folder(root, path.rpartition("/")[0], is_plain) and _belongs(root / path, path)
        is_kept = is_kept and not workspace.is_protected(root / path)
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
    if path.endswith("/") or Path(path).is_absolute() or names_git(real.name):
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
