"""Drafts: the new texts of files that an edit would make, on their way to a proposal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from trashclaw.agent.ports import Proposal
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.patches import FileChange
from trashclaw.tools.elision import refuse_left_out
from trashclaw.tools.landing import Intent, Landing
from trashclaw.tools.truncate import clip
from trashclaw.workspace.diff import make_change, make_patch
from trashclaw.workspace.files import TextFile

SHOWN_NAMES = 3


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to become of one file."""

    name: str
    """As the workspace shows it."""

    file: TextFile | None
    """As it is now; `None`: there is none."""

    after: str | None
    """The new text; `None`: the file goes."""

    note: str = ""
    """For the result: how the places were found, what was kept."""

    is_whole: bool = False
    """The model wrote all of the text, so it knows it."""

    moved_from: Draft | None = None
    """The draft of the file that goes, for one that comes in its place."""

    mode: int | None = None
    """Permission bits (as in `st_mode`) of a new file that takes the place of another."""


async def propose_drafts(landing: Landing, drafts: Sequence[Draft], verb: str) -> Proposal:
    """Return one proposal for all files; `verb` says in its title what is done to them.

    Raises:
        ToolError: nothing would change, the guard refuses a text, or one holds our mark for what was left out.
        UnsuitableFile: an encoding has no such character.
    """
    changes: list[FileChange] = []
    whole: set[str] = set()
    for draft in drafts:
        before = draft.file.text if draft.file is not None else None
        after = draft.after
        refuse_left_out(draft.name, after or "", before or "")
        if after is not None and after != before:
            origin = draft.moved_from.file if draft.moved_from is not None else draft.file
            after = await landing.check(draft.name, origin.text if origin is not None else None, after)
        whole |= {draft.name} if draft.is_whole and after == draft.after else set()
        changes.append(await asyncio.to_thread(_change, draft, before, after))
    patch = make_patch(changes)
    if not patch.changes:
        names = ", ".join(draft.name for draft in drafts[:SHOWN_NAMES])
        raise ToolError(f"{clip(names)}: the file already reads so.", "Nothing would change.")
    moves = tuple((draft.moved_from.name, draft.name) for draft in drafts if draft.moved_from is not None)
    intent = Intent(patch, _notes(drafts), frozenset(whole), moves)
    return Proposal(title=_title(verb, patch.changes), patch=patch, payload=intent)


def _change(draft: Draft, before: str | None, after: str | None) -> FileChange:
    if draft.file is not None and after is not None:
        draft.file.encode(after, draft.name)
    change = make_change(draft.name, before, after, draft.file.sha256 if draft.file is not None else None)
    return change if draft.mode is None else change.model_copy(update={"after_mode": draft.mode})


def _notes(drafts: Sequence[Draft]) -> str:
    told = [draft for draft in drafts if draft.note]
    return "; ".join(draft.note if len(drafts) == 1 else f"{draft.name}: {draft.note}" for draft in told)


def _title(verb: str, changes: Sequence[FileChange]) -> str:
    added, removed = sum(change.added for change in changes), sum(change.removed for change in changes)
    names = ", ".join(change.path for change in changes[:SHOWN_NAMES])
    more = f" and {len(changes) - SHOWN_NAMES} more" if len(changes) > SHOWN_NAMES else ""
    is_new = all(change.before_sha256 is None for change in changes)
    return f"{'create' if is_new else verb} {names}{more} (+{added}{'' if is_new else f' -{removed}'})"
