"""A proposed file in the person's own hands: its text as it would land, and the change that their version makes."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart
from trashclaw.workspace.apply import check_fresh
from trashclaw.workspace.diff import apply_hunks, make_change
from trashclaw.workspace.files import TextFile, decode
from trashclaw.workspace.root import Workspace


def proposed_text(root: Path, change: FileChange, hunk_ids: Collection[HunkId]) -> str:
    """Return the text that a file would have with these hunks of a change. Blocks on the disk.

    Raises:
        UsageError: the change is not one of lines.
        WorkspaceError: the file is no longer the one that the change was made from.
    """
    lines = [hunk for hunk in change.hunks if hunk.part is HunkPart.LINES]
    is_text = lines and all(hunk.part is not HunkPart.WHOLE for hunk in change.hunks)
    if not is_text or change.kind not in {ChangeKind.ADDED, ChangeKind.MODIFIED}:
        raise UsageError(f"{change.path}: there is no new text that could be edited.", "Accept it, or reject it.")
    before = check_fresh(Workspace(root), change)
    file = TextFile("", "") if before is None else decode(before, change.path)
    return apply_hunks(file.text, [hunk for hunk in lines if hunk.hunk_id in hunk_ids])


def edited_change(root: Path, change: FileChange, text: str) -> FileChange:
    """Return the change from a file as it is to the person's text, in the place of `change`. Blocks on the disk.

    What else the change does (its mode) stays. The ids of its hunks are new.

    Raises:
        UsageError: the file would stay as it is.
        WorkspaceError: the file moved on meanwhile, or its encoding has no such character.
    """
    before = check_fresh(Workspace(root), change)
    file = TextFile("", "") if before is None else decode(before, change.path)
    file.encode(text, change.path)
    made = make_change(change.path, None if before is None else file.text, text, change.before_sha256)
    if not made.hunks:
        raise UsageError(f"{change.path} would stay as it is.", "Reject the change, or switch it off.")
    others = tuple(hunk for hunk in change.hunks if hunk.part is not HunkPart.LINES)
    return change.model_copy(update={"hunks": (*_named(made.hunks, change), *others), "after_sha256": None})


def _named(hunks: tuple[Hunk, ...], change: FileChange) -> tuple[Hunk, ...]:
    """Give hunks ids of their own: they stand beside those of other files, and are not the proposed ones."""
    base = change.hunks[0].hunk_id.partition("e")[0]
    turn = int(change.hunks[0].hunk_id.partition("e")[2].partition(".")[0] or 0) + 1
    return tuple(
        hunk.model_copy(update={"hunk_id": HunkId(f"{base}e{turn}.{place}")}) for place, hunk in enumerate(hunks, 1)
    )
