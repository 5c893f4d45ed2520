"""Changes at ignored paths, which land without a question: as steps, guarded by what was there when they were found."""

from __future__ import annotations

import stat
from collections.abc import Sequence

from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.left_out import LeftOut
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.steps import Rank, Stamp, Step


def plan_quietly(held: Sequence[HeldChange]) -> tuple[list[Step], list[LeftOut]]:
    """Return the steps, and what cannot land: what somebody else changed meanwhile."""
    steps: list[Step] = []
    left_out: list[LeftOut] = []
    for one in held:
        if one.is_changed_meanwhile:
            left_out.append(LeftOut(one.shown, "somebody else changed it while the command ran; theirs stays"))
        elif one.after is not None and one.after.kind is EntryKind.OTHER:
            left_out.append(LeftOut(one.shown, "a pipe, socket or device never lands"))
        else:
            steps += steps_for(one)
    return steps, left_out


def steps_for(one: HeldChange) -> list[Step]:
    """Return the steps that make a path what the command left there."""
    stamp = Stamp.of(one.now) if one.now is not None else None
    mode = one.after_mode
    is_folder = one.has_now(stat.S_IFDIR)
    if mode is None:
        rank = Rank.LAST_FOLDER_REMOVAL if is_folder else Rank.LATE_REMOVAL
        return [Step(one.target, one.shown, stamp, None, rank, is_optional=is_folder)] if stamp is not None else []
    if is_folder and stat.S_ISDIR(mode):
        rank = Rank.OPENING if mode & 0o300 == 0o300 else Rank.CLOSING
        return [Step(one.target, one.shown, stamp, mode, rank)]
    steps = []
    if stamp is not None and (is_folder or stat.S_ISDIR(mode)):
        rank = Rank.FOLDER_REMOVAL if is_folder else Rank.REMOVAL
        steps.append(Step(one.target, one.shown, stamp, None, rank))
        stamp = None
    if stat.S_ISDIR(mode):
        return [*steps, Step(one.target, one.shown, stamp, mode, Rank.FOLDER)]
    return [*steps, Step(one.target, one.shown, stamp, mode, Rank.CONTENT, one.read)]
