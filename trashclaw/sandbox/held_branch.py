"""What the branches of all backends share: the folder they belong to, and how what was left is read."""

from __future__ import annotations

import stat
from abc import ABC, abstractmethod
from collections.abc import Callable
from os import stat_result
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.ports import BranchChange, Entry, EntryKind

_KINDS = {stat.S_IFREG: EntryKind.FILE, stat.S_IFDIR: EntryKind.FOLDER, stat.S_IFLNK: EntryKind.LINK}


class HeldBranch(ABC):
    """What a command did under one folder, wherever the backend keeps it; a `Branch`.

    The command must be dead. What it left is hostile: no link is followed, no pipe opened.
    """

    def __init__(self, root: Path, started_at: float, on_discard: Callable[[], None]) -> None:
        """Bind it to the real folder; `on_discard` lets go of what is held back, and may be called more than once."""
        self._root = root
        self._started_at = started_at
        self._on_discard = on_discard

    @property
    def root(self) -> Path:
        """The real folder."""
        return self._root

    @property
    def started_at(self) -> float:
        """When the command began, seconds since the epoch."""
        return self._started_at

    @abstractmethod
    def changes(self) -> tuple[BranchChange, ...]:
        """Return all changes, folders before what is in them, sorted by path. Blocks on the disk.

        Raises:
            WorkspaceError: what the command left cannot be read.
        """

    def read(self, path: str) -> bytes:
        """Return the new bytes of a file (of a link: its target). Blocks on the disk.

        Raises:
            WorkspaceError: they cannot be read.
        """
        try:
            return self._read(path)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise WorkspaceError(f"What the command left at {path} cannot be read: {reason}.") from error

    def discard(self) -> None:
        """Let go of everything held back; may be called more than once. Blocks on the disk."""
        self._on_discard()

    @abstractmethod
    def _read(self, path: str) -> bytes:
        """Return the bytes; an `OSError` or a `ValueError` says why there are none."""


def entry_of(found: stat_result | None) -> Entry | None:
    """Return what lies at a path as one side of a change."""
    if found is None:
        return None
    kind = _KINDS.get(stat.S_IFMT(found.st_mode), EntryKind.OTHER)
    size = found.st_size if kind in {EntryKind.FILE, EntryKind.LINK} else 0
    return Entry(kind, stat.S_IMODE(found.st_mode), size)
