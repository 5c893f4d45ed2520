"""One side of a git folder: as it is, or as a command left it; refs, head and state are read without git."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.files import read_bytes
from trashclaw.workspace.steps import look

_OID = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_STATES = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "BISECT_LOG": "bisect",
}
LIMIT_BYTES = 50_000_000


class GitSide:
    """What git keeps in a folder; with changes, as they leave it."""

    def __init__(self, folder: Path, changes: Mapping[str, HeldChange]) -> None:
        """Read `folder`; `changes` by the path within it."""
        self.folder = folder
        self._changes = changes

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, `None` if there is none, or it cannot be read."""
        try:
            if name in self._changes:
                one = self._changes[name]
                is_file = one.after is not None and one.after.kind is EntryKind.FILE
                return one.read() if is_file else None
            return read_bytes(self.folder / name, name, LIMIT_BYTES)
        except WorkspaceError:
            return None

    def has(self, name: str) -> bool:
        """Tell whether something is there."""
        if name in self._changes:
            return self._changes[name].after is not None
        return look(self.folder / name) is not None

    def text(self, name: str) -> str:
        """Return a file's text, empty if there is none."""
        return (self.read(name) or b"").decode("utf-8", "replace")

    @property
    def head(self) -> str:
        """What is checked out: `refs/heads/main`, or the name of a commit; empty if there is none."""
        return self.text("HEAD").strip().removeprefix("ref:").strip()

    @property
    def states(self) -> frozenset[str]:
        """What is in progress: `merge`, `rebase`, ..."""
        return frozenset(word for name, word in _STATES.items() if self.has(name))

    def refs(self) -> dict[str, str]:
        """Return the commits (or tags) that names stand for."""
        found: dict[str, str] = {}
        for line in self.text("packed-refs").splitlines():
            oid, _, name = line.partition(" ")
            if _OID.fullmatch(oid) and name:
                found[name] = oid
        for name in self._loose():
            oid = self.text(name).strip()
            if _OID.fullmatch(oid):
                found[name] = oid
        return found

    def stashes(self) -> dict[str, str]:
        """Return the stash entries, the oldest first: what each is called, by commit."""
        entries = {}
        for line in self.text("logs/refs/stash").splitlines():
            head, _, subject = line.partition("\t")
            fields = head.split(" ")
            if len(fields) > 1 and _OID.fullmatch(fields[1]):
                entries[fields[1]] = subject
        if not entries and (oid := self.refs().get("refs/stash")):
            entries[oid] = "stash"
        return entries if self.has("refs/stash") or "refs/stash" in self.refs() else {}

    def _loose(self) -> Iterator[str]:
        changed = {name for name in self._changes if name.startswith("refs/")}
        real = {name for name in _files(self.folder, "refs") if name not in changed}
        yield from sorted(real | {name for name in changed if self._changes[name].after is not None})


def _files(folder: Path, name: str) -> Iterator[str]:
    try:
        entries = sorted((folder / name).iterdir())
    except OSError:
        return
    for entry in entries:
        inner = str(PurePosixPath(name, entry.name))
        try:
            mode = entry.lstat().st_mode
        except OSError:
            continue
        if stat.S_ISDIR(mode):
            yield from _files(folder, inner)
        elif stat.S_ISREG(mode):
            yield inner
