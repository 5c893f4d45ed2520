"""Tells from a file's bytes whether a proposed change landed in it, without the bytes from before."""

from __future__ import annotations

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.patches import ChangeKind, FileChange, HunkPart
from trashclaw.workspace.diff import apply_hunks
from trashclaw.workspace.files import decode, digest
from trashclaw.workspace.placing import turned


def is_result(change: FileChange, data: bytes | None) -> bool:
    """Tell whether bytes (`None`: no file) are exactly what the whole change makes of the file it was made for.

    The change is taken back in memory; what comes out must have the digest that the file had.
    """
    if data is None or change.kind is ChangeKind.DELETED:
        return data is None and change.kind is ChangeKind.DELETED
    if change.after_sha256 is not None:
        return digest(data) == change.after_sha256
    if any(hunk.part is not HunkPart.LINES for hunk in change.hunks):
        return False
    try:
        file = decode(data, change.path)
        before = file.encode(apply_hunks(file.text, map(turned, change.hunks)), change.path)
    except WorkspaceError:
        return False
    return not before if change.before_sha256 is None else digest(before) == change.before_sha256
