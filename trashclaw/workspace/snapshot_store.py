"""The checkpoints' own bare git repository: plumbing only, no refs, index or objects of the user's are touched."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.permissions import Permissions
from trashclaw.workspace.snapshot_index import ARGUMENTS_AT_MOST, split
from trashclaw.workspace.store_git import StoreGit
from trashclaw.workspace.tree_change import ABSENT, Entry, Side, TreeChange

STALE_INDEX_S = 3_600.0
_ATTRIBUTES = "* -text -eol -ident -filter -working-tree-encoding\n"
"""Bytes are stored as they are, whatever the project's `.gitattributes` say."""

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "trashclaw"), ("EMAIL", "trashclaw@localhost"))
}
_LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}


class SnapshotStore:
    """Snapshots of a work tree, kept in a repository of our own: a tree each, and the permissions beside it."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self.git = StoreGit(root, folder)
        self._is_ready = False
        self._written: dict[bytes, str] = {}
        """The latest permissions that were written, with their blob."""

    async def open(self) -> None:
        """Make the repository if there is none, and clear away what a killed process left.

        Raises:
            GitFailed: there is no git, or the folder cannot be written.
        """
        if self._is_ready:
            return
        try:
            await asyncio.to_thread(self._make_folder)
        except OSError as error:
            raise GitFailed(f"The checkpoint store cannot be written: {error.strerror}.") from error
        if not all((self.folder / part).exists() for part in ("HEAD", "config", "objects", "refs")):
            await self.git.run("init", "--quiet", "--bare", "--template=", str(self.folder), of_user=True)
        self._is_ready = True

    async def keep(self, side: Side, label: str) -> str:
        """Keep a snapshot under a commit and a ref of its own; return the commit, which no other one shares."""
        message = f"{label or 'checkpoint'}\n\n{secrets.token_hex(8)}"
        commit = (
            (await self.git.run("commit-tree", f"{side.tree}^{{tree}}", "-m", message, env=_IDENTITY)).decode().strip()
        )
        await self._name(commit, commit, side)
        return commit

    async def replace(self, commit: str, side: Side) -> None:
        """Let a snapshot stand for another tree from now on; it keeps its name."""
        argv = ("commit-tree", f"{side.tree}^{{tree}}", "-p", commit, "-m", "extended")
        await self._name(commit, (await self.git.run(*argv, env=_IDENTITY)).decode().strip(), side)

    async def side(self, commit: str) -> Side:
        """Return what a snapshot stands for."""
        try:
            permissions = Permissions.decode(await self.git.run("cat-file", "blob", _permissions_name(commit)))
        except GitFailed:
            permissions = None
        return Side(tree_name(commit), permissions)

    async def here(self, commits: Sequence[str]) -> frozenset[str]:
        """Return those of the snapshots that are here; git runs once for all of them."""
        asked = "".join(f"{tree_name(commit)}^{{tree}}\n" for commit in commits)
        said = (await self.git.run("cat-file", "--batch-check=%(objecttype)", stdin=asked.encode())).split(b"\n")
        return frozenset(commit for commit, kind in zip(commits, said, strict=False) if kind == b"tree")

    async def entries(self, tree: str, among: Collection[str] = ()) -> dict[str, Entry]:
        """Return what a tree has at these paths and below them, or everything."""
        named = tuple(among) if len(among) <= ARGUMENTS_AT_MOST else ()
        said = await self.git.run("ls-tree", "-r", "-z", tree, "--", *named, env=_LITERAL)
        found = {}
        for line in said.split(b"\0")[:-1]:
            head, _, path = line.partition(b"\t")
            mode, _, blob = head.decode().split(" ")
            found[os.fsdecode(path)] = Entry(mode, blob)
        if among and not named:
            wanted = frozenset(among)
            return {path: entry for path, entry in found.items() if _lies_among(path, wanted)}
        return found

    async def tracked_ignored(self) -> list[str]:
        """Return what the user's own repository tracks here although it is ignored; nothing where there is none."""
        try:
            argv = ("ls-files", "-z", "--cached", "--ignored", "--exclude-standard")
            return split(await self.git.run(*argv, of_user=True))
        except GitFailed:
            return []

    async def compare(self, old: Side, new: Side) -> list[TreeChange]:
        """Return the paths in which two snapshots differ, sorted."""
        said = await self.git.run("diff-tree", "-r", "-z", "--no-renames", "--raw", old.tree, new.tree)
        fields = said.split(b"\0")
        changes = {}
        for head, name in zip(fields[::2], fields[1::2], strict=False):
            old_mode, new_mode, old_blob, new_blob, _ = head.decode().removeprefix(":").split(" ")
            path = os.fsdecode(name)
            changes[path] = _change(path, Entry(old_mode, old_blob), Entry(new_mode, new_blob), old, new)
        if old.permissions is not None and new.permissions is not None:
            others = old.permissions.others.items() ^ new.permissions.others.items()
            if asked := {path for path, _ in others} - changes.keys():
                for path, entry in (await self.entries(new.tree, asked)).items():
                    change = _change(path, entry, entry, old, new)
                    if path in asked and change.old.bits != change.new.bits:
                        changes[path] = change
        return [changes[path] for path in sorted(changes)]

    async def contents(self, entries: Sequence[Entry]) -> list[bytes | None]:
        """Return the bytes of entries, all in memory at once; `None` where there is no file."""
        found = iter(await self.blobs([entry.blob for entry in entries if entry.mode != ABSENT]))
        return [next(found) if entry.mode != ABSENT else None for entry in entries]

    async def blobs(self, blobs: Sequence[str]) -> list[bytes]:
        """Return the bytes of some files, all in memory at once."""
        said = await self.git.run("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode())
        found, at = [], 0
        for _ in blobs:
            start = said.index(b"\n", at) + 1
            header = said[at : start - 1].split(b" ")
            if len(header) != 3:
                raise GitFailed("A file of the checkpoint is missing in its store.")
            end = start + int(header[2])
            found.append(said[start:end])
            at = end + 1
        return found

    async def kept_since(self) -> dict[str, float]:
        """Return every snapshot with the time at which it was made, in seconds since the epoch."""
        argv = ("for-each-ref", "--format=%(refname:lstrip=2) %(committerdate:unix)", "refs/checkpoints")
        lines = (await self.git.run(*argv)).decode().split("\n")
        return {commit: float(made_at) for commit, _, made_at in (line.partition(" ") for line in lines if line)}

    async def drop(self, commits: Iterable[str]) -> None:
        """Let go of snapshots; what no other one needs is removed with the next packing."""
        lines = "".join(f"delete {tree_name(name)}\ndelete {_permissions_name(name)}\n" for name in commits)
        if lines:
            await self.git.run("update-ref", "--stdin", stdin=lines.encode())

    async def pack(self) -> None:
        """Pack what has gathered, where it is much; git itself knows when, and that only one does it at a time."""
        settings = ("gc.auto=3000", "gc.autoDetach=false", "gc.pruneExpire=1.day.ago", "pack.threads=1")
        self._written = {}
        await self.git.run("gc", "--auto", "--quiet", settings=settings)

    def latest(self) -> tuple[Permissions | None, list[str]]:
        """Return the permissions of the latest snapshot, and the files that were fresh in it."""
        try:
            noted, _, fresh = (self.folder / "permissions").read_bytes().partition(b"\n")
            return Permissions.decode(noted), [str(path) for path in json.loads(fresh)]
        except (OSError, ValueError, TypeError):
            return None, []

    def keep_latest(self, index: Path, permissions: Permissions, fresh: Sequence[str]) -> None:
        """Let the next snapshot begin with this index. The permissions come first: what they miss, the index misses."""
        file = index.with_name(index.name + ".permissions")
        try:
            file.write_bytes(permissions.encode() + b"\n" + json.dumps(fresh).encode("ascii"))
            file.replace(self.folder / "permissions")
        finally:
            file.unlink(missing_ok=True)
        index.replace(self.folder / "index")

    async def _name(self, commit: str, target: str, side: Side) -> None:
        lines = f"update {tree_name(commit)} {target}\n"
        if side.permissions is not None:
            lines += f"update {_permissions_name(commit)} {await self._write(side.permissions.encode())}\n"
        await self.git.run("update-ref", "--stdin", stdin=lines.encode())

    async def _write(self, data: bytes) -> str:
        if data not in self._written:
            blob = (await self.git.run("hash-object", "-w", "--stdin", stdin=data)).decode().strip()
            self._written = {data: blob}
        return self._written[data]

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "info").mkdir(exist_ok=True)
        (self.folder / "info" / "attributes").write_text(_ATTRIBUTES, encoding="utf-8")
        for left in self.folder.glob("index.*"):
            if time.time() - left.stat().st_ctime > STALE_INDEX_S:
                left.unlink(missing_ok=True)


def tree_name(commit: str) -> str:
    """Return the name by which git finds what a snapshot stands for."""
    return f"refs/checkpoints/{commit}"


def _permissions_name(commit: str) -> str:
    return f"refs/permissions/{commit}"


def _lies_among(path: str, wanted: frozenset[str]) -> bool:
    """Tell whether a path or a folder above it is wanted."""
    return path in wanted or any(path[:at] in wanted for at, letter in enumerate(path) if letter == "/")


def _change(path: str, before: Entry, after: Entry, old: Side, new: Side) -> TreeChange:
    return TreeChange(path, before.with_bits(path, old.permissions), after.with_bits(path, new.permissions))
