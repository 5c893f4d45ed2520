"""Plans changes whose paths are meant exactly: files, links and folders as a command left them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.patches import ChangeKind, FileChange, HunkPart
from trashclaw.workspace.files import READ_LIMIT_BYTES, digest
from trashclaw.workspace.held_folder import hold_folder
from trashclaw.workspace.plan import Plan, mode_steps, plan_text
from trashclaw.workspace.root import ExactPaths, failure
from trashclaw.workspace.steps import Rank, Stamp, Step, look


class Contents(Protocol):
    """Where the changes of a patch really are, and the bytes that its hunks do not carry."""

    @property
    def folders(self) -> Mapping[Path, int | None]:
        """Folders that came, with their permission bits, and folders that went (`None`)."""
        ...

    def target(self, path: str) -> Path:
        """Return the absolute path of a path in the patch.

        Raises:
            WorkspaceError: it is none of the patch's.
        """
        ...

    def may_be_git(self, path: str) -> bool:
        """Tell whether a path may lie in a git folder: it was asked about by name."""
        ...

    def read(self, path: str) -> bytes:
        """Return the new bytes of a file, or the target of a link. Blocks on the disk.

        Raises:
            WorkspaceError: they cannot be read.
        """
        ...

    def steps(self, change: FileChange) -> tuple[Step, ...] | None:
        """Return the steps of a change that stands for more than its own path, `None` for any other.

        Raises:
            StaleFile: what it was made from has changed.
        """
        ...


def plan_exactly(paths: ExactPaths, change: FileChange, contents: Contents) -> Plan:
    """Return the steps of a change.

    Raises:
        StaleFile: what is there is not what the change was made from.
        OutsideWorkspace: it may not be written.
    """
    steps = contents.steps(change)
    target = contents.target(change.path)
    if steps is not None:
        return Plan(change, target, steps, None, is_file=False)
    if not contents.may_be_git(change.path):
        paths.check(target, change.path)
    if change.kind is ChangeKind.RENAMED:
        return _plan_rename(paths, change, target, contents)
    entry = look(target)
    before = _check(change, target, entry)
    parts = {hunk.part for hunk in change.hunks}
    if HunkPart.WHOLE in parts:
        return _plan_whole(change, target, entry, contents, has_mode=HunkPart.MODE in parts)
    if parts == {HunkPart.MODE}:
        is_file = entry is not None and stat.S_ISREG(entry.st_mode)
        return Plan(change, target, mode_steps(change, target, entry), change.before_sha256, is_file)
    return plan_text(change, target, entry, before, lambda: contents.read(change.path))


def _plan_rename(paths: ExactPaths, change: FileChange, target: Path, contents: Contents) -> Plan:
    source = contents.target(change.from_path or "")
    paths.check(source, change.from_path or "")
    if look(target) is not None:
        raise StaleFile(f"{change.path} exists by now.", "Look at it first.")
    entry = look(source)
    if entry is None or _digest_of(source, entry, change.path) != change.before_sha256:
        raise StaleFile(f"{change.from_path} changed meanwhile.", "Look at it again.")
    mode = change.after_mode if change.after_mode is not None else entry.st_mode
    put = Step(target, change.path, None, mode, Rank.CONTENT, _checked(change, contents))
    away = Step(source, change.from_path or "", Stamp.of(entry), None, Rank.LATE_REMOVAL)
    return Plan(change, target, (put, away), change.after_sha256)


def _plan_whole(
    change: FileChange, target: Path, entry: os.stat_result | None, contents: Contents, *, has_mode: bool
) -> Plan:
    stamp = Stamp.of(entry) if entry is not None else None
    is_folder = entry is not None and stat.S_ISDIR(entry.st_mode)
    removal = Rank.FOLDER_REMOVAL if is_folder else Rank.REMOVAL
    mode = change.after_mode
    if mode is None and change.kind is ChangeKind.DELETED:
        is_file = entry is not None and stat.S_ISREG(entry.st_mode)
        rank = removal if is_folder else Rank.LATE_REMOVAL
        return Plan(change, target, (Step(target, change.path, stamp, None, rank),), None, is_file)
    if entry is not None and not has_mode and (mode is None or stat.S_IFMT(mode) == stat.S_IFMT(entry.st_mode)):
        mode = entry.st_mode
    mode = stat.S_IFREG | 0o644 if mode is None else mode
    steps: list[Step] = []
    if entry is not None and (is_folder or stat.S_ISDIR(mode)):
        steps.append(Step(target, change.path, stamp, None, removal))
        stamp = None
    if stat.S_ISDIR(mode):
        steps.append(Step(target, change.path, stamp, mode, Rank.FOLDER))
    else:
        steps.append(Step(target, change.path, stamp, mode, Rank.CONTENT, _checked(change, contents)))
    return Plan(change, target, tuple(steps), change.after_sha256, is_file=stat.S_ISREG(mode))


def _checked(change: FileChange, contents: Contents) -> Callable[[], bytes]:
    """Return what reads the new bytes, and takes none but those that were reviewed."""

    def read() -> bytes:
        data = contents.read(change.path)
        if change.after_sha256 is not None and digest(data) != change.after_sha256:
            raise StaleFile(f"{change.path} is not what was reviewed any more.", "Run the command again.")
        return data

    return read


def _check(change: FileChange, target: Path, entry: os.stat_result | None) -> bytes | None:
    """Return a file's bytes, if they fit in memory, once they are known to be those the change was made from."""
    if change.kind is ChangeKind.ADDED:
        if entry is not None:
            raise StaleFile(f"{change.path} exists by now.", "Look at it first.")
        return None
    if entry is None:
        raise StaleFile(f"{change.path} is gone by now.", "Look again with list_files.")
    expected = stat.S_IFMT(change.before_mode or stat.S_IFREG)
    if stat.S_IFMT(entry.st_mode) != expected:
        raise StaleFile(f"{change.path} is something else by now.", "Look again with list_files.")
    has_mode = any(hunk.part is HunkPart.MODE for hunk in change.hunks)
    if has_mode and change.before_mode is not None and entry.st_mode != change.before_mode:
        raise StaleFile(f"The mode of {change.path} changed meanwhile.", "Look at it again.")
    if stat.S_ISDIR(entry.st_mode):
        return None
    if stat.S_ISREG(entry.st_mode) and entry.st_size <= READ_LIMIT_BYTES:
        data = _read(target, change.path)
        if digest(data) == change.before_sha256:
            return data
    elif _digest_of(target, entry, change.path) == change.before_sha256:
        return None
    raise StaleFile(f"{change.path} changed meanwhile.", "Read it again and repeat the command.")


def _digest_of(target: Path, entry: os.stat_result, name: str) -> str | None:
    try:
        with hold_folder(target.parent) as folder:
            if stat.S_ISLNK(entry.st_mode):
                return digest(folder.read(target.name))
            with folder.open(target.name) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise failure(name, error) from error


def _read(target: Path, name: str) -> bytes:
    try:
        with hold_folder(target.parent) as folder:
            return folder.read(target.name)
    except OSError as error:
        raise failure(name, error) from error
