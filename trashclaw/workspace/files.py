"""Text files as they are on disk: encoding, line ends and mode are kept, and a write is whole or not at all."""

from __future__ import annotations

import codecs
import contextlib
import hashlib
import os
import re
import stat
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.workspace.held_folder import HeldFolder, hold_folder
from trashclaw.workspace.leftovers import temporary_beside
from trashclaw.workspace.root import failure

READ_LIMIT_BYTES = 10_000_000
SYNCED_FILES = 100
"""Up to so many files are brought to the disk before they take their place; with more that would take too long."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\b\x1b")) + b"\x7f"
_CONTROL_SHARE = 0.02

_ESCAPED = {0xDC00 + byte: 0xEF00 + byte for byte in range(0x80, 0x100)}
"""Stray bytes in UTF-8 stand in the text as U+EF80 to U+EFFF: a patch cannot carry the surrogates of Python."""

_UNESCAPED = {shown: escaped for escaped, shown in _ESCAPED.items()}
_PLAIN = re.compile("[\\0-\\x7f]+")


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

    has_stray_bytes: bool = False
    """It is UTF-8 but for some bytes, which stand in the text as U+EF80 to U+EFFF and go back as they were."""

    def encode(self, text: str, name: str) -> bytes:
        """Return other text as the bytes of this file.

        Raises:
            UnsuitableFile: the encoding has no such character.
        """
        try:
            data = text.encode(self.encoding)
            if self.has_stray_bytes:
                data = text.translate(_UNESCAPED).encode(self.encoding, "surrogateescape")
            return self.mark + data
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise UnsuitableFile(
                f"{name} is encoded as {self.encoding}, which cannot hold {text[error.start]!r} (line {line}).",
                "Use characters of that encoding.",
            ) from error

    @property
    def label(self) -> str:
        """The encoding's name for a person, with its mark."""
        if self.has_stray_bytes:
            return f"{self.encoding} with stray bytes"
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
    """Return bytes as text: by byte order mark, else UTF-8 (stray bytes may be in it), else one byte a character.

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
    text = data.decode("utf-8", "surrogateescape")
    if _is_mostly_unicode(text):
        return TextFile(text.translate(_ESCAPED), digest(data), has_stray_bytes=True)
    try:
        return TextFile(data.decode("cp1252"), digest(data), "cp1252")
    except UnicodeDecodeError:
        return TextFile(data.decode("latin-1"), digest(data), "latin-1")


def _is_mostly_unicode(text: str) -> bool:
    """Tell whether fewer bytes are stray than characters are not, and no character looks like a stray byte."""
    foreign = Counter(map(ord, _PLAIN.sub("", text)))
    stray = sum(count for char, count in foreign.items() if char in _ESCAPED)
    return foreign.total() - stray > stray and not foreign.keys() & _UNESCAPED.keys()


def _decode_marked(data: bytes, mark: bytes, encoding: str, name: str) -> str:
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise UnsuitableFile(
            f"{name} begins as {encoding} but is not ({error.reason} at byte {error.start + len(mark)}).",
            "Only text can be read or edited.",
        ) from error


def replace_file(
    target: Path, data: bytes, before: os.stat_result | None, mode: int | None, *, is_synced: bool = True
) -> None:
    """Put bytes in place of a file or a link, with the owner of `before` and this mode; a read-only one too.

    `is_synced` waits until they are on the disk: too long for many files.

    Raises:
        OSError: it cannot be written, or a link is among its folders; the old bytes stand.
    """
    with hold_folder(target.parent) as folder:
        _replace(folder, target, data, before, mode, is_synced=is_synced)


def _replace(
    folder: HeldFolder,
    target: Path,
    data: bytes,
    before: os.stat_result | None,
    mode: int | None,
    *,
    is_synced: bool = True,
) -> None:
    temporary = temporary_beside(target).name
    # Until the file has its own mode nobody else may read it: the old one may have been a secret.
    stream = folder.create(temporary, 0o666 if mode is None else 0o600)
    try:
        with stream:
            stream.write(data)
            stream.flush()
            _dress(stream.fileno(), before, mode)
            if is_synced:
                os.fsync(stream.fileno())
        folder.rename(temporary, target.name)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            folder.remove(temporary)
        raise


def _dress(descriptor: int, before: os.stat_result | None, mode: int | None) -> None:
    """Set owner (where we may) and mode; the owner first, because that clears mode bits."""
    if sys.platform == "win32":
        return
    if before is not None:
        own = os.fstat(descriptor)
        if (own.st_uid, own.st_gid) != (before.st_uid, before.st_gid):
            with contextlib.suppress(PermissionError):
                os.fchown(descriptor, before.st_uid, before.st_gid)
    if mode is not None:
        os.fchmod(descriptor, mode)
