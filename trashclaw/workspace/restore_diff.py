"""The diff of a restore: what it would make of files, for a person to see first."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.workspace.diff import make_change, renumber
from trashclaw.workspace.files import decode, digest
from trashclaw.workspace.snapshot_store import SnapshotStore
from trashclaw.workspace.tree_change import SYMLINK, Entry, TreeChange

SHOWN_FILES = 100
_FILE_TYPE = 0o100000


async def make_restore_patch(store: SnapshotStore, changes: Sequence[TreeChange]) -> Patch:
    """Return what the changes (at most the first 100) would do to the files, as a patch that is only looked at.

    Raises:
        GitFailed: the store cannot be read.
    """
    shown = changes[:SHOWN_FILES]
    before = await store.contents([change.old for change in shown])
    after = await store.contents([change.new for change in shown])
    return await asyncio.to_thread(_made, shown, before, after)


def _made(changes: Sequence[TreeChange], before: Sequence[bytes | None], after: Sequence[bytes | None]) -> Patch:
    made = (_file_change(change, *sides) for change, *sides in zip(changes, before, after, strict=True))
    return renumber(Patch(changes=tuple(made)))


def _file_change(change: TreeChange, before: bytes | None, after: bytes | None) -> FileChange:
    try:
        if SYMLINK in (change.old.mode, change.new.mode):
            raise UnsuitableFile("a link")
        texts = [None if data is None else decode(data, change.path).text for data in (before, after)]
        made = make_change(change.path, texts[0], texts[1], None if before is None else digest(before))
    except UnsuitableFile:
        made = _whole(change, before, after)
    if (modes := _modes(change)) and modes[0] != modes[1]:
        what = f"mode {modes[0] & 0o7777:o} -> {modes[1] & 0o7777:o}"
        hunk = Hunk(hunk_id=HunkId("0"), before=0, after=0, lines=(), part=HunkPart.MODE, what=what)
        hunks = (*made.hunks, hunk)
        made = made.model_copy(update={"hunks": hunks, "before_mode": modes[0], "after_mode": modes[1]})
    return made


def _whole(change: TreeChange, before: bytes | None, after: bytes | None) -> FileChange:
    kind = ChangeKind.MODIFIED
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.DELETED
    what = f"{_told(change.old, before)} -> {_told(change.new, after)}"
    hunk = Hunk(hunk_id=HunkId("1"), before=0, after=0, lines=(), part=HunkPart.WHOLE, what=what)
    sha256 = None if before is None else digest(before)
    return FileChange(path=change.path, kind=kind, hunks=(hunk,), before_sha256=sha256)


def _told(entry: Entry, data: bytes | None) -> str:
    if data is None:
        return "nothing"
    if entry.mode == SYMLINK:
        return f"link to {data.decode('utf-8', 'replace')}"
    return f"file of {len(data):,} bytes"


def _modes(change: TreeChange) -> tuple[int, int] | None:
    if change.old.bits is None or change.new.bits is None:
        return None
    return _FILE_TYPE | change.old.bits, _FILE_TYPE | change.new.bits
