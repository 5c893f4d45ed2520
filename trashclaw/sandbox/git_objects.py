"""Asks git about objects, old and new together, in a throw-away repository with a configuration of our own."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from trashclaw.protocol.errors import GitFailed, WorkspaceError
from trashclaw.sandbox.git_side import GitSide
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.plumbing import ask_git

COPIED_LIMIT_BYTES = 200_000_000
"""Of new objects; beyond, commits are told by their names alone."""

_FORMAT = re.compile(rb"^\s*objectformat\s*=\s*\"?(\w+)", re.MULTILINE | re.IGNORECASE)

Entries = dict[bytes, bytes]
"""What an index or a tree has: mode, blob and stage by path."""


class GitObjects:
    """A bare repository that borrows the real objects and copies the new ones; made when it is first needed."""

    def __init__(self, folder: Path, changes: Mapping[str, HeldChange], config: bytes) -> None:
        """Borrow from the git folder that keeps the objects; of its `config` only the format of objects counts."""
        self._folder = folder
        self._changes = changes
        found = _FORMAT.search(config)
        self.algorithm = "sha256" if found and found[1].lower() == b"sha256" else "sha1"
        self._made: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> GitObjects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._made is not None:
            self._made.cleanup()

    def ask(self, *argv: str, stdin: bytes = b"", fine_codes: Sequence[int] = (0,), index: Path | None = None) -> bytes:
        """Return what git writes.

        Raises:
            GitFailed: git is missing, or said no (an object is not there).
        """
        place = self._place()
        env = {"GIT_DIR": str(place), **({"GIT_INDEX_FILE": str(index)} if index else {})}
        return ask_git(place, argv, stdin=stdin, env=env, fine_codes=fine_codes)

    def lines(self, *argv: str, stdin: bytes = b"") -> list[str]:
        """Return the lines that git writes; none where it says no."""
        try:
            return self.ask(*argv, stdin=stdin).decode("utf-8", "replace").splitlines()
        except GitFailed:
            return []

    def is_ancestor(self, old: str, new: str) -> bool:
        """Tell whether a commit is in the history of another."""
        try:
            self.ask("merge-base", "--is-ancestor", old, new)
        except GitFailed:
            return False
        return True

    def index_entries(self, side: GitSide) -> Entries | None:
        """Return what the index of one side has, `None` if git cannot read it."""
        data = side.read("index")
        if data is None:
            return {}
        place = self._place()
        index = place / "index"
        index.write_bytes(data)
        for shared in _shared_names(data, side, self.algorithm):
            (place / shared).write_bytes(side.read(shared) or b"")
        try:
            return _parsed(self.ask("ls-files", "-z", "-v", "--stage", index=index))
        except GitFailed:
            return None

    def tree_entries(self, commit: str) -> Entries:
        """Return what the tree of a commit has, in the form of an index; nothing if it is not there."""
        try:
            said = self.ask("ls-tree", "-r", "-z", "--full-tree", commit)
        except GitFailed:
            return {}
        entries: Entries = {}
        for line in said.split(b"\0"):
            head, _, path = line.partition(b"\t")
            fields = head.split(b" ")
            if len(fields) == 3:
                entries[path] = b"H " + fields[0] + b" " + fields[2] + b" 0"
        return entries

    def _place(self) -> Path:
        if self._made is None:
            self._made = tempfile.TemporaryDirectory(prefix="trashclaw-git-", ignore_cleanup_errors=True)
            self._fill(Path(self._made.name))
        return Path(self._made.name)

    def _fill(self, place: Path) -> None:
        version = 1 if self.algorithm != "sha1" else 0
        extension = f"[extensions]\n\tobjectformat = {self.algorithm}\n" if version else ""
        (place / "config").write_text(f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}")
        (place / "HEAD").write_text("ref: refs/heads/none\n")
        (place / "refs").mkdir()
        (place / "objects" / "info").mkdir(parents=True)
        borrowed = str(self._folder / "objects").replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        alternates = f'"{borrowed}"\n'.encode("utf-8", "surrogateescape")
        (place / "objects" / "info" / "alternates").write_bytes(alternates)
        left = COPIED_LIMIT_BYTES
        for name, one in self._changes.items():
            after = one.after
            if not name.startswith("objects/") or after is None or after.kind is not EntryKind.FILE:
                continue
            left -= after.size
            if name.startswith("objects/info/") or left < 0:
                continue
            copy = place / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            try:
                copy.write_bytes(one.read())
            except WorkspaceError:
                continue


def _parsed(said: bytes) -> Entries:
    entries: Entries = {}
    for line in said.split(b"\0"):
        head, tab, path = line.partition(b"\t")
        if tab:
            entries[path] = entries.get(path, b"") + (b"|" if path in entries else b"") + head
    return entries


def _shared_names(data: bytes, side: GitSide, algorithm: str) -> list[str]:
    """Return the shared index that a split index is built on: extension `link` holds its name."""
    size = 20 if algorithm == "sha1" else 32
    at = data.find(b"link")
    if at < 0:
        return []
    name = f"sharedindex.{data[at + 8 : at + 8 + size].hex()}"
    return [name] if side.has(name) else []
