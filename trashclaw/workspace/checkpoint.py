"""Checkpoints: restorable snapshots of the workspace, outside the user's history."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.protocol.ids import CheckpointId
from trashclaw.protocol.patches import Patch
from trashclaw.workspace.git_folder import find_git_folder
from trashclaw.workspace.leftovers import TEMPORARY_PREFIX
from trashclaw.workspace.legs import Leg, Restored, RestorePlan, RestorePreview
from trashclaw.workspace.net import net_changes, with_unseen
from trashclaw.workspace.permissions import Permissions
from trashclaw.workspace.presence import is_file
from trashclaw.workspace.restore_diff import make_restore_patch
from trashclaw.workspace.restoring import Restoring
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.snapshot_index import private_index
from trashclaw.workspace.snapshot_store import SnapshotStore
from trashclaw.workspace.sorting import Sorted, in_reach, sort_out, with_contents
from trashclaw.workspace.tree_change import Side
from trashclaw.workspace.waiting import wait_out
from trashclaw.workspace.way_back import plan_way_back

KEPT_DAYS = 30
KEPT_AT_MOST = 1_000


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
            return CheckpointId(await self._store.keep(await self._snapshot(in_reach(also)), label))

    async def record(self, base_id: CheckpointId, label: str, paths: Collection[str]) -> CheckpointId:
        """Remember a checkpoint with these paths (and what is below them) as they are now, and all others as there.

        Raises:
            GitFailed: the checkpoint is not there, or the store cannot be written.
        """
        async with self._lock:
            base, reachable = await self._require(base_id), in_reach(paths)
            side = await self._with_present(base, reachable) if reachable else base
            return CheckpointId(await self._store.keep(side, label))

    async def extend(self, checkpoint_ids: Sequence[CheckpointId], also: Collection[str]) -> None:
        """Take into checkpoints, as they are now, those of the paths that no snapshot has unless it is told to.

        Raises:
            GitFailed: a checkpoint is not there, or the store cannot be written.
        """
        async with self._lock:
            await self._require_all(checkpoint_ids)
            found = (await asyncio.to_thread(self._sort_out, in_reach(also))).kept
            if found:
                with private_index(self._store.git, self._store.folder / "index") as (index, _):
                    seen = await index.paths(found) | await index.unindexed(self._excludes(), found)
                found = {path: bits for path, bits in found.items() if path not in seen}
            for checkpoint_id in checkpoint_ids if found else ():
                side = await self._store.side(checkpoint_id)
                known = await self._store.entries(side.tree, found)
                if missing := {path: bits for path, bits in found.items() if path not in known}:
                    await self._store.replace(checkpoint_id, await self._add(side, missing))

    async def preview(self, legs: Sequence[Leg]) -> RestorePreview:
        """Tell what a restore would do, and show what forcing it would overwrite.

        Raises:
            GitFailed: a checkpoint is not there.
        """
        async with self._lock:
            plan, _ = await self._plan(legs)
            patch = await make_restore_patch(self._store, [c for c in plan.changes if c.path in plan.conflicts])
            return RestorePreview(tuple(change.path for change in plan.changes), plan.conflicts, patch)

    async def net(self, points: Sequence[tuple[CheckpointId, Collection[str]]]) -> Patch:
        """Return what the named paths are now against the first of some checkpoints, each with the paths it is about.

        At most the first 100 files are in it; it is only looked at.

        Raises:
            GitFailed: a checkpoint is not there.
        """
        async with self._lock:
            paths = in_reach(path for _, named in points for path in named)
            now = await self._with_present(await self._require(points[0][0]), paths)
            patch = await make_restore_patch(self._store, await net_changes(self._store, points, now, paths))
            return await asyncio.to_thread(with_unseen, self._workspace.root, patch)

    async def restore_legs(self, legs: Sequence[Leg], *, is_forced: bool = False) -> Restored:
        """Bring back what differs on these legs, the newest first; the files before and after are remembered.

        A file that somebody else changed since is a conflict: then nothing is restored, unless it is forced.

        Raises:
            GitFailed: a checkpoint is not there, or the store cannot be written; nothing is restored.
            WorkspaceError: a file cannot be written; those before it are restored already.
        """
        async with self._lock:
            plan, now = await self._plan(legs)
            if plan.conflicts and not is_forced:
                return Restored((), plan.conflicts, plan.left_alone)
            before_id = CheckpointId(await self._store.keep(now, "before a restore"))
            paths = tuple(change.path for change in plan.changes)
            await self._bring_back(plan)
            after = await self._with_present(now, paths)
            after_id = CheckpointId(await self._store.keep(after, "after a restore"))
            return Restored(paths, (), plan.left_alone, before_id, after_id)

    async def restore(self, checkpoint_id: CheckpointId, *, since: CheckpointId | None = None) -> Restored:
        """Bring the files back to a checkpoint.

        With `since` (the checkpoint after the agent's last effect) only what differs between the two is brought back,
        and a file that is no longer as in `since` is a conflict: then nothing is restored.

        Raises:
            GitFailed: a checkpoint is not there.
            WorkspaceError: a file cannot be written; those before it are restored already.
        """
        if since is not None:
            return await self.restore_legs([Leg(checkpoint_id, since)])
        async with self._lock:
            side = await self._require(checkpoint_id)
            now = await self._snapshot((await self._store.entries(side.tree)).keys())
            plan = RestorePlan(tuple(await self._store.compare(now, side)))
            await self._bring_back(plan)
            return Restored(tuple(change.path for change in plan.changes))

    async def changed_paths(self, old: CheckpointId, new: CheckpointId) -> tuple[str, ...]:
        """Return the files in which two checkpoints differ.

        Raises:
            GitFailed: one of them is not there.
        """
        async with self._lock:
            sides = await self._require(old), await self._require(new)
            return tuple(change.path for change in await self._store.compare(*sides))

    async def tidy(self, kept: Collection[CheckpointId]) -> None:
        """Let go of checkpoints that are older than 30 days or beyond the newest 1000, but of none of `kept`; pack.

        Raises:
            GitFailed: the store cannot be written.
        """
        async with self._lock:
            await self._store.open()
            made = await self._store.kept_since()
            newest = sorted(made, key=lambda commit: made[commit], reverse=True)
            oldest = time.time() - KEPT_DAYS * 86_400
            old = {*newest[KEPT_AT_MOST:], *(commit for commit in made if made[commit] < oldest)}
            await self._store.drop(old.difference(kept))
        await self._store.pack()

    async def _plan(self, legs: Sequence[Leg]) -> tuple[RestorePlan, Side]:
        """Plan a way back from the files as they are, and return these."""
        sides = [
            (await self._require(leg.before_id), None if leg.after_id is None else await self._require(leg.after_id))
            for leg in legs
        ]
        mine = [None if after is None else await self._store.compare(after, before) for before, after in sides]
        also = {change.path for changes in mine for change in changes or ()}
        for leg, (before, after) in zip(legs, sides, strict=True):
            if after is None:
                also |= {*in_reach(leg.paths), *await self._store.entries(before.tree)}
        now = await self._snapshot(also)
        return await plan_way_back(self._store, legs, [before for before, _ in sides], mine, now), now

    async def _bring_back(self, plan: RestorePlan) -> None:
        task = asyncio.create_task(Restoring(self._workspace, self._store).run(plan.changes), name="restore")
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            await wait_out(task)
            raise

    async def _require(self, checkpoint_id: CheckpointId) -> Side:
        """Return what a checkpoint stands for."""
        await self._require_all([checkpoint_id])
        return await self._store.side(checkpoint_id)

    async def _require_all(self, checkpoint_ids: Sequence[CheckpointId]) -> None:
        await self._store.open()
        named = [one for one in checkpoint_ids if re.fullmatch(r"[0-9a-f]{40,64}", one)]
        here = await self._store.here(named) if named else frozenset()
        for checkpoint_id in checkpoint_ids:
            if checkpoint_id not in here:
                hint = f"Checkpoints are kept for {KEPT_DAYS} days."
                raise GitFailed(f"There is no checkpoint {checkpoint_id[:64]!r}.", hint)

    async def _snapshot(self, also: Collection[str]) -> Side:
        """Return the files as they are. Only what changed since the latest snapshot passes through here."""
        latest = self._store.folder / "index"
        permissions, fresh = self._store.latest()
        with private_index(self._store.git, latest) as (index, file):
            is_first = not file.exists()
            changed, unindexed, tracked = await asyncio.gather(
                _nothing() if is_first else index.changed(),
                index.unindexed(self._excludes()),
                self._store.tracked_ignored(),
            )
            found = {*changed, *unindexed, *tracked, *fresh}
            if permissions is None and not is_first:
                found |= await index.paths()
            kept, left_out, fresh = await asyncio.to_thread(sort_out, self._workspace, found)
            gone = sorted(set(left_out).difference(unindexed))
            if permissions is None:
                permissions = Permissions.of(kept)
            permissions.note(kept, gone)
            await index.update(sorted(kept), gone)
            side = Side(await index.write_tree(), permissions)
            self._store.keep_latest(file, permissions, fresh)
        more = set(also).difference(kept)
        return await self._add_unseen(side, more) if more else side

    async def _add_unseen(self, side: Side, also: Collection[str]) -> Side:
        """Add what git would not list: ignored files, and those of a repository inside."""
        more = (await asyncio.to_thread(self._sort_out, also)).kept
        known = await self._store.entries(side.tree, more) if more else {}
        missing = {path: bits for path, bits in more.items() if path not in known}
        return await self._add(side, missing) if missing else side

    async def _add(self, side: Side, found: dict[str, int | None], gone: Collection[str] = ()) -> Side:
        """Return a snapshot with further paths as they are on disk, and without others.

        The index, and so the next snapshot, has none of them: there they would open a repository inside to it.
        """
        with private_index(self._store.git, None) as (index, _):
            await index.read_tree(side.tree)
            await index.update(sorted(found), sorted(gone))
            tree = await index.write_tree()
        if side.permissions is None:
            return Side(tree)
        permissions = replace(side.permissions, others=dict(side.permissions.others))
        permissions.note(found, gone)
        return Side(tree, permissions)

    async def _with_present(self, side: Side, paths: Collection[str]) -> Side:
        if not paths:
            return side
        below = await self._store.entries(side.tree, paths)
        found, left_out, _ = await asyncio.to_thread(self._sort_out, {*paths, *below})
        return await self._add(side, found, [path for path in left_out if path in below])

    def _sort_out(self, paths: Collection[str]) -> Sorted:
        return sort_out(self._workspace, with_contents(self._workspace.root, paths))

    def _excludes(self) -> list[str]:
        """Leave out our own state, our temporary files, and what the user's repository excludes for itself."""
        excludes = [f"--exclude={TEMPORARY_PREFIX}*.tmp"]
        if self._store.folder.is_relative_to(self._workspace.root):
            inside = self._store.folder.relative_to(self._workspace.root).as_posix()
            excludes.append(f"--exclude=/{_literal(inside)}/")
        folder = find_git_folder(self._workspace.root)
        own = folder / "info" / "exclude" if folder else None
        return [*excludes, f"--exclude-from={own}"] if own and is_file(own) else excludes


async def _nothing() -> list[str]:
    return []


def _literal(path: str) -> str:
    return re.sub(r"([\\*?\[\]!# ])", r"\\\1", path)
