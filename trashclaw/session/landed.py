"""What of a tool run's patch is on the disk: the hunks that the person accepted, and no other."""

from __future__ import annotations

from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.transcript import Entry


def landed_patch(entry: Entry) -> Patch | None:
    """Return the part of a tool run's patch that landed, or `None` if nothing of it did."""
    if not isinstance(entry, ToolRun) or entry.patch is None:
        return None
    metadata = entry.result.metadata if entry.result is not None else {}
    named = metadata.get("landed")
    if not isinstance(named, list):
        # A command can do well although nothing that it changed was accepted.
        is_landed = entry.status is ToolStatus.DONE and "effects" not in metadata
        return entry.patch if is_landed else None
    changes = []
    for change in entry.patch.changes:
        hunks = tuple(hunk for hunk in change.hunks if hunk.hunk_id in named)
        if hunks:
            changes.append(change.model_copy(update={"hunks": hunks}))
    return Patch(changes=tuple(changes)) if changes else None


def digests_after(run: ToolRun) -> dict[str, str | None]:
    """Return the digest with which a run left each file that it changed; `None` for one that is gone."""
    entries = run.result.metadata.get("changes") if run.result is not None else None
    found: dict[str, str | None] = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict):
            sha256 = entry.get("sha256")
            found[str(entry.get("path"))] = None if sha256 is None else str(sha256)
    return found
