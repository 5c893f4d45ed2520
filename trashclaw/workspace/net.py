"""The net change: what files are now against what they were before, whatever became of them in between."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from trashclaw.workspace.snapshot_store import SnapshotStore
from trashclaw.workspace.tree_change import ABSENT, Entry, Side, TreeChange

_NOTHING = Entry(ABSENT, "")


async def net_changes(
    store: SnapshotStore, points: Sequence[tuple[str, Collection[str]]], now: Side, paths: Collection[str]
) -> list[TreeChange]:
    """Return how paths differ between the first of some snapshots and now, sorted.

    Each snapshot comes with the paths that were named when it was made. What the first one has not, since git ignores
    it, is looked for in the one for which it was named first.

    Raises:
        GitFailed: the store cannot be read.
    """
    before: dict[str, Entry] = {}
    known: set[str] = set()
    for commit, named in points:
        wanted = set(named if known else paths).intersection(paths) - known - before.keys()
        if wanted:
            before |= await _entries(store, await store.side(commit), wanted)
        known.update(named)
    after = await _entries(store, now, paths)
    pairs = ((path, before.get(path, _NOTHING), after.get(path, _NOTHING)) for path in sorted(before.keys() | after))
    return [TreeChange(path, old, new) for path, old, new in pairs if not old.is_same(new)]


async def _entries(store: SnapshotStore, side: Side, paths: Collection[str]) -> dict[str, Entry]:
    found = await store.entries(side.tree, paths) if paths else {}
    return {path: entry.with_bits(path, side.permissions) for path, entry in found.items()}
