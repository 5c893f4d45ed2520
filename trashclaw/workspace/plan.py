"""What the hunks of one change do to one file, as steps of a landing."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import UnsuitableFile, WorkspaceError
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart
from trashclaw.workspace.diff import apply_hunks
from trashclaw.workspace.files import TextFile, decode, digest
from trashclaw.workspace.steps import Rank, Stamp, Step


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps of one change, and what comes of them."""

    change: FileChange
    target: Path
    steps: tuple[Step, ...]
    after_sha256: str | None
    is_file: bool = True


def plan_text(
    change: FileChange,
    target: Path,
    entry: os.stat_result | None,
    before: bytes | None,
    read: Callable[[], bytes] | None = None,
) -> Plan:
    """Return the steps for hunks of lines and of a mode; `before` are the present bytes, checked to be the right ones.

    `read` gives the bytes that the whole change leads to, where their text alone would not give them back (another
    encoding in a new file).

    Raises:
        StaleFile: the hunks do not fit.
        UnsuitableFile: the file is read-only or binary, or its encoding has no such character.
        WorkspaceError: a hunk has no lines, and nobody gives the bytes.
    """
    if any(hunk.part is HunkPart.WHOLE for hunk in change.hunks):
        raise WorkspaceError(f"{change.path}: this part of a patch carries no contents.")
    has_mode = any(hunk.part is HunkPart.MODE for hunk in change.hunks)
    lines = [hunk for hunk in change.hunks if hunk.part is HunkPart.LINES]
    if before is not None and not lines and has_mode:
        return Plan(change, target, mode_steps(change, target, entry), digest(before))
    after = _text_after(change, before, lines, read)
    stamp = Stamp.of(entry) if entry is not None else None
    if after is None:
        return Plan(change, target, (Step(target, change.path, stamp, None, Rank.LATE_REMOVAL),), None)
    if entry is not None and read is None and not entry.st_mode & 0o222:
        raise UnsuitableFile(f"{change.path} is read-only.", "Ask the user to make it writable.")
    mode = change.after_mode if has_mode or entry is None else entry.st_mode
    step = Step(
        target,
        change.path,
        stamp,
        stat.S_IFREG | stat.S_IMODE(mode or 0),
        Rank.CONTENT,
        data=lambda: after,
        has_own_mode=mode is not None,
    )
    return Plan(change, target, (step,), digest(after))


def mode_steps(change: FileChange, target: Path, entry: os.stat_result | None) -> tuple[Step, ...]:
    """Return the step that sets the permission bits; a folder opens early and closes late.

    Raises:
        UnsuitableFile: there is nothing to set them on, or the change does not say which.
    """
    if entry is None or stat.S_ISLNK(entry.st_mode) or change.after_mode is None:
        raise UnsuitableFile(f"{change.path}: its mode cannot be changed.")
    rank = Rank.CONTENT
    if stat.S_ISDIR(entry.st_mode):
        rank = Rank.OPENING if change.after_mode & 0o300 == 0o300 else Rank.CLOSING
    mode = stat.S_IFMT(entry.st_mode) | stat.S_IMODE(change.after_mode)
    return (Step(target, change.path, Stamp.of(entry), mode, rank),)


def _text_after(
    change: FileChange, before: bytes | None, lines: list[Hunk], read: Callable[[], bytes] | None
) -> bytes | None:
    file = TextFile("", "") if before is None else decode(before, change.path)
    text = apply_hunks(file.text, lines)
    if change.kind is ChangeKind.DELETED and not text:
        return None
    after = file.encode(text, change.path)
    if change.after_sha256 is not None and digest(after) != change.after_sha256 and read is not None:
        exact = read()
        if digest(exact) == change.after_sha256 and decode(exact, change.path).text == text:
            return exact
    return after
