"""Turns a held-back change of one path into a change that a person can judge."""

from __future__ import annotations

import hashlib
import os.path
import stat
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import UnsuitableFile, WorkspaceError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart
from trashclaw.sandbox.held_change import HeldChange, shown_path
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.diff import make_change
from trashclaw.workspace.files import TextFile, decode, digest
from trashclaw.workspace.held_folder import hold_folder
from trashclaw.workspace.root import failure

TEXT_LIMIT_BYTES = 1_000_000
"""A larger file is shown by its size alone."""

LANDED_LIMIT_BYTES = 1_000_000_000
"""A larger file of a command's does not land: it is put together in memory. One that is there can be removed."""

PATCH_LIMIT_BYTES = 8_000_000
"""So much text all files of a patch may hold together; those after that are shown by their size alone."""

_KEPT_BYTES = 2 * TEXT_LIMIT_BYTES

CONFLICT = "you changed this file while the command ran"
APPEARED = "you made this file while the command ran"
VANISHED = "you removed this file while the command ran"
LEADS_OUT = "this link leads out of the workspace"
OWNERS_RIGHTS = "this program would run with its owner's rights (setuid or setgid)"


@dataclass(frozen=True, slots=True)
class Side:
    """A file or a link's target before or after."""

    size: int
    sha256: str
    data: bytes
    """Nothing of what is too large to be shown as text: such files are not kept in memory."""

    @classmethod
    def now(cls, held: HeldChange) -> Side | None:
        """Return what is there now, `None` where that is no file and no link.

        Raises:
            UnsuitableFile: it cannot be read.
        """
        if held.now is None or held.now.st_size <= _KEPT_BYTES or not stat.S_ISREG(held.now.st_mode):
            data = read_now(held)
            return None if data is None else cls(len(data), digest(data), data)
        try:
            with hold_folder(held.target.parent) as folder, folder.open(held.target.name) as stream:
                sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
                return cls(stream.tell(), sha256, b"")
        except OSError as error:
            raise failure(held.shown, error) from error

    @classmethod
    def after(cls, held: HeldChange) -> Side | None:
        """Return what the command left there, `None` where that is no file and no link.

        Raises:
            WorkspaceError: it cannot be read.
        """
        if held.after is None or held.after.kind is EntryKind.FOLDER:
            return None
        data = held.read()
        return cls(len(data), digest(data), data if len(data) <= _KEPT_BYTES else b"")


