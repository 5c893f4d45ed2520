"""The net change: what files are now against what they were before, whatever became of them in between."""

from __future__ import annotations

import stat
from collections.abc import Collection, Sequence
from pathlib import Path

from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.workspace.diff import renumber
from trashclaw.workspace.snapshot_store import SnapshotStore
from trashclaw.workspace.sorting import FILE_LIMIT_BYTES, entry_at
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


def with_unseen(root: Path, patch: Patch) -> Patch:
    """Return a patch in which nothing is deleted that is there still, but in no snapshot; blocks on the disk."""
    return renumber(Patch(changes=tuple(_seen(root, change) for change in patch.changes)))


def _seen(root: Path, change: FileChange) -> FileChange:
    entry = entry_at(root, change.path) if change.kind is ChangeKind.DELETED else None
    if entry is None or stat.S_ISDIR(entry.st_mode):
        return change
    what = "now a file that cannot be read"
    if not stat.S_ISREG(entry.st_mode):
        what = "no plain file any more"
    elif entry.st_size > FILE_LIMIT_BYTES:
        what = f"now {entry.st_size:,} bytes, too many to compare"
    hunk = Hunk(hunk_id=HunkId("1"), before=0, after=0, lines=(), part=HunkPart.WHOLE, what=what)
    return change.model_copy(update={"kind": ChangeKind.MODIFIED, "hunks": (hunk,)})


async def _entries(store: SnapshotStore, side: Side, paths: Collection[str]) -> dict[str, Entry]:
    found = await store.entries(side.tree, paths) if paths else {}
    return {path: entry.with_bits(path, side.permissions) for path, entry in found.items()}
