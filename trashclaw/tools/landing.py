"""Lands the accepted part of a proposed patch, and tells the model exactly what landed and what did not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from trashclaw.agent.ports import Interrupted, Outcome, Proposal
from trashclaw.protocol.patches import ChangeKind, Hunk, Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.tools.base import nothing_accepted
from trashclaw.workspace.apply import LandedChange, apply_patch
from trashclaw.workspace.diff import render_header
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.waiting import wait_out

_DONE = {
    ChangeKind.ADDED: "Created",
    ChangeKind.MODIFIED: "Changed",
    ChangeKind.DELETED: "Deleted",
    ChangeKind.RENAMED: "Renamed",
}


_LATE = "the user interrupted the turn while this landed, and it is in the files"


async def land(workspace: Workspace, proposal: Proposal, accepted: Patch | None, note: str = "") -> Outcome:
    """Write the accepted hunks and return the outcome.

    Raises:
        WorkspaceError: a file moved on or cannot be written; nothing landed.
        Interrupted: the task was cancelled while the files were written; they are written.
    """
    proposed = proposal.patch or Patch()
    names = ", ".join(change.path for change in proposed.changes)
    if accepted is None or not accepted.hunks:
        return nothing_accepted(names)
    # A thread cannot be stopped: whoever is cancelled waits for its end, and says what it did.
    task = asyncio.create_task(asyncio.to_thread(apply_patch, workspace, accepted), name="landing")
    try:
        landed = await asyncio.shield(task)
    except asyncio.CancelledError:
        await wait_out(task)
        if task.exception() is not None:
            raise
        late = ", ".join(part for part in (note, _LATE) if part)
        raise Interrupted(_tell(proposed, accepted, task.result(), late)) from None
    return _tell(proposed, accepted, landed, note)


def _tell(proposed: Patch, accepted: Patch, landed: Sequence[LandedChange], note: str) -> Outcome:
    lines = [f"{_DONE[change.kind]} {change.path} (+{change.added} -{change.removed})." for change in landed]
    if note:
        lines.append(f"Note: {note}.")
    rejected = [hunk for hunk in proposed.hunks if hunk.hunk_id not in accepted.hunk_ids]
    if rejected:
        lines.append(f"Only {len(accepted.hunks)} of {len(proposed.hunks)} hunks were accepted and landed:")
        lines += [_hunk_line("landed", hunk) for hunk in accepted.hunks]
        lines += [_hunk_line("REJECTED, not in the file", hunk) for hunk in rejected]
    metadata = {
        "landed": [hunk.hunk_id for hunk in accepted.hunks],
        "rejected": [hunk.hunk_id for hunk in rejected],
        "changes": [landed_entry(change) for change in landed],
    }
    return Outcome("\n".join(lines), ToolStatus.DONE, metadata=metadata)


def landed_entry(change: LandedChange) -> dict[str, str | int | None]:
    """Return what the log keeps of a change that landed."""
    return {
        "path": change.path,
        "kind": change.kind.value,
        "added": change.added,
        "removed": change.removed,
        "sha256": change.after_sha256,
    }


def _hunk_line(word: str, hunk: Hunk) -> str:
    first = next((line for line in hunk.lines if line[0] in "+-"), "")
    return f"- hunk {hunk.hunk_id} {render_header(hunk)} {word}: {first.rstrip()[:120]}"
