"""The checkpoints' own bare git repository: plumbing only, no refs, index or objects of the user's are touched."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.tree_change import ABSENT, TreeChange

TIMEOUT_S = 120.0
STALE_INDEX_S = 3_600.0
PACKING_VERSION = (2, 38)

_SETTINGS = (
    "core.autocrlf=false",
    "core.compression=1",
    "core.fileMode=true",
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    "core.logAllRefUpdates=false",
    "core.precomposeUnicode=false",
    "core.protectHFS=false",
    "core.protectNTFS=false",
    "core.safecrlf=false",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "gc.auto=0",
)
_ATTRIBUTES = "* -text -eol -ident -filter -working-tree-encoding\n"
"""Bytes are stored as they are, whatever the project's `.gitattributes` say."""

_IDENTITY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "trashclaw"), ("EMAIL", "trashclaw@localhost"))
}

_PACKING = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.bigFileThreshold", "GIT_CONFIG_VALUE_0": "1"}
_USERS_VIEW = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


class SnapshotStore:
    """Trees of a work tree, kept in a repository of our own."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self._root = root
        self._is_ready = False

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
            await self.git("init", "--quiet", "--bare", "--template=", str(self.folder), of_user=True)
        self._is_ready = True

    async def write_tree(self, paths: Sequence[str], gone: Sequence[str]) -> str:
        """Return the tree of these paths as they are on disk; `gone` are taken out of the index.

        A private copy of the index is used, so that neither a kill nor another process can spoil it.
        """
        index, private = self.folder / "index", self.folder / f"index.{os.getpid()}.{time.monotonic_ns()}"
        try:
            if index.exists():
                await asyncio.to_thread(shutil.copy2, index, private)
            env = {"GIT_INDEX_FILE": str(private)}
            packing = {} if index.exists() else await self._packing()
            await self.git("update-index", "-z", "--force-remove", "--stdin", stdin=_joined(gone), env=env)
            await self.git(
                "update-index",
                "-z",
                "--add",
                "--remove",
                "--replace",
                "--stdin",
                stdin=_joined(paths),
                env=env | packing,
            )
            tree = await self.git("write-tree", env=env)
            private.replace(index)
        finally:
            private.unlink(missing_ok=True)
            private.with_name(private.name + ".lock").unlink(missing_ok=True)
        return tree.decode().strip()

    async def add_to_tree(self, tree: str, paths: Sequence[str]) -> str:
        """Return a tree with further paths as they are on disk; the index, and so the next snapshot, has none of them.

        This way comes what git would not list: ignored files, and those of a repository inside. In the index they
        would open that repository to every later snapshot.
        """
        private = self.folder / f"index.{os.getpid()}.{time.monotonic_ns()}"
        env = {"GIT_INDEX_FILE": str(private)}
        try:
            await self.git("read-tree", tree, env=env)
            await self.git("update-index", "-z", "--add", "--replace", "--stdin", stdin=_joined(paths), env=env)
            return (await self.git("write-tree", env=env)).decode().strip()
        finally:
            private.unlink(missing_ok=True)
            private.with_name(private.name + ".lock").unlink(missing_ok=True)

    async def _packing(self) -> dict[str, str]:
        """Return what makes git write the first snapshot as one pack: five times as fast as a file for each file.

        Older versions would write a pack for each file instead.
        """
        said = (await self.git("version")).decode("utf-8", "replace")
        found = re.search(r"(\d+)\.(\d+)", said)
        is_new = found is not None and (int(found[1]), int(found[2])) >= PACKING_VERSION
        return _PACKING if is_new else {}

    async def write_commit(self, tree: str, label: str) -> str:
        """Keep a tree under a commit and a ref of its own; return the commit, which no other snapshot shares."""
        message = f"{label or 'checkpoint'}\n\n{secrets.token_hex(8)}"
        commit = (await self.git("commit-tree", tree, "-m", message, env=_IDENTITY)).decode().strip()
        await self.git("update-ref", tree_name(commit), commit)
        return commit

    async def replace_tree(self, commit: str, tree: str) -> None:
        """Let a snapshot stand for another tree from now on; it keeps its name."""
        extended = (await self.git("commit-tree", tree, "-p", commit, "-m", "extended", env=_IDENTITY)).decode().strip()
        await self.git("update-ref", tree_name(commit), extended)

    async def paths_in(self, tree: str, paths: Sequence[str] = ()) -> list[str]:
        """Return which of these paths (or all) a tree has."""
        return _paths(await self.git("ls-tree", "-r", "-z", "--name-only", tree, "--", *paths))

    async def indexed_paths(self) -> list[str]:
        """Return the paths of the latest snapshot."""
        return _paths(await self.git("ls-files", "-z", "--cached"))

    async def users_paths(self) -> list[str]:
        """Return what the user's own repository tracks here, ignored or not; nothing where there is none."""
        try:
            return _paths(await self.git("ls-files", "-z", "--cached", of_user=True))
        except GitFailed:
            return []

    async def unindexed_paths(self, excludes: Sequence[str], paths: Sequence[str] = ()) -> list[str]:
        """Return what is on disk (all, or of these paths), not ignored and not in the latest snapshot.

        The folders of other repositories end in `/`.
        """
        argv = ("ls-files", "-z", "--others", "--exclude-standard", *excludes, "--", *paths)
        return _paths(await self.git(*argv, env={"GIT_LITERAL_PATHSPECS": "1"}))

    async def compare(self, old: str, new: str) -> list[TreeChange]:
        """Return the paths in which two trees differ."""
        fields = (await self.git("diff-tree", "-r", "-z", "--no-renames", "--raw", old, new)).split(b"\0")
        changes = []
        for head, path in zip(fields[::2], fields[1::2], strict=False):
            old_mode, new_mode, old_blob, new_blob, _ = head.decode().removeprefix(":").split(" ")
            changes.append(TreeChange(os.fsdecode(path), old_mode, old_blob, new_mode, new_blob))
        return changes

    async def has(self, commit: str) -> bool:
        """Tell whether a snapshot is here."""
        try:
            await self.git("cat-file", "-e", f"{tree_name(commit)}^{{tree}}")
        except GitFailed:
            return False
        return True

    async def old_contents(self, changes: Sequence[TreeChange]) -> list[bytes | None]:
        """Return the bytes on the old side of changes, all in memory at once; `None` where there is no file."""
        is_there = [change.old_mode != ABSENT for change in changes]
        found = iter(await self.blobs([change.old_blob for change in changes if change.old_mode != ABSENT]))
        return [next(found) if there else None for there in is_there]

    async def blobs(self, blobs: Sequence[str]) -> list[bytes]:
        """Return the bytes of some files, all in memory at once."""
        said = await self.git("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode())
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

    async def git(
        self, *argv: str, stdin: bytes = b"", env: dict[str, str] | None = None, of_user: bool = False
    ) -> bytes:
        """Run git on the store (or on the user's repository) and return what it writes.

        Raises:
            GitFailed: git is missing, was too slow, or said no.
        """
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        try:
            process = await asyncio.create_subprocess_exec(
                "git",
                *settings,
                *argv,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._root,
                env=_USERS_VIEW | _inherited() if of_user else self._environment(env or {}),
            )
        except FileNotFoundError as error:
            raise GitFailed("git is not installed, so there are no checkpoints.", "Install git.") from error
        except OSError as error:
            raise GitFailed(f"git could not be started: {error.strerror}.") from error
        return await _finish(process, argv[0], stdin)

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "info").mkdir(exist_ok=True)
        (self.folder / "info" / "attributes").write_text(_ATTRIBUTES, encoding="utf-8")
        for left in self.folder.glob("index*"):
            if left.name != "index" and time.time() - left.stat().st_mtime > STALE_INDEX_S:
                left.unlink(missing_ok=True)

    def _environment(self, extra: dict[str, str]) -> dict[str, str]:
        own = {
            "GIT_DIR": str(self.folder),
            "GIT_WORK_TREE": str(self._root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        return {**_inherited(), **own, **extra}


def tree_name(commit: str) -> str:
    """Return the name by which git finds what a snapshot stands for."""
    return f"refs/checkpoints/{commit}"


def _inherited() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}


async def _finish(process: asyncio.subprocess.Process, name: str, stdin: bytes) -> bytes:
    try:
        async with asyncio.timeout(TIMEOUT_S):
            said, errors = await process.communicate(stdin)
    except TimeoutError as error:
        raise GitFailed(f"git {name} took longer than {TIMEOUT_S:g} s.", "The folder may be too large.") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode != 0:
        raise GitFailed(f"git {name} failed: {errors.decode('utf-8', 'replace').strip()[:500]}")
    return said


def _joined(paths: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def _paths(said: bytes) -> list[str]:
    return [os.fsdecode(path) for path in said.split(b"\0") if path]
