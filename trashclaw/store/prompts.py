"""Prompts: what a person said in a workspace, kept between sessions, a line of JSON each."""

from __future__ import annotations

import os
from pathlib import Path

from trashclaw.protocol.errors import StoreError
from trashclaw.store.drafts import Draft, draft_line, read_draft
from trashclaw.store.file_lock import WAIT_S, locked
from trashclaw.workspace.leftovers import temporary_beside

FILE_NAME = "prompts.jsonl"
ENTRIES_AT_MOST = 2_000
FILE_BYTES = 4 * 1024 * 1024
ENTRY_BYTES = 1024 * 1024
"""A larger prompt is not kept: what it pasted would push out everything else."""

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Prompts:
    """The prompts of one workspace. Several programs add to it; a line that a crash tore is passed over."""

    def __init__(
        self, file: Path, *, entries: int = ENTRIES_AT_MOST, size_bytes: int = FILE_BYTES, wait_s: float = WAIT_S
    ) -> None:
        """At most `entries` are returned; the file grows to twice both bounds before its older half is left out."""
        self._file = file
        self._lock = file.with_name(f"{file.name}.lock")
        self._entries = entries
        self._size_bytes = size_bytes
        self._wait_s = wait_s

    def entries(self) -> list[Draft]:
        """Return what was said, the oldest first, each text once, where it was said last.

        Raises:
            StoreError: the file cannot be read.
        """
        newest_first: dict[str, Draft] = {}
        for line in reversed(self._lines()):
            draft = read_draft(line)
            if draft is not None and draft.text not in newest_first:
                newest_first[draft.text] = draft
                if len(newest_first) == self._entries:
                    break
        return list(reversed(newest_first.values()))

    def add(self, draft: Draft) -> None:
        """Remember a prompt as the newest one; nothing that is there is written anew, unless it is too much.

        Raises:
            StoreError: it cannot be stored.
        """
        line = draft_line(draft)
        if len(line) > ENTRY_BYTES:
            return
        with locked(self._file, self._lock, self._wait_s):
            try:
                if self._append(line) > 2 * self._size_bytes:
                    self._shorten()
            except OSError as error:
                raise self._failure("written", error) from error

    def _append(self, line: bytes) -> int:
        """Add a line and return the size of the file."""
        descriptor = os.open(self._file, _APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as stream:
            before = stream.seek(0, os.SEEK_END)
            if before:
                stream.seek(before - 1)
                # A program that was killed while it wrote left a part of a line.
                line = line if stream.read(1) == b"\n" else b"\n" + line
            written = 0
            try:
                while written < len(line):
                    written += stream.write(line[written:])
            except OSError:
                stream.truncate(before)
                raise
            return before + len(line)

    def _shorten(self) -> None:
        kept: list[bytes] = []
        size = 0
        for line in reversed(self._lines()[-self._entries :]):
            size += len(line) + 1
            if size > self._size_bytes:
                break
            kept.append(line)
        new = temporary_beside(self._file)
        try:
            with os.fdopen(os.open(new, _NEW, 0o600), "wb") as stream:
                stream.writelines(line + b"\n" for line in reversed(kept))
                stream.flush()
                os.fsync(stream.fileno())
            new.replace(self._file)
        finally:
            new.unlink(missing_ok=True)

    def _lines(self) -> list[bytes]:
        try:
            with self._file.open("rb") as stream:
                end = stream.seek(0, os.SEEK_END)
                begin = max(0, end - 2 * self._size_bytes - ENTRY_BYTES)
                stream.seek(begin)
                lines = stream.read().split(b"\n")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._failure("read", error) from error
        return [line for line in lines[1 if begin else 0 :] if line]

    def _failure(self, what: str, error: OSError) -> StoreError:
        hint = f"Check who may {'read' if what == 'read' else 'write'} it."
        return StoreError(f"{self._file} cannot be {what}: {error.strerror or error}.", hint)
