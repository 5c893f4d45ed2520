"""Lands changes in a git folder: objects first, then what names them, the index last, removals at the end."""

from __future__ import annotations

import stat
from collections.abc import Sequence
from pathlib import Path

from trashclaw.protocol.errors import StaleFile
from trashclaw.sandbox.git_places import inner_name
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.workspace.steps import Rank, Stamp, Step, look

_HINT = "Run the command again."


def git_steps(changes: Sequence[tuple[str, HeldChange]]) -> tuple[Step, ...]:
    """Return the steps for changes by their path in the git folder.

    Raises:
        StaleFile: git is at work there, or changed one of the files since they were looked at.
    """
    steps = [step for name, one in changes for step in _steps(name, one)]
    locks = {one.target for name, one in changes if name.endswith(".lock")}
    for step in steps:
        _check_fresh(step, locks)
    return tuple(steps)


def _steps(name: str, one: HeldChange) -> list[Step]:
    now, mode = one.now, one.after_mode
    stamp = Stamp.of(now) if now is not None else None
    is_folder = one.has_now(stat.S_IFDIR)
    label = f".git/{name}"
    if mode is None:
        if now is None:
            return []
        rank = Rank.LAST_FOLDER_REMOVAL if is_folder else Rank.LAST_REMOVAL
        return [Step(one.target, label, stamp, None, rank, is_optional=is_folder and not _is_replaced(one))]
    if stat.S_ISDIR(mode):
        steps = []
        if is_folder:
            return [Step(one.target, label, stamp, mode, Rank.OPENING)]
        if now is not None:
            steps.append(Step(one.target, label, stamp, None, Rank.LAST_REMOVAL))
        rank = Rank.REFS if now is not None else Rank.OBJECTS
        return [*steps, Step(one.target, label, None, mode, rank, is_optional=True)]
    if now is not None and _is_object(name):
        return []
    steps = []
    if is_folder:
        steps.append(Step(one.target, label, stamp, None, Rank.LAST_FOLDER_REMOVAL))
        stamp = None
    return [*steps, Step(one.target, label, stamp, mode, _rank(name), one.read)]


def _is_replaced(one: HeldChange) -> bool:
    return one.after is not None


def _is_object(name: str) -> bool:
    _, rest = inner_name(name)
    return rest.startswith("objects/") and not rest.startswith("objects/info/")


def _rank(name: str) -> Rank:
    _, rest = inner_name(name)
    if rest.startswith("objects/"):
        return Rank.OBJECTS if not rest.endswith((".idx", ".midx", "multi-pack-index")) else Rank.OBJECT_INDEX
    if rest.startswith("refs/") or rest == "packed-refs":
        return Rank.REFS
    return {"HEAD": Rank.HEAD, "index": Rank.INDEX}.get(rest, Rank.STATE)


def _check_fresh(step: Step, locks: set[Path]) -> None:
    entry = look(step.target)
    found = Stamp.of(entry) if entry is not None else None
    if not step.is_optional and step.rank is not Rank.OBJECTS and found != step.before and step.after_mode is not None:
        is_removed_first = step.before is None and entry is not None and stat.S_ISDIR(entry.st_mode)
        if not is_removed_first:
            raise StaleFile(f"{step.name} changed meanwhile: git was at work.", _HINT)
    lock = step.target.with_name(step.target.name + ".lock")
    if step.rank >= Rank.REFS and lock not in locks and look(lock) is not None:
        raise StaleFile(f"git is at work: {step.name}.lock is there.", "Wait for it, or remove a stale lock.")
