"""Dropping: checkpoints that nobody can want any more."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from pathlib import Path

from trashclaw.protocol.ids import CheckpointId
from trashclaw.workspace.presence import is_folder
from trashclaw.workspace.snapshot_store import SnapshotStore


async def drop_checkpoints(root: Path, folder: Path, dropped: Collection[CheckpointId]) -> None:
    """Let go of these checkpoints of a workspace, as far as they are there; what they alone held goes with packing.

    Raises:
        GitFailed: there is no git, or the store cannot be written.
    """
    place = await asyncio.to_thread(folder.resolve)
    if not dropped or not is_folder(place):
        return
    store = SnapshotStore(root, place)
    await store.open()
    there = await store.kept_since()
    await store.drop(one for one in dropped if one in there)
