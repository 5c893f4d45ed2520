"""A folder held open while a file is put into it, so that nobody swaps in a link between the check and the write."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
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
def hold_folder(folder: Path, *, is_made: bool = False) -> Iterator[HeldFolder]:
    """Hold an absolute folder open, reached name by name and through no link; `is_made` makes what is missing.

    Raises:
        OSError: it is not there, or a link is on the way.
    """
    if not _CAN_HOLD:
        if is_made:
            folder.mkdir(parents=True, exist_ok=True)
        if Path(os.path.realpath(folder)) != folder:
            raise NotADirectoryError(20, "A link is on the way", str(folder))
        yield HeldFolder(folder, None)
        return
    descriptor = _reach(folder, is_made=is_made)
    try:
        yield HeldFolder(folder, descriptor)
    finally:
        os.close(descriptor)


def _reach(folder: Path, *, is_made: bool) -> int:
    descriptor = os.open(folder.anchor, _FOLDER)
    for part in folder.relative_to(folder.anchor).parts:
        above = descriptor
        try:
            descriptor = _enter(above, part, is_made=is_made)
        finally:
            os.close(above)
    return descriptor


def _enter(above: int, part: str, *, is_made: bool) -> int:
    try:
        return os.open(part, _FOLDER, dir_fd=above)
    except FileNotFoundError:
        if not is_made:
            raise
    with contextlib.suppress(FileExistsError):
        os.mkdir(part, dir_fd=above)
    return os.open(part, _FOLDER, dir_fd=above)
