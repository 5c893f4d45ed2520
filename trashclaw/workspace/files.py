"""Text files as they are on disk: encoding, line ends and mode are kept, and a write is whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.workspace.leftovers import temporary_beside
from trashclaw.workspace.root import failure

READ_LIMIT_BYTES = 10_000_000

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"
_CONTROL_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text, and what is needed to write it back unchanged."""

    text: str
    """With its own line ends."""

    sha256: str
    """Digest of the bytes."""

    encoding: str = "utf-8"
    mark: bytes = b""
    """The byte order mark in front."""

    def encode(self, text: str, name: str) -> bytes:
        """Return other text as the bytes of this file.

        Raises:
            UnsuitableFile: the encoding has no such character.
        """
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise UnsuitableFile(
                f"{name} is encoded as {self.encoding}, which cannot hold {text[error.start]!r} (line {line}).",
                "Use characters of that encoding.",
            ) from error

    @property
    def label(self) -> str:
        """The encoding's name for a person, with its mark."""
        return f"{self.encoding} with BOM" if self.mark else self.encoding


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def read_bytes(path: Path, name: str, limit_bytes: int = READ_LIMIT_BYTES) -> bytes:
    """Return a file's bytes; `name` is what the error calls it.

    Raises:
        UnsuitableFile: it is missing, no regular file, larger than the limit, or not readable.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise UnsuitableFile(f"{name} is not a file.")
            data = stream.read(limit_bytes + 1)
    except FileNotFoundError as error:
        raise UnsuitableFile(f"{name} does not exist.", "Look with list_files or glob.") from error
    except IsADirectoryError as error:
        raise UnsuitableFile(f"{name} is a folder.", "Use list_files to look inside.") from error
    except OSError as error:
        raise failure(name, error) from error
    if len(data) > limit_bytes:
        size = max(found.st_size, len(data))
        raise UnsuitableFile(
            f"{name} has {size:,} bytes; the limit is {limit_bytes:,}.", "Look for the part you need with grep."
        )
    return data


def read_text(path: Path, name: str, limit_bytes: int = READ_LIMIT_BYTES) -> TextFile:
    """Return a file's text with everything needed to write it back.

    Raises:
        UnsuitableFile: as `read_bytes`, or it is binary.
    """
    return decode(read_bytes(path, name, limit_bytes), name)


def decode(data: bytes, name: str) -> TextFile:
    """Return bytes as text: by byte order mark, else UTF-8, else one byte a character.

    Raises:
        UnsuitableFile: it is binary.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return TextFile(_decode_marked(data, mark, encoding, name), digest(data), encoding, mark)
    if b"\0" in data:
        raise UnsuitableFile(f"{name} is a binary file (it holds NUL bytes).", "Only text can be read or edited.")
    with contextlib.suppress(UnicodeDecodeError):
        return TextFile(data.decode("utf-8"), digest(data))
    if len(data) - len(data.translate(None, _CONTROLS)) > len(data) * _CONTROL_SHARE:
        raise UnsuitableFile(f"{name} is a binary file.", "Only text can be read or edited.")
    try:
        return TextFile(data.decode("cp1252"), digest(data), "cp1252")
    except UnicodeDecodeError:
        return TextFile(data.decode("latin-1"), digest(data), "latin-1")


def _decode_marked(data: bytes, mark: bytes, encoding: str, name: str) -> str:
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise UnsuitableFile(
            f"{name} begins as {encoding} but is not ({error.reason} at byte {error.start + len(mark)}).",
            "Only text can be read or edited.",
        ) from error


def write_atomic(path: Path, data: bytes, name: str, mode: int | None = None) -> None:
    """Put bytes in place of a file: the old bytes stand until all the new ones are on disk.

    Folders are created. The file keeps its mode and owner; `mode` is for one that does not exist.

    Raises:
        UnsuitableFile: the file is read-only, or its folder cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        before = target.stat() if target.exists() else None
        if before is not None and not before.st_mode & 0o222:
            raise UnsuitableFile(f"{name} is read-only.", "Ask the user to make it writable.")
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, data, before, mode if before is None else stat.S_IMODE(before.st_mode))
    except OSError as error:
        raise failure(name, error) from error


def replace_file(target: Path, data: bytes, before: os.stat_result | None, mode: int | None) -> None:
    """Put bytes in place of a file or a link, with the owner of `before` and this mode; a read-only one too.

    Raises:
        OSError: it cannot be written; the old bytes stand.
    """
    temporary = temporary_beside(target)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    handle = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        _dress(temporary, before, mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _dress(temporary: Path, before: os.stat_result | None, mode: int | None) -> None:
    """Set owner (where we may) and mode; the owner first, because that clears mode bits."""
    if before is not None and hasattr(os, "chown"):
        own = temporary.stat()
        if (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid):
            with contextlib.suppress(PermissionError):
                os.chown(temporary, before.st_uid, before.st_gid)
    if mode is not None:
        temporary.chmod(mode)
