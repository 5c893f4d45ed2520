"""What a command did, from the list of changes that sandlock made, and the folder where it keeps the new bytes."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.sandbox.held_branch import HeldBranch
from trashclaw.sandbox.ports import BranchChange, Entry, EntryKind

if TYPE_CHECKING:
    from sandlock import Change
    from sandlock.sandbox import Entry as SandlockEntry

_KINDS = {"file": EntryKind.FILE, "dir": EntryKind.FOLDER, "symlink": EntryKind.LINK}


class LandlockBranch(HeldBranch):
    """The changes as sandlock lists them, without those that changed nothing."""

    def __init__(
        self, root: Path, upper: Path, changes: Sequence[Change], started_at: float, on_discard: Callable[[], None]
    ) -> None:
        super().__init__(root, started_at, on_discard)
        self._upper = upper
        self._changes = tuple(changes)

    def changes(self) -> tuple[BranchChange, ...]:
        """Return all changes, folders before what is in them, sorted by path."""
        found = [
            BranchChange(change.path, _entry(change.before), _entry(change.after))
            for change in self._changes
            if not _is_same(change)
        ]
        return tuple(sorted(found, key=lambda change: change.path))

    def _read(self, path: str) -> bytes:
        place = self._upper / path
        if not place.parent.resolve(strict=True).is_relative_to(self._upper.resolve(strict=True)):
            raise ValueError("it lies behind a link")
        found = place.lstat()
        if stat.S_ISLNK(found.st_mode):
            return os.fsencode(place.readlink())
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no file")
        place.chmod(found.st_mode | stat.S_IRUSR)
        return place.read_bytes()


def _is_same(change: Change) -> bool:
    before, after = change.before, change.after
    if before is None or after is None:
        return before is after
    if before.kind != after.kind or before.mode != after.mode:
        return False
    return (before.kind == "dir") or bool(change.content_unchanged)


def _entry(entry: SandlockEntry | None) -> Entry | None:
    if entry is None:
        return None
    kind = _KINDS.get(entry.kind, EntryKind.OTHER)
    size = len(os.fsencode(entry.target or "")) if kind is EntryKind.LINK else entry.size
    return Entry(kind, entry.mode, size)
