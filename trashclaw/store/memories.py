"""Memories: what a person wants remembered, as Markdown lists in files that they can edit themselves."""

from __future__ import annotations

import errno
import os
import re
import stat
from contextlib import suppress
from pathlib import Path

from trashclaw.protocol.errors import StoreError, UsageError
from trashclaw.store.file_lock import locked
from trashclaw.workspace.leftovers import temporary_beside

FILE_NAME = "memory.md"
ENTRY_CHARS = 1_000
ENTRIES_AT_MOST = 200
_FILE_BYTES = 256 * 1024
_ITEM = re.compile(rb"[-*+][ \t]+(?=\S)")
_BOM = b"\xef\xbb\xbf"
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Memories:
    """The entries of one file: its list items, counted from 1. Whatever else stands in it is left as it is.

    Only a person adds to it, never the model: what injected text made a model write here would be read in every later
    session, long after the text itself is gone.
    """

    def __init__(self, file: Path, locks: Path) -> None:
        """`locks` is a folder of our own; the file's may belong to somebody's editor."""
        self.file = file
        self._lock = locks / f"{file.name}.lock"

    def entries(self) -> list[str]:
        """Return what is remembered, the oldest first.

        Raises:
            StoreError: the file cannot be read.
        """
        return [_text_of(b"".join(block)) for is_entry, block in _blocks(self._read()) if is_entry]

    def add(self, text: str) -> str:
        """Remember a text as the last entry, and return it as it is stored: in one line.

        What was there is not written anew, so nothing of it can be lost.

        Raises:
            UsageError: it is empty or too long, or there are too many.
            StoreError: it cannot be stored.
        """
        line = " ".join(text.split())
        if not line:
            raise UsageError("There is nothing to remember.", "Write it behind the command.")
        if len(line) > ENTRY_CHARS:
            raise UsageError(f"An entry has {ENTRY_CHARS:,} characters at most; this one has {len(line):,}.")
        with locked(self.file, self._lock):
            before = self._read()
            if sum(is_entry for is_entry, _ in _blocks(before)) >= ENTRIES_AT_MOST:
                raise UsageError(f"{self.file} has {ENTRIES_AT_MOST} entries already.", "Forget some of them first.")
            gap = b"" if not before or before.endswith(b"\n") else b"\n"
            self._append(gap + b"- " + line.encode("utf-8", "replace") + b"\n")
        return line

    def forget(self, number: int) -> str:
        """Take an entry out and return it; the file is replaced as a whole.

        Raises:
            UsageError: there is no such entry.
            StoreError: it cannot be stored.
        """
        with locked(self.file, self._lock):
            blocks = _blocks(self._read())
            places = [place for place, (is_entry, _) in enumerate(blocks) if is_entry]
            if not 1 <= number <= len(places):
                there = f"1 to {len(places)}" if places else "none"
                raise UsageError(f"There is no entry {number}; there are {there}.", "/memory lists them.")
            gone = blocks.pop(places[number - 1])
            self._replace(b"".join(line for _, block in blocks for line in block))
        return _text_of(b"".join(gone[1]))

    def _read(self) -> bytes:
        try:
            # A look at what was opened, and no waiting for whoever would write into a pipe.
            with os.fdopen(os.open(self.file, _READ), "rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise StoreError(f"{self.file} is no plain file.", "Move it away; a new one is made.")
                data = stream.read(_FILE_BYTES + 1)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise self._failure("read", error) from error
        if len(data) > _FILE_BYTES:
            raise StoreError(f"{self.file} is larger than {_FILE_BYTES // 1024} KiB.", "Shorten it in an editor.")
        if b"\0" in data:
            raise StoreError(f"{self.file} is not a text in UTF-8.", "Save it as one in an editor, or move it away.")
        return data

    def _append(self, data: bytes) -> None:
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.file, _APPEND, 0o600)
        except OSError as error:
            raise self._failure("written", error) from error
        before = os.fstat(descriptor).st_size
        try:
            while data:
                data = data[os.write(descriptor, data) :]
            os.fsync(descriptor)
        except OSError as error:
            # The disk is full: half an entry would be taken for a whole one.
            with suppress(OSError):
                os.ftruncate(descriptor, before)
            raise self._failure("written", error) from error
        finally:
            os.close(descriptor)

    def _replace(self, data: bytes) -> None:
        # A link stays one: people keep such files in a folder of their own.
        target = Path(os.path.realpath(self.file))
        draft = temporary_beside(target)
        try:
            mode = target.stat().st_mode & 0o777
            with os.fdopen(os.open(draft, _NEW, mode), "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            draft.replace(target)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise self._failure("written", error) from error

    def _failure(self, what: str, error: OSError) -> StoreError:
        hint = f"Check what stands there and who may {'read' if what == 'read' else 'write'} it."
        if error.errno in (errno.ENOSPC, errno.EFBIG):
            hint = "Make room on the disk."
        return StoreError(f"{self.file} cannot be {what}: {error.strerror or error}.", hint)


def _blocks(data: bytes) -> list[tuple[bool, list[bytes]]]:
    """Divide a file into entries (an item with the indented lines below it) and single other lines."""
    blocks: list[tuple[bool, list[bytes]]] = []
    for line in data.splitlines(keepends=True):
        is_item = _ITEM.match(line if blocks else line.removeprefix(_BOM)) is not None
        if blocks and blocks[-1][0] and line[:1] in (b" ", b"\t") and line.strip():
            blocks[-1][1].append(line)
        else:
            blocks.append((is_item, [line]))
    return blocks


def _text_of(block: bytes) -> str:
    return " ".join(_ITEM.sub(b"", block.removeprefix(_BOM), count=1).decode("utf-8", "replace").split())
