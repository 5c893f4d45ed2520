"""Lands the accepted part of a proposed patch, and tells the model exactly what landed and what did not."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from trashclaw.agent.ports import Interrupted, Narrator, Outcome, Proposal
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.protocol.tools import ToolStatus
from trashclaw.tools.base import nothing_accepted
from trashclaw.tools.guard import EditGuard
from trashclaw.tools.known_texts import Range
from trashclaw.tools.sightings import Sightings, edit_entry
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


_LATE = "the turn was interrupted while this landed, and it is in the files"


@dataclass(frozen=True, slots=True)
class Intent:
    """What an edit meant: the payload of its proposal."""

    patch: Patch
    """As the model proposed it, before a person edited anything."""

    note: str = ""
    whole: frozenset[str] = frozenset()
    """Files all of whose text the model wrote."""

    moves: tuple[tuple[str, str], ...] = ()
    """Where files are moved from and to: the old one goes only if the new one comes."""


class Landing:
    """Lands edits for the tools that propose them, and remembers what the model knows of the files then."""

    def __init__(
        self, workspace: Workspace, sightings: Sightings | None = None, guard: EditGuard | None = None
    ) -> None:
        self._workspace = workspace
        self._sightings = sightings
        self._guard = guard

    async def check(self, name: str, before: str | None, after: str) -> str:
        """Return the text to propose for a file: `after`, or what the guard makes of it.

        Raises:
            ToolError: the guard refuses it.
        """
        return after if self._guard is None else await self._guard.check(name, before, after)

    async def land(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        """Write the accepted hunks and return the outcome; the proposal's payload is an `Intent`.

        Raises:
            WorkspaceError: a file moved on or cannot be written; nothing landed.
            Interrupted: the task was cancelled while the files were written; they are written.
        """
        proposed = proposal.patch or Patch()
        intent: Intent = proposal.payload
        accepted, kept = _without_half_moves(accepted, intent.moves)
        notes = [intent.note] if intent.note else []
        notes += [f"{source} stays, since {target} was not accepted" for source, target in kept]
        if accepted is None or not accepted.hunks:
            return nothing_accepted(", ".join(change.path for change in proposed.changes))
        # A thread cannot be stopped: whoever is cancelled waits for its end, and says what it did.
        task = asyncio.create_task(asyncio.to_thread(apply_patch, self._workspace, accepted), name="landing")
        try:
            landed = await asyncio.shield(task)
        except asyncio.CancelledError:
            await wait_out(task)
            if task.exception() is not None:
                raise
            late = self._tell(intent, proposed, accepted, task.result(), [*notes, _LATE], narrator.item_id)
            raise Interrupted(late) from None
        outcome = self._tell(intent, proposed, accepted, landed, notes, narrator.item_id)
        return await self._look_after(outcome, [change.path for change in landed if change.after_sha256 is not None])

    async def _look_after(self, outcome: Outcome, names: Sequence[str]) -> Outcome:
        if self._guard is None or not names:
            return outcome
        try:
            said = await self._guard.after(names)
        except asyncio.CancelledError:
            raise Interrupted(replace(outcome, text=f"{outcome.text}\nNote: {_LATE}.")) from None
        return replace(outcome, text=f"{outcome.text}\n{said}") if said else outcome

    def _tell(
        self,
        intent: Intent,
        proposed: Patch,
        accepted: Patch,
        landed: Sequence[LandedChange],
        notes: Sequence[str],
        item_id: ItemId,
    ) -> Outcome:
        seen = _what_is_known(intent, accepted, landed)
        if self._sightings is not None:
            self._sightings.note_entries(seen, edited_by=item_id)
        return _outcome(proposed, accepted, landed, notes, seen)


def _without_half_moves(
    accepted: Patch | None, moves: Sequence[tuple[str, str]]
) -> tuple[Patch | None, list[tuple[str, str]]]:
    """Return the patch without removals of files whose new place was rejected, and those moves."""
    if accepted is None:
        return None, []
    paths = {change.path for change in accepted.changes if change.hunks}
    kept = [(source, target) for source, target in moves if source in paths and target not in paths]
    sources = {source for source, _ in kept}
    return Patch(changes=tuple(change for change in accepted.changes if change.path not in sources)), kept


def _what_is_known(intent: Intent, accepted: Patch, landed: Sequence[LandedChange]) -> list[dict[str, Any]]:
    """Return what the model knows of the files that landed as it meant them; what a person edited it does not know."""
    meant = {change.path: change for change in intent.patch.changes}
    changes = {change.path: change for change in accepted.changes}
    entries = []
    for one in landed:
        proposed, change = meant.get(one.path), changes[one.path]
        if proposed is None or not _is_part(change, proposed):
            continue
        is_whole = one.path in intent.whole and len(change.hunks) == len(proposed.hunks)
        ranges = [_new_lines(hunk) for hunk in change.hunks if hunk.part is HunkPart.LINES]
        entries.append(edit_entry(one.path, change.before_sha256, one.after_sha256, ranges, is_whole=is_whole))
    return entries


def _is_part(change: FileChange, proposed: FileChange) -> bool:
    meant = {hunk.hunk_id: hunk.lines for hunk in proposed.hunks}
    return all(meant.get(hunk.hunk_id) == hunk.lines for hunk in change.hunks)


def _new_lines(hunk: Hunk) -> Range:
    count = sum(not line.startswith("-") for line in hunk.lines)
    return hunk.after, hunk.after + count - 1


def _outcome(
    proposed: Patch,
    accepted: Patch,
    landed: Sequence[LandedChange],
    notes: Sequence[str],
    seen: Collection[dict[str, Any]],
) -> Outcome:
    lines = [f"{_DONE[change.kind]} {change.path} (+{change.added} -{change.removed})." for change in landed]
    if notes:
        lines.append(f"Note: {', '.join(notes)}.")
    rejected = [hunk for hunk in proposed.hunks if hunk.hunk_id not in accepted.hunk_ids]
    if rejected:
        lines.append(f"Only {len(accepted.hunks)} of {len(proposed.hunks)} hunks were accepted and landed:")
        lines += [_hunk_line("landed", hunk) for hunk in accepted.hunks]
        lines += [_hunk_line("REJECTED, not in the file", hunk) for hunk in rejected]
    metadata = {
        "landed": [hunk.hunk_id for hunk in accepted.hunks],
        "rejected": [hunk.hunk_id for hunk in rejected],
        "changes": [landed_entry(change) for change in landed],
        "seen": list(seen),
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
