"""Finds work that git has no copy of and a command took away: told from what happened, not from the command's text."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.patches import ChangeKind, FileChange
from trashclaw.sandbox.file_changes import LANDED_LIMIT_BYTES, blob_name, read_now
from trashclaw.sandbox.git_objects import Entries, GitObjects
from trashclaw.sandbox.git_words import Ends
from trashclaw.sandbox.held_change import HeldChange

UNTRACKED = "git has no copy of this file"


class Losses:
    """Knows what git has of a work tree's files, before and after a command."""

    def __init__(self, top: Path, ends: Ends, objects: GitObjects) -> None:
        self._top = top
        self._objects = objects
        self._indexes = tuple(objects.index_entries(side) or {} for side in ends.own)
        commits = ends.commit(0), ends.commit(1)
        self._trees = tuple(objects.tree_entries(commit) if commit else {} for commit in commits)
        self._saved = _new_objects(ends, objects)

    def of(self, change: FileChange, held: HeldChange) -> str:
        """Return what is lost with a change of a file, empty if nothing is."""
        if change.kind not in {ChangeKind.MODIFIED, ChangeKind.DELETED} or not held.has_now(stat.S_IFREG):
            return ""
        path = os.fsencode(held.target.relative_to(self._top))
        index, tree = self._indexes[0], self._trees[0]
        is_tracked = path in index or path in tree
        if not is_tracked and change.kind is ChangeKind.MODIFIED:
            return ""
        is_huge = held.now is not None and held.now.st_size > LANDED_LIMIT_BYTES
        names = set() if is_huge else self._names(read_now(held) or b"")
        kept = {_blob(tree, path), _blob(self._indexes[1], path), _blob(self._trees[1], path)}
        if names & kept or names & self._saved:
            return ""
        if change.kind is ChangeKind.DELETED:
            return "your uncommitted changes would be lost" if is_tracked else UNTRACKED
        if self._is_reverted(held, {*kept, _blob(index, path)}):
            lines = max(change.removed, change.added)
            size = "" if not lines else " (1 line)" if lines == 1 else f" ({lines} lines)"
            return f"your uncommitted changes would be lost{size}"
        return ""

    def of_stash(self, commit: str, held: Mapping[bytes, HeldChange]) -> bool:
        """Tell whether a stash entry that is gone holds something that is not in the files after the command."""
        said = self._objects.lines("diff-tree", "-r", "--no-renames", f"{commit}^1", commit)
        for line in said:
            head, _, path = line.partition("\t")
            blob = head.split(" ")[3].encode()
            if not self._has_after(path.encode("utf-8", "surrogateescape"), blob, held):
                return True
        return not said

    def _has_after(self, path: bytes, blob: bytes, held: Mapping[bytes, HeldChange]) -> bool:
        try:
            if path in held:
                return held[path].after is not None and blob in self._names(held[path].read())
            if not int(blob, 16):
                return not (self._top / os.fsdecode(path)).exists()
            return blob in self._names((self._top / os.fsdecode(path)).read_bytes())
        except (OSError, WorkspaceError):
            return False

    def _is_reverted(self, held: HeldChange, known: set[bytes]) -> bool:
        if held.after is None or not stat.S_ISREG(held.after_mode or 0):
            return False
        return bool(self._names(held.read()) & known)

    def _names(self, data: bytes) -> set[bytes]:
        """Return the names git may have for a file's bytes: as they are, and with its own line ends."""
        algorithm = self._objects.algorithm
        plain = data.replace(b"\r\n", b"\n") if b"\r\n" in data else data
        return {blob_name(one, algorithm).encode() for one in (data, plain)}


def dropped_stashes(ends: Ends) -> dict[str, str]:
    """Return the stash entries that are gone: what each is called, by commit."""
    new = ends.common[1].stashes()
    return {oid: subject for oid, subject in ends.common[0].stashes().items() if oid not in new}


def _blob(entries: Entries, path: bytes) -> bytes:
    fields = entries.get(path, b"").split(b" ")
    return fields[2] if len(fields) == 4 else b""


def _new_objects(ends: Ends, objects: GitObjects) -> set[bytes]:
    """Return the names of all objects that refs lead to after the command and did not before: commits, stashes."""
    old, new = set(ends.common[0].refs().values()), set(ends.common[1].refs().values())
    old |= {*ends.common[0].stashes(), ends.commit(0)}
    new |= {*ends.common[1].stashes(), ends.commit(1)}
    wanted = sorted(new - old - {""})
    if not wanted:
        return set()
    stdin = "".join(f"{oid}\n" for oid in wanted) + "".join(f"^{oid}\n" for oid in sorted(old - {""}))
    lines = objects.lines("rev-list", "--objects", "--ignore-missing", "--stdin", stdin=stdin.encode())
    return {line.split(" ")[0].encode() for line in lines}


def with_losses(changes: Sequence[FileChange], held: Mapping[str, HeldChange], losses: Losses) -> list[FileChange]:
    """Return changes with a warning where work is lost."""
    warned = []
    for change in changes:
        lost = losses.of(change, held[change.path]) if change.path in held else ""
        if lost:
            change = change.model_copy(update={"warning": "; ".join(filter(None, (change.warning, lost)))})
        warned.append(change)
    return warned
