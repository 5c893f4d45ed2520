"""The one way in which a patch lands: checked against every file first, then written whole, file by file."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import StaleFile, WorkspaceError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.workspace.diff import apply_hunks
from trashclaw.workspace.files import TextFile, decode, digest, read_bytes, remove_file, write_atomic
from trashclaw.workspace.root import Workspace


@dataclass(frozen=True, slots=True)
class LandedChange:
    """What has happened to a file."""

    path: str
    kind: ChangeKind
    hunk_ids: tuple[HunkId, ...]
    added: int
    removed: int
    after_sha256: str | None
    """Digest of the file's bytes now; `None` when it is gone."""


@dataclass(frozen=True, slots=True)
class _Write:
    change: FileChange
    target: Path
    before: bytes | None
    after: bytes | None
    mode: int | None


def apply_patch(workspace: Workspace, patch: Patch) -> tuple[LandedChange, ...]:
    """Land every hunk of a patch; if one file is not as it was, or one write fails, nothing lands.

    Blocks on the disk.

    Raises:
        StaleFile: a file changed since the patch was made.
        OutsideWorkspace: a path may not be written.
        UnsuitableFile: a file cannot be written, or its encoding has no such character.
    """
    writes = [_plan(workspace, change) for change in patch.changes]
    if len({write.target for write in writes}) != len(writes):
        raise WorkspaceError("The patch changes the same file twice.")
    done: list[_Write] = []
    try:
        for write in writes:
            _perform(write)
            done.append(write)
    except WorkspaceError:
        for write in reversed(done):
            _take_back(write)
        raise
    return tuple(_landed(write) for write in writes)


def check_fresh(workspace: Workspace, change: FileChange) -> bytes | None:
    """Return a file's bytes (`None`: no file) if they are those that the change was made from.

    Raises:
        StaleFile: they are not.
    """
    target = workspace.resolve(change.path, for_write=True)
    if change.before_sha256 is None:
        if target.exists():
            raise StaleFile(f"{change.path} exists by now.", "Read it, then edit it.")
        return None
    if not target.exists():
        raise StaleFile(f"{change.path} is gone since it was read.", "Look again with list_files.")
    before = read_bytes(target, change.path)
    if digest(before) != change.before_sha256:
        raise StaleFile(f"{change.path} changed since it was read.", "Read it again and repeat the edit.")
    return before


def _plan(workspace: Workspace, change: FileChange) -> _Write:
    before = check_fresh(workspace, change)
    target = workspace.resolve(change.path, for_write=True)
    file = TextFile("", "") if before is None else decode(before, change.path)
    text = apply_hunks(file.text, change.hunks)
    is_gone = change.kind is ChangeKind.DELETED and not text
    after = None if is_gone else file.encode(text, change.path)
    mode = None if before is None else stat.S_IMODE(target.stat().st_mode)
    return _Write(change, target, before, after, mode)


def _perform(write: _Write) -> None:
    if write.after is None:
        remove_file(write.target, write.change.path)
    else:
        write_atomic(write.target, write.after, write.change.path)


def _take_back(write: _Write) -> None:
    """Undo a write as well as the disk allows; the checkpoint is the second line."""
    try:
        if write.before is None:
            remove_file(write.target, write.change.path)
        else:
            write_atomic(write.target, write.before, write.change.path, write.mode)
    except WorkspaceError:
        return


def _landed(write: _Write) -> LandedChange:
    change = write.change
    after = None if write.after is None else digest(write.after)
    hunk_ids = tuple(hunk.hunk_id for hunk in change.hunks)
    return LandedChange(change.path, change.kind, hunk_ids, change.added, change.removed, after)
