"""Turns a held-back change of one path into a change that a person can judge."""

from __future__ import annotations

import hashlib
import os.path
import stat
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

PATCH_LIMIT_BYTES = 8_000_000
"""So much text all files of a patch may hold together; those after that are shown by their size alone."""

CONFLICT = "you changed this file while the command ran"
APPEARED = "you made this file while the command ran"
VANISHED = "you removed this file while the command ran"
LEADS_OUT = "this link leads out of the workspace"
OWNERS_RIGHTS = "this program would run with its owner's rights (setuid or setgid)"


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
        before = read_now(held)
        after = held.read() if held.after is not None and held.after.kind is not EntryKind.FOLDER else None
        kind = _kind(held)
        if kind is None:
            return None
        same_type = held.now is not None and held.after_mode is not None
        same_type = same_type and stat.S_IFMT(held.now.st_mode if held.now else 0) == stat.S_IFMT(held.after_mode or 0)
        mode_hunk = self._mode_hunk(held) if same_type else None
        hunks: tuple[Hunk, ...] = ()
        if not same_type or before != after:
            hunks = self._text_hunks(held, kind, before, after) or (whole(_words(held, before, after)),)
        hunks = (*hunks, mode_hunk) if mode_hunk else hunks
        if not hunks:
            return None
        return FileChange(
            path=held.shown,
            kind=kind,
            hunks=hunks,
            before_sha256=None if before is None else digest(before),
            before_mode=held.now.st_mode if held.now is not None else None,
            after_mode=held.after_mode,
            after_sha256=None if after is None else digest(after),
            warning="; ".join(self._warnings(held, after)),
        )

    def _mode_hunk(self, held: HeldChange) -> Hunk | None:
        assert held.now is not None and held.after_mode is not None
        old, new = stat.S_IMODE(held.now.st_mode), stat.S_IMODE(held.after_mode)
        if old == new or stat.S_ISLNK(held.after_mode):
            return None
        return whole(mode_words(old, new), HunkPart.MODE)

    def _text_hunks(
        self, held: HeldChange, kind: ChangeKind, before: bytes | None, after: bytes | None
    ) -> tuple[Hunk, ...]:
        """Return hunks of lines; none where lines do not tell the whole change."""
        types = {stat.S_IFMT(mode) for mode in (held.now and held.now.st_mode, held.after_mode) if mode is not None}
        size = len(before or b"") + len(after or b"")
        if types != {stat.S_IFREG} or size > min(2 * TEXT_LIMIT_BYTES, self._left_bytes):
            return ()
        try:
            old = decode(before, held.shown) if before is not None else None
            new = decode(after, held.shown) if after is not None else None
            if old is not None and new is not None and not _is_same_coding(old, new, after):
                return ()
        except UnsuitableFile:
            return ()
        change = make_change("", old.text if old else None, new.text if new else None, None)
        self._left_bytes -= sum(map(len, (line for hunk in change.hunks for line in hunk.lines)))
        if kind is not ChangeKind.MODIFIED and not size:
            return (change.hunks[0].model_copy(update={"what": "empty file"}),)
        return change.hunks

    def _warnings(self, held: HeldChange, after: bytes | None) -> list[str]:
        warnings = []
        if held.is_changed_meanwhile:
            missing = VANISHED if held.now is None else APPEARED
            warnings.append(CONFLICT if held.now is not None and held.change.before is not None else missing)
        if held.after is not None and held.after.kind is EntryKind.LINK and after is not None:
            leads_to = Path(held.target.parent, after.decode("utf-8", "surrogateescape"))
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


def _words(held: HeldChange, before: bytes | None, after: bytes | None) -> str:
    old = "" if held.now is None else _thing(held.now.st_mode, before)
    new = "" if held.after_mode is None else _thing(held.after_mode, after)
    if old and new and old.split(",")[0] == new.split(",")[0] and before is not None and after is not None:
        return f"{old} -> {size_words(len(after))}"
    if old and new:
        return f"{old} -> {new}"
    return f"{old} removed" if old else new


def _thing(mode: int, data: bytes | None) -> str:
    if stat.S_ISDIR(mode):
        return "empty folder"
    if stat.S_ISLNK(mode):
        return f"link to {shown_path((data or b'').decode('utf-8', 'surrogateescape'))}"
    data = data or b""
    if not data:
        return "empty file"
    if len(data) > TEXT_LIMIT_BYTES:
        return f"large file, {size_words(len(data))}"
    try:
        label = decode(data, "").label
    except UnsuitableFile:
        return f"binary file, {size_words(len(data))}"
    return f"text file ({label}), {size_words(len(data))}"


def _lexical(path: Path) -> Path:
    return Path(os.path.normpath(path))
