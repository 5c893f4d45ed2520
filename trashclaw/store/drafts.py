"""Drafts: what stands in an editor and was not sent, a file for each session, so that a crash loses none of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId
from trashclaw.workspace.leftovers import temporary_beside
from trashclaw.workspace.presence import is_file, is_there

DRAFT_BYTES = 16 * 1024 * 1024
KEPT_AT_MOST = 20
"""Drafts of sessions that nobody came back to."""

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text as it stands in the editor, and the pastes that are folded in it, each by the sign that stands for it."""

    text: str
    pastes: Mapping[str, str] = field(default_factory=dict)


def draft_line(draft: Draft) -> bytes:
    """Return a draft as one line of JSON, in ASCII."""
    import json

    record: dict[str, Any] = {"text": draft.text}
    if draft.pastes:
        record["pastes"] = dict(draft.pastes)
    return json.dumps(record).encode("ascii") + b"\n"


def read_draft(line: bytes) -> Draft | None:
    """Return the draft of a line, or `None` where it is none: torn by a crash, or written by somebody else."""
    import json

    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    text = record.get("text") if isinstance(record, dict) else None
    pastes = record.get("pastes", {}) if isinstance(record, dict) else None
    if not isinstance(text, str) or not isinstance(pastes, dict):
        return None
    if not all(isinstance(paste, str) for paste in pastes.values()):
        return None
    return Draft(text, pastes)


class Drafts:
    """The drafts of a workspace. A session that is open keeps its own; what others left goes to whoever comes next."""

    def __init__(self, folder: Path, leases: Path) -> None:
        """`leases` is where open sessions hold theirs."""
        self._folder = folder
        self._leases = leases

    def save(self, session_id: SessionId, draft: Draft) -> None:
        """Keep the draft of a session in the place of the one before; one without a text is forgotten.

        Raises:
            StoreError: it cannot be written or removed, or is too large.
        """
        file = self._file(session_id)
        if not draft.text.strip():
            _remove(file)
            return
        data = draft_line(draft)
        if len(data) > DRAFT_BYTES:
            raise StoreError("The draft is too large to be kept.", "Put it in a file, and mention that.")
        new = temporary_beside(file)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with os.fdopen(os.open(new, _NEW, 0o600), "wb") as stream:
                stream.write(data)
            new.replace(file)
        except OSError as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            raise StoreError(f"The draft cannot be kept: {error.strerror or error}.") from error

    def take(self, session_id: SessionId, *, is_new: bool) -> Draft | None:
        """Return a session's own draft; a new session is given the newest one of those that nobody has open."""
        own = self._file(session_id)
        if not is_there(own) and is_new:
            self._adopt(own)
        return self._read(own)

    def _adopt(self, own: Path) -> None:
        from trashclaw.store.lease import Lease

        left = sorted(self._folder.glob("*.json"), key=_written_at, reverse=True)
        for place, file in enumerate(left):
            if place >= KEPT_AT_MOST:
                with suppress(StoreError):
                    _remove(file)
            elif not is_there(own) and self._read(file) is not None:
                # Held while the file moves: its session cannot be opened, and of two that want it one gets it.
                with suppress(StoreError, OSError):
                    lease = Lease(self._leases, SessionId(file.stem))
                    try:
                        file.rename(own)
                    finally:
                        lease.release()

    def _file(self, session_id: SessionId) -> Path:
        return self._folder / f"{session_id}.json"

    def _read(self, file: Path) -> Draft | None:
        try:
            if not is_file(file):
                return None
            with file.open("rb") as stream:
                draft = read_draft(stream.read(DRAFT_BYTES + 1))
        except OSError:
            return None
        return draft if draft is not None and draft.text.strip() else None


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(f"The draft {file} cannot be removed: {error.strerror or error}.") from error


def _written_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
