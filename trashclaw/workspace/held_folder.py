"""A folder held open while a file is put into it, so that nobody swaps in a link between the check and the write."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO

_CAN_HOLD = {os.open, os.mkdir, os.stat, os.unlink, os.rename} <= os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
"""Windows cannot: there the folder is asked for by its path each time, after one more look for links."""

_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)

_FOLDER = (
    getattr(os, "O_DIRECTORY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_PATH", os.O_RDONLY)
)
"""`O_PATH` needs no leave to list the folders on the way, as a plain open does."""

_DESCRIPTORS = "/proc/self/fd"
_CAN_ASK = Path(_DESCRIPTORS).is_dir()
"""Elsewhere a folder is reached anew each time."""

KEPT_FOLDERS = 32


class HeldFolder:
    """Works on the names in one folder, and never at the end of a link."""

    def __init__(self, folder: Path, descriptor: int | None) -> None:
        self._folder = folder
        self._descriptor = descriptor

    def look(self, name: str) -> os.stat_result | None:
        """Return what has this name (a link itself, not its end), `None` if nothing has."""
        try:
            return os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None

    def create(self, name: str, mode: int) -> IO[bytes]:
        """Open a new file for writing.

        Raises:
            OSError: there is such a name, or the folder cannot be written.
        """
        return os.fdopen(os.open(self._at(name), _WRITE, mode, dir_fd=self._descriptor), "wb")

    def rename(self, name: str, new_name: str) -> None:
        """Give a file another name, in place of what had it.

        Raises:
            OSError: it cannot be done; both stand.
        """
        held = self._descriptor
        os.replace(self._at(name), self._at(new_name), src_dir_fd=held, dst_dir_fd=held)

    def remove(self, name: str) -> None:
        """Remove a file or a link.

        Raises:
            OSError: it cannot be done.
        """
        os.unlink(self._at(name), dir_fd=self._descriptor)

    def place(self, name: str, target: HeldFolder, new_name: str) -> None:
        """Give a file, link or folder a place in another folder, instead of the file or link that had it.

        Raises:
            OSError: it cannot be done; both stand.
        """
        os.replace(self._at(name), target._at(new_name), src_dir_fd=self._descriptor, dst_dir_fd=target._descriptor)

    def share(self, name: str, target: HeldFolder, new_name: str) -> None:
        """Give a file a second name in another folder.

        Raises:
            OSError: the file system cannot, or may not.
        """
        os.link(
            self._at(name),
            target._at(new_name),
            src_dir_fd=self._descriptor,
            dst_dir_fd=target._descriptor,
            follow_symlinks=False,
        )

    def read(self, name: str) -> bytes:
        """Return the bytes of a file, or the target of a link.

        Raises:
            OSError: it cannot be read.
        """
        entry = os.stat(self._at(name), dir_fd=self._descriptor, follow_symlinks=False)
        if stat.S_ISLNK(entry.st_mode):
            return os.fsencode(os.readlink(self._at(name), dir_fd=self._descriptor))
        with self.open(name) as stream:
            return stream.read()

    def open(self, name: str) -> BufferedReader:
        """Open a plain file for reading.

        Raises:
            OSError: it is none, or cannot be read.
        """
        stream = os.fdopen(os.open(self._at(name), _READ, dir_fd=self._descriptor), "rb")
        if stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            return stream
        stream.close()
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), name)

    def make_link(self, name: str, leads_to: bytes) -> None:
        """Make a symbolic link.

        Raises:
            OSError: there is such a name, or the folder cannot be written.
        """
        os.symlink(leads_to, os.fsencode(self._at(name)), dir_fd=self._descriptor)

    def make_folder(self, name: str) -> None:
        """Make a folder.

        Raises:
            OSError: there is such a name, or the folder cannot be written.
        """
        os.mkdir(self._at(name), dir_fd=self._descriptor)

    def remove_folder(self, name: str) -> None:
        """Remove an empty folder.

        Raises:
            OSError: it cannot be done.
        """
        os.rmdir(self._at(name), dir_fd=self._descriptor)

    def set_mode(self, name: str, mode: int) -> None:
        """Set the permission bits of a file or a folder; of what has become a link, none.

        Raises:
            OSError: it is not ours.
        """
        entry = self.look(name)
        if entry is None or stat.S_ISLNK(entry.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, "A link is on the way", name)
        os.chmod(self._at(name), mode, dir_fd=self._descriptor)

    def _at(self, name: str) -> str:
        return str(self._folder / name) if self._descriptor is None else name


@contextlib.contextmanager
def hold_folder(folder: Path) -> Iterator[HeldFolder]:
    """Hold an absolute folder open, reached name by name and through no link.

    Raises:
        OSError: it is not there, or a link is on the way.
    """
    if not _CAN_HOLD:
        if Path(os.path.realpath(folder)) != folder:
            raise NotADirectoryError(20, "A link is on the way", str(folder))
        yield HeldFolder(folder, None)
        return
    kept = _KEPT.get()
    if kept is not None:
        with kept.hold(folder) as descriptor:
            yield HeldFolder(folder, descriptor)
        return
    descriptor = _reach(folder)
    try:
        yield HeldFolder(folder, descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def keep_folders() -> Iterator[None]:
    """Keep folders open between one `hold_folder` and the next, for work on many files of few folders.

    Each time the system is asked whether a folder is still where it was opened; if not, it is reached anew. So nothing
    is done in a folder that was moved away or made a link meanwhile, as without this. Holds for this thread of work.
    """
    if not (_CAN_HOLD and _CAN_ASK) or _KEPT.get() is not None:
        yield
        return
    with contextlib.closing(_KeptFolders()) as kept:
        token = _KEPT.set(kept)
        try:
            yield
        finally:
            _KEPT.reset(token)


@dataclass(slots=True)
class _Kept:
    """An open folder; `users` hold it at the moment."""

    descriptor: int
    users: int = 0


class _KeptFolders:
    """Open folders by their paths, the one used last at the end."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}
        self._descriptors = os.open(_DESCRIPTORS, _FOLDER)

    @contextlib.contextmanager
    def hold(self, folder: Path) -> Iterator[int]:
        path = str(folder)
        kept = self._kept.pop(path, None)
        if kept is not None and not self._is_at(kept.descriptor, path):
            self._drop(kept)
            kept = None
        if kept is None:
            kept = _Kept(_reach(folder))
        self._kept[path] = kept
        kept.users += 1
        try:
            yield kept.descriptor
        finally:
            kept.users -= 1
            if self._kept.get(path) is not kept:
                self._drop(kept)
            elif len(self._kept) > KEPT_FOLDERS:
                self._drop_oldest()

    def close(self) -> None:
        for kept in self._kept.values():
            self._drop(kept)
        self._kept.clear()
        os.close(self._descriptors)

    def _is_at(self, descriptor: int, path: str) -> bool:
        """Tell whether an open folder still lies at a path without links: the system knows where it is now."""
        try:
            return os.readlink(str(descriptor), dir_fd=self._descriptors) == path
        except OSError:
            return False

    def _drop_oldest(self) -> None:
        oldest = next((path for path, kept in self._kept.items() if not kept.users), None)
        if oldest is not None:
            self._drop(self._kept.pop(oldest))

    @staticmethod
    def _drop(kept: _Kept) -> None:
        """Close a folder, unless somebody holds it: then they do."""
        if not kept.users:
            os.close(kept.descriptor)


_KEPT: ContextVar[_KeptFolders | None] = ContextVar("kept_folders", default=None)


def _reach(folder: Path) -> int:
    descriptor = os.open(folder.anchor, _FOLDER)
    for part in folder.relative_to(folder.anchor).parts:
        above = descriptor
        try:
            descriptor = os.open(part, _FOLDER, dir_fd=above)
        finally:
            os.close(above)
    return descriptor
