"""Reads what a command left in the upper folder of an overlay, and compares it with the real folder."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.held_branch import HeldBranch, entry_of
from trashclaw.sandbox.overlay.run_folder import remove_tree
from trashclaw.sandbox.ports import BranchChange, EntryKind

_CHUNK_BYTES = 1 << 20
_DEPTH_LIMIT = 512
_OPAQUE, _WHITEOUT = "user.overlay.opaque", "user.overlay.whiteout"
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)


class UpperBranch(HeldBranch):
    """What a command did under one folder, as the overlay keeps it: files as they became, marks of deletion."""

    def __init__(
        self, root: Path, upper: Path, started_at: float, on_discard: Callable[[], None] = lambda: None
    ) -> None:
        super().__init__(root, started_at, on_discard)
        self._upper = upper

    def changes(self) -> tuple[BranchChange, ...]:
        """Return all changes, folders before what is in them, sorted by path. Blocks on the disk.

        Raises:
            WorkspaceError: folders are nested so deeply that no path leads to the end.
        """
        try:
            found = [change for change in self._compare() if change is not None]
        except OSError as error:
            where = os.fspath(error.filename or self._upper).removeprefix(os.fspath(self._upper)).lstrip("/")
            text = f"What the command left at {where[:200] or '.'} cannot be read: {error.strerror}."
            raise WorkspaceError(text, "Nothing of it has landed.") from error
        return tuple(sorted(found, key=lambda change: change.path))

    def discard(self) -> None:
        """Let go of everything held back; may be called more than once. Blocks on the disk."""
        remove_tree(self._upper)
        super().discard()

    def _compare(self) -> Iterator[BranchChange | None]:
        """Walk the upper folder; `before` of what lies in a new or replaced folder is nothing."""
        pending: list[tuple[str, bool]] = [("", True)]
        while pending:
            folder, has_lower = pending.pop()
            if folder.count("/") > _DEPTH_LIMIT:
                raise OSError(errno.ENAMETOOLONG, "folders are nested too deeply", folder)
            names, is_opaque = self._list(folder)
            if has_lower and is_opaque:
                for name in _names(self._lower(folder)) - names:
                    yield from self._deleted(_join(folder, name))
            for name in names:
                path = _join(folder, name)
                upper = os.lstat(self._place(path))
                lower = _lstat(self._lower(path)) if has_lower else None
                if _is_whiteout(upper, self._place(path)):
                    yield from self._deleted(path)
                    continue
                yield self._difference(path, lower, upper)
                if lower is not None and stat.S_ISDIR(lower.st_mode) and not stat.S_ISDIR(upper.st_mode):
                    yield from self._deleted_below(path)
                if stat.S_ISDIR(upper.st_mode):
                    pending.append((path, lower is not None and stat.S_ISDIR(lower.st_mode)))

    def _difference(self, path: str, lower: os.stat_result | None, upper: os.stat_result) -> BranchChange | None:
        before, after = entry_of(lower), entry_of(upper)
        if before is not None and after is not None and before.kind is after.kind and before.mode == after.mode:
            if before.kind is EntryKind.FOLDER:
                return None
            if before.kind is EntryKind.LINK:
                is_same = os.readlink(self._lower(path)) == os.readlink(self._place(path))
            elif before.kind is EntryKind.FILE:
                is_same = before.size == after.size and self._has_same_bytes(path)
            else:
                is_same = lower is not None and stat.S_IFMT(lower.st_mode) == stat.S_IFMT(upper.st_mode)
            if is_same:
                return None
        return BranchChange(path, before, after)

    def _has_same_bytes(self, path: str) -> bool:
        try:
            lower = os.open(self._lower(path), os.O_RDONLY | _NO_FOLLOW)
        except OSError:
            return False
        try:
            upper = _open_unlocked(self._place(path))
        except BaseException:
            os.close(lower)
            raise
        with open(lower, "rb", buffering=0) as old, open(upper, "rb", buffering=0) as new:
            while True:
                left, right = old.read(_CHUNK_BYTES), new.read(_CHUNK_BYTES)
                if left != right:
                    return False
                if not left:
                    return True

    def _deleted(self, path: str) -> Iterator[BranchChange]:
        """Yield the loss of what is at a path of the real folder, and of all that is in it."""
        lower = _lstat(self._lower(path))
        if lower is None:
            return  # Made and deleted by the command, or deleted by somebody else since.
        yield BranchChange(path, entry_of(lower), None)
        if stat.S_ISDIR(lower.st_mode):
            yield from self._deleted_below(path)

    def _deleted_below(self, path: str) -> Iterator[BranchChange]:
        pending = [path]
        while pending:
            folder = pending.pop()
            for name in _names(self._lower(folder)):
                inner = _join(folder, name)
                lower = _lstat(self._lower(inner))
                if lower is not None:
                    yield BranchChange(inner, entry_of(lower), None)
                    if stat.S_ISDIR(lower.st_mode):
                        pending.append(inner)

    def _list(self, folder: str) -> tuple[set[str], bool]:
        """Return the names in a folder of the upper side, and whether it hides all that the lower one has."""
        place = self._place(folder)
        try:
            names = set(os.listdir(place))
        except PermissionError:
            mode = stat.S_IMODE(os.lstat(place).st_mode)
            os.chmod(place, stat.S_IRWXU)
            try:
                names = set(os.listdir(place))
            finally:
                # Left open: what is in it must be read too; its mode has been compared before.
                del mode
        return names, _attribute(place, _OPAQUE) == b"y"

    def _read(self, path: str) -> bytes:
        parts = path.split("/")
        if any(part in {"", ".", ".."} for part in parts):
            raise ValueError("no such path")
        for depth in range(1, len(parts)):
            folder = os.lstat(self._place("/".join(parts[:depth])))
            if not stat.S_ISDIR(folder.st_mode):
                raise ValueError("it lies behind a link")
        place = self._place(path)
        found = os.lstat(place)
        if stat.S_ISLNK(found.st_mode):
            return os.fsencode(os.readlink(place))
        if not stat.S_ISREG(found.st_mode):
            raise ValueError("it is no file")
        with open(_open_unlocked(place), "rb") as file:
            return file.read()

    def _place(self, path: str) -> str:
        return _join(os.fspath(self._upper), path) if path else os.fspath(self._upper)

    def _lower(self, path: str) -> str:
        return _join(os.fspath(self._root), path) if path else os.fspath(self._root)


def _open_unlocked(place: str) -> int:
    """Open a file of the upper side, also one that the command took its owner's permission from; it is our copy."""
    try:
        return os.open(place, os.O_RDONLY | _NO_FOLLOW)
    except PermissionError:
        mode = stat.S_IMODE(os.lstat(place).st_mode)
        os.chmod(place, mode | stat.S_IRUSR)
        try:
            return os.open(place, os.O_RDONLY | _NO_FOLLOW)
        finally:
            os.chmod(place, mode)


def _join(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _lstat(place: str) -> os.stat_result | None:
    try:
        return os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _names(place: str) -> set[str]:
    """Return the names in a real folder; none where it cannot be listed: the command could not list it either."""
    try:
        return set(os.listdir(place))
    except OSError:
        return set()


def _is_whiteout(found: os.stat_result, place: str) -> bool:
    if stat.S_ISCHR(found.st_mode):
        return found.st_rdev == 0
    return stat.S_ISREG(found.st_mode) and found.st_size == 0 and _attribute(place, _WHITEOUT) is not None


def _attribute(place: str, name: str) -> bytes | None:
    getxattr = getattr(os, "getxattr", None)
    if getxattr is None:
        return None
    try:
        value: bytes = getxattr(place, name, follow_symlinks=False)
    except OSError:
        return None
    return value
