"""Takes out of what was accepted what cannot be without something that was not: a file in a folder that is none."""

from __future__ import annotations

import stat
from pathlib import Path

from trashclaw.protocol.patches import ChangeKind, FileChange, Patch
from trashclaw.sandbox.contents import BranchContents
from trashclaw.workspace.steps import look


def without_impossible(accepted: Patch, contents: BranchContents) -> Patch:
    """Return the accepted changes that can land together."""
    changes = list(accepted.changes)
    plain = {contents.root}
    while True:
        freed = {_source(change, contents) for change in changes}
        possible = [change for change in changes if _is_possible(change, contents, freed, plain)]
        if len(possible) == len(changes):
            return Patch(changes=tuple(possible))
        changes = possible


def _is_possible(change: FileChange, contents: BranchContents, freed: set[Path | None], plain: set[Path]) -> bool:
    """Tell whether a change can land where only those paths get out of the way; `plain` are known to be folders."""
    if contents.is_bundle(change.path) or change.kind is ChangeKind.DELETED:
        return True
    target = contents.target(change.path)
    for folder in target.parents:
        if folder in plain:
            break
        entry = look(folder)
        if entry is not None and stat.S_ISDIR(entry.st_mode):
            plain.add(folder)
            break
        if entry is not None and folder not in freed:
            return False
    is_folder_gone = change.before_mode is not None and stat.S_ISDIR(change.before_mode)
    if is_folder_gone and change.after_mode is not None and not stat.S_ISDIR(change.after_mode):
        return _is_empty_but_for(target, freed)
    return True


def _source(change: FileChange, contents: BranchContents) -> Path | None:
    """Return the path at which a change leaves nothing, or no file."""
    if contents.is_bundle(change.path):
        return None
    if change.kind is ChangeKind.RENAMED:
        return contents.target(change.from_path or "")
    after = change.after_mode
    is_gone = change.kind is ChangeKind.DELETED or (after is not None and stat.S_ISDIR(after))
    return contents.target(change.path) if is_gone else None


def _is_empty_but_for(folder: Path, freed: set[Path | None]) -> bool:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            stays = entry not in freed if _is_empty(entry) else not _is_empty_but_for(entry, freed)
            if stays:
                return False
        elif entry not in freed:
            return False
    return True


def _is_empty(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None