class FileChanges:
    """Makes the changes of one patch."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._left_bytes = PATCH_LIMIT_BYTES

    def make(self, held: HeldChange) -> FileChange | None:
        """Return the change of a file, a link or a folder; `None` when what is there now is that already.

        Raises:
            WorkspaceError: the file cannot be read.
        """
        before, after = Side.now(held), Side.after(held)
        kind = _kind(held)
        if kind is None:
            return None
        same_type = held.now is not None and held.after_mode is not None
        same_type = same_type and stat.S_IFMT(held.now.st_mode if held.now else 0) == stat.S_IFMT(held.after_mode or 0)
        mode_hunk = self._mode_hunk(held) if same_type else None
        hunks: tuple[Hunk, ...] = ()
        if not same_type or (before and before.sha256) != (after and after.sha256):
            hunks = self._text_hunks(held, kind, before, after) or (whole(_words(held, before, after)),)
        hunks = (*hunks, mode_hunk) if mode_hunk else hunks
        if not hunks:
            return None
        return FileChange(
            path=held.shown,
            kind=kind,
            hunks=hunks,
            before_sha256=None if before is None else before.sha256,
            before_mode=held.now.st_mode if held.now is not None else None,
            after_mode=held.after_mode,
            after_sha256=None if after is None else after.sha256,
            warning="; ".join(self._warnings(held, after)),
        )

    def _mode_hunk(self, held: HeldChange) -> Hunk | None:
        assert held.now is not None and held.after_mode is not None
        old, new = stat.S_IMODE(held.now.st_mode), stat.S_IMODE(held.after_mode)
        if old == new or stat.S_ISLNK(held.after_mode):
            return None
        return whole(mode_words(old, new), HunkPart.MODE)

    def _text_hunks(
        self, held: HeldChange, kind: ChangeKind, before: Side | None, after: Side | None
    ) -> tuple[Hunk, ...]:
        """Return hunks of lines; none where lines do not tell the whole change."""
        types = {stat.S_IFMT(mode) for mode in (held.now and held.now.st_mode, held.after_mode) if mode is not None}
        size = sum(side.size for side in (before, after) if side is not None)
        if types != {stat.S_IFREG} or size > min(2 * TEXT_LIMIT_BYTES, self._left_bytes):
            return ()
        try:
            old = decode(before.data, held.shown) if before is not None else None
            new = decode(after.data, held.shown) if after is not None else None
            if old is not None and new is not None and not _is_same_coding(old, new, after.data if after else None):
                return ()
        except UnsuitableFile:
            return ()
        change = make_change("", old.text if old else None, new.text if new else None, None)
        self._left_bytes -= sum(map(len, (line for hunk in change.hunks for line in hunk.lines)))
        if kind is not ChangeKind.MODIFIED and not size:
            return (change.hunks[0].model_copy(update={"what": "empty file"}),)
        return change.hunks

    def _warnings(self, held: HeldChange, after: Side | None) -> list[str]:
        warnings = []
        if held.is_changed_meanwhile:
            missing = VANISHED if held.now is None else APPEARED
            warnings.append(CONFLICT if held.now is not None and held.change.before is not None else missing)
        if held.after is not None and held.after.kind is EntryKind.LINK and after is not None:
            leads_to = Path(held.target.parent, after.data.decode("utf-8", "surrogateescape"))
            if not _lexical(leads_to).is_relative_to(self._root):
                warnings.append(LEADS_OUT)
        if held.after is not None and held.after.kind is EntryKind.FILE and held.after.mode & 0o6000:
            warnings.append(OWNERS_RIGHTS)
        return warnings


def whole(what: str, part: HunkPart = HunkPart.WHOLE) -> Hunk:
    """Return a hunk without lines."""
    return Hunk(hunk_id=HunkId("1"), before=0, after=0, lines=(), part=part, what=what)


def mode_words(old: int, new: int) -> str:
    """Return how permission bits change."""
    return f"mode {old:o} -> {new:o}"


def size_words(size: int) -> str:
    """Return a number of bytes for a person."""
    if size < 1_000:
        return f"{size} B"
    for unit in ("kB", "MB", "GB"):
        size_in = size / 1_000
        if size_in < 1_000 or unit == "GB":
            return f"{size_in:.1f} {unit}"
        size = round(size_in)
    return ""


def read_now(held: HeldChange) -> bytes | None:
    """Return the bytes of the file that is there now, or a link's target; `None` where there is neither.

    Raises:
        UnsuitableFile: it cannot be read.
    """
    if held.now is None or stat.S_ISDIR(held.now.st_mode):
        return None
    try:
        with hold_folder(held.target.parent) as folder:
            return folder.read(held.target.name)
    except OSError as error:
        raise failure(held.shown, error) from error


def blob_name(data: bytes, algorithm: str = "sha1") -> str:
    """Return the name under which git keeps bytes."""
    return hashlib.new(algorithm, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _kind(held: HeldChange) -> ChangeKind | None:
    if held.after is None:
        return None if held.now is None else ChangeKind.DELETED
    return ChangeKind.ADDED if held.now is None else ChangeKind.MODIFIED


def _is_same_coding(old: TextFile, new: TextFile, after: bytes | None) -> bool:
    """Tell whether the new text in the coding of the old file gives exactly the new bytes."""
    try:
        return old.text != new.text and old.encode(new.text, "") == after
    except WorkspaceError:
        return False


def _words(held: HeldChange, before: Side | None, after: Side | None) -> str:
    old = "" if held.now is None else _thing(held.now.st_mode, before)
    new = "" if held.after_mode is None else _thing(held.after_mode, after)
    if old and new and old.split(",")[0] == new.split(",")[0] and before is not None and after is not None:
        return f"{old} -> {size_words(after.size)}"
    if old and new:
        return f"{old} -> {new}"
    return f"{old} removed" if old else new


def _thing(mode: int, side: Side | None) -> str:
    if stat.S_ISDIR(mode):
        return "empty folder"
    if stat.S_ISLNK(mode):
        return f"link to {shown_path((side.data if side else b'').decode('utf-8', 'surrogateescape'))}"
    if side is None or not side.size:
        return "empty file"
    if side.size > TEXT_LIMIT_BYTES:
        return f"large file, {size_words(side.size)}"
    try:
        label = decode(side.data, "").label
    except UnsuitableFile:
        return f"binary file, {size_words(side.size)}"
    return f"text file ({label}), {size_words(side.size)}"


def _lexical(path: Path) -> Path:
    return Path(os.path.normpath(path))
