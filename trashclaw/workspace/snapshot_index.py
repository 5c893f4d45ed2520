"""A private copy of the store's index: what changed on disk since the latest snapshot, and the tree of it."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.store_git import StoreGit

ARGUMENTS_AT_MOST = 200
"""So many paths are named to git; of more, everything is listed and picked from."""

_PACKING_VERSION = (2, 38)
_PACKING = ("core.bigFileThreshold=1",)
_LITERAL = {"GIT_LITERAL_PATHSPECS": "1"}


class SnapshotIndex:
    """One index file that nobody else uses, so that neither a kill nor another process can spoil the store's own."""

    def __init__(self, git: StoreGit, file: Path) -> None:
        self._git = git
        self._file = file
        self._env = {"GIT_INDEX_FILE": str(file)}

    async def read_tree(self, tree: str) -> None:
        """Begin with the paths of a tree."""
        await self._git.run("read-tree", tree, env=self._env)

    async def paths(self, among: Collection[str] = ()) -> set[str]:
        """Return its paths, all or those of the given ones that it has."""
        return await self._listed(("ls-files", "-z", "--cached"), among)

    async def changed(self) -> list[str]:
        """Return its paths that are not on disk as they were: git compares times and sizes, several files at once."""
        return split(await self._git.run("diff-files", "-z", "--name-only", "--no-renames", env=self._env))

    async def unindexed(self, excludes: Sequence[str], among: Collection[str] = ()) -> set[str]:
        """Return what is on disk (all, or of these paths), not ignored and not in it.

        The folders of other repositories end in `/`.
        """
        return await self._listed(("ls-files", "-z", "--others", "--exclude-standard", *excludes), among)

    async def update(self, paths: Iterable[str], gone: Iterable[str]) -> None:
        """Take paths in as they are on disk, and others out; where there are few of those, git runs once."""
        out, into = list(gone), joined(paths)
        if len(out) > ARGUMENTS_AT_MOST:
            stdin = joined(out)
            await self._git.run("update-index", "-z", "--force-remove", "--stdin", stdin=stdin, env=self._env)
            out = []
        if not (out or into):
            return
        settings = () if self._file.exists() else await self._packing()
        removing = ("--force-remove", *(f"./{path}" for path in out), "--no-force-remove") if out else ()
        argv = ("update-index", "-z", *removing, "--add", "--remove", "--replace", "--stdin")
        await self._git.run(*argv, stdin=into, env=self._env, settings=settings)

    async def write_tree(self) -> str:
        """Return the tree of its paths."""
        return (await self._git.run("write-tree", env=self._env)).decode().strip()

    async def _listed(self, argv: Sequence[str], among: Collection[str]) -> set[str]:
        named = tuple(among) if len(among) <= ARGUMENTS_AT_MOST else ()
        found = set(split(await self._git.run(*argv, "--", *named, env=self._env | _LITERAL)))
        return found.intersection(among) if among else found

    async def _packing(self) -> tuple[str, ...]:
        """Return what makes git write the first snapshot as one pack: five times as fast as a file for each file.

        Older versions would write a pack for each file instead.
        """
        said = (await self._git.run("version")).decode("utf-8", "replace")
        found = re.search(r"(\d+)\.(\d+)", said)
        return _PACKING if found is not None and (int(found[1]), int(found[2])) >= _PACKING_VERSION else ()


@contextmanager
def private_index(git: StoreGit, source: Path | None) -> Iterator[tuple[SnapshotIndex, Path]]:
    """Give an index of one's own that begins as `source` (or empty), and its file; what is left of it goes at the end.

    git replaces index files and never writes into one, so the copy can be another name of the same file.

    Raises:
        GitFailed: the store cannot be written.
    """
    file = git.folder / f"index.{os.getpid()}.{secrets.token_hex(6)}"
    try:
        if source is not None:
            _copy(source, file)
        yield SnapshotIndex(git, file), file
    except OSError as error:
        raise GitFailed(f"The checkpoint store cannot be written: {error.strerror}.", "Free the disk.") from error
    finally:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
            file.with_name(file.name + ".lock").unlink(missing_ok=True)


def _copy(source: Path, file: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        try:
            os.link(source, file)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copy2(source, file)


def joined(paths: Iterable[str]) -> bytes:
    """Return paths as git reads them with `-z`."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def split(said: bytes) -> list[str]:
    """Return paths as git writes them with `-z`."""
    return [os.fsdecode(path) for path in said.split(b"\0") if path]
