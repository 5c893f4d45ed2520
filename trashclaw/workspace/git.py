"""The user's own git, read only, and never at the mercy of a hostile repository's configuration."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.workspace.git_folder import find_git_folder, find_work_tree, first_line
from trashclaw.workspace.git_process import GitProcess
from trashclaw.workspace.root import Workspace

TIMEOUT_S = 20.0
OUTPUT_LIMIT_BYTES = 400_000

_SAFE = (
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "log.showSignature=false"),
    *("-c", "core.quotePath=false"),
    *("-c", "color.ui=false"),
    *("-c", "safe.bareRepository=explicit"),
)
_PLAIN_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--ignore-submodules=dirty", "--submodule=short")
_NO_REPOSITORY_HINT = (
    "Work without git here. A git folder elsewhere counts once its core.worktree names this folder: git config does it."
)
_FIELDS = ("%h", "%an", "%aI", "%s")


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A file that differs: `index` against the last commit, `worktree` against the index; letters as git's own."""

    path: str
    index: str
    worktree: str
    original_path: str | None = None
    """Where a renamed or copied file came from."""


@dataclass(frozen=True, slots=True)
class Status:
    """The branch and the files that differ."""

    branch: str | None
    upstream: str | None
    ahead: int
    behind: int
    entries: tuple[StatusEntry, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """A line of the history."""

    commit: str
    author: str
    date: str
    subject: str


@dataclass(frozen=True, slots=True)
class GitText:
    """What git wrote, and whether it is all of it."""

    text: str
    is_truncated: bool


class Git:
    """Questions to git about a workspace."""

    def __init__(self, workspace: Workspace, timeout_s: float = TIMEOUT_S) -> None:
        self._root = workspace.root
        self._timeout_s = timeout_s

    @property
    def is_repository(self) -> bool:
        """Whether the workspace lies in a git work tree."""
        return find_git_folder(self._root) is not None

    def branch(self) -> str | None:
        """Return the branch, or the short commit of a detached head; starts no process."""
        return read_branch(self._root)

    async def status(self) -> Status:
        """Return the branch and the files that differ.

        Raises:
            GitFailed: no repository, no git, or git said no.
        """
        said = await self._ask(["status", "--porcelain=v2", "--branch", "-z", "--ignore-submodules=dirty", "--", "."])
        return _parse_status(said.text)

    async def diff(self, path: str | None = None, *, staged: bool = False) -> GitText:
        """Return the unified diff of the work tree (or of the index, if `staged`), for one path or for all.

        Raises:
            GitFailed: as `status`.
        """
        argv = ["diff", *_PLAIN_DIFF, *(["--cached"] if staged else [])]
        return await self._ask([*argv, "--", path or "."])

    async def log(self, limit: int = 20, path: str | None = None) -> tuple[Commit, ...]:
        """Return the latest commits, newest first, of one path or of all.

        Raises:
            GitFailed: as `status`.
        """
        form = "%x1f".join(_FIELDS) + "%x1e"
        argv = ["log", f"--max-count={limit}", f"--format={form}", "--no-color", "--", *([path] if path else [])]
        try:
            said = await self._ask(argv)
        except GitFailed as error:
            if "does not have any commits yet" in error.text:
                return ()
            raise
        records = [record.strip("\n").split("\x1f") for record in said.text.split("\x1e")]
        return tuple(Commit(*record) for record in records if len(record) == len(_FIELDS))

    async def _ask(self, argv: Sequence[str]) -> GitText:
        found = find_work_tree(self._root)
        if found is None:
            raise GitFailed("This folder is no git repository of its own.", _NO_REPOSITORY_HINT)
        process = GitProcess(self._root, self._timeout_s, OUTPUT_LIMIT_BYTES, found.top)
        try:
            said = await asyncio.to_thread(process.run, _SAFE, argv)
        except asyncio.CancelledError:
            process.kill()
            raise
        return GitText(said.decode("utf-8", "replace"), process.is_truncated)


def read_branch(root: Path) -> str | None:
    """Return the branch, or the first 8 digits of a detached head's commit; `None` outside a repository."""
    folder = find_git_folder(root)
    head = first_line(folder / "HEAD") if folder else ""
    if head.startswith("ref:"):
        return head.removeprefix("ref:").strip().removeprefix("refs/heads/")
    return head[:8] or None


def _parse_status(text: str) -> Status:
    facts: dict[str, str] = {}
    entries: list[StatusEntry] = []
    fields = iter(text.split("\0"))
    for line in fields:
        if line.startswith("# "):
            name, _, value = line[2:].partition(" ")
            facts[name] = value
        elif line[:1] in {"1", "2", "u"}:
            original = next(fields, None) if line[0] == "2" else None
            path = line.split(" ", {"1": 8, "2": 9, "u": 10}[line[0]])[-1]
            entries.append(StatusEntry(path, line[2], line[3], original))
        elif line.startswith("? "):
            entries.append(StatusEntry(line[2:], "?", "?"))
    ahead, behind = (abs(int(part)) for part in facts.get("branch.ab", "+0 -0").split())
    return Status(facts.get("branch.head"), facts.get("branch.upstream"), ahead, behind, tuple(entries))
