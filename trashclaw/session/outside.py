"""Changes from outside: files that somebody else has changed since the model read them."""

from __future__ import annotations

import asyncio
import hashlib
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.agent.ledger import visible
from trashclaw.protocol.errors import WorkspaceError
from trashclaw.workspace.files import READ_LIMIT_BYTES
from trashclaw.workspace.root import Workspace

PATHS_AT_MOST = 10
_FILES_AT_MOST = 200
_READ_AT_MOST_BYTES = 32_000_000

Signature = tuple[int, int, int, int]
"""What tells without reading that a file is as it was: time of change, of its entry, size and inode."""

_GONE = ""
_LARGER = "larger than what is read"


@dataclass(slots=True)
class _Room:
    bytes: int = _READ_AT_MOST_BYTES


@dataclass(slots=True)
class Outside:
    """What was found."""

    changed: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    def without(self, notes: Sequence[str]) -> Outside:
        """Return it without the files that notes name already."""
        changed, gone = (
            [path for path in paths if not any(_names(note, path) for note in notes)]
            for paths in (self.changed, self.gone)
        )
        return Outside(changed, gone)


class OutsideChanges:
    """Compares the files that the model knows with the disk, and tells of each change once."""

    def __init__(
        self, workspace: Workspace, seen: Callable[[], Mapping[str, str]], own: Callable[[], Mapping[str, str]]
    ) -> None:
        """`seen` returns the SHA-256 of each file as the model knows it, `own` as the session itself left it."""
        self._workspace = workspace
        self._seen = seen
        self._own = own
        self._digests: dict[Path, tuple[Signature, str]] = {}
        self._told: dict[str, str] = {}

    def forget(self) -> None:
        """Tell everything again: the model may not read any more what it was told."""
        self._told.clear()

    async def find(self) -> Outside:
        """Look at the disk, beside the event loop."""
        seen, own = dict(self._seen()), dict(self._own())
        return await asyncio.to_thread(self._compare, seen, own)

    def _compare(self, seen: Mapping[str, str], own: Mapping[str, str]) -> Outside:
        found, room = Outside(), _Room()
        for path, known in list(seen.items())[-_FILES_AT_MOST:]:
            now = self._digest(path, room)
            if now is None or now in (known, own.get(path)):
                self._told.pop(path, None)
            elif self._told.get(path) != now:
                self._told[path] = now
                (found.changed if now != _GONE else found.gone).append(path)
        return found

    def _digest(self, path: str, room: _Room) -> str | None:
        """Return the SHA-256 of a file as it is now; empty where there is none, `None` where nobody can tell."""
        try:
            real = self._workspace.resolve(path)
            status = real.stat()
        except WorkspaceError:
            return None
        except FileNotFoundError:
            return _GONE
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return _GONE
        signature = status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino
        if status.st_size > READ_LIMIT_BYTES:
            return _LARGER
        known = self._digests.get(real)
        if known is not None and known[0] == signature:
            return known[1]
        room.bytes -= status.st_size
        if room.bytes < 0:
            return None
        try:
            with real.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            return None
        self._digests[real] = signature, digest
        return digest


def _names(note: str, path: str) -> bool:
    """Tell whether a note names a file, and not only one whose path its own is a part of."""
    return re.search(rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)", note) is not None


def words(found: Outside) -> list[str]:
    """Return what was found as notes for the model."""
    notes = []
    if found.changed:
        notes.append(f"Changed outside since you read them: {_listed(found.changed)}")
    if found.gone:
        notes.append(f"Gone since you read them: {_listed(found.gone)}")
    return notes


def _listed(paths: list[str]) -> str:
    more = f" and {len(paths) - PATHS_AT_MOST} more" if len(paths) > PATHS_AT_MOST else ""
    return ", ".join(visible(path) for path in paths[-PATHS_AT_MOST:]) + more
