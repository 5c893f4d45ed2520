"""Changes at ignored paths that are shown all the same: they act by themselves later, or lead out of the workspace."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.secret_names import is_secret_name

ACTS = "git ignores this file, but other programs obey it without being asked"
SECRET = "git ignores this file, but its name says that it holds secrets or settings"

_FOLDERS = {".vscode", ".idea", ".devcontainer", ".husky"}


def why_loud(one: HeldChange, root: Path) -> str:
    """Return why a change is not to land unseen although git ignores its path; empty if it may."""
    if is_secret_name(one.target.name) and not _is_folder(one):
        return SECRET
    if one.after is not None and not _FOLDERS.isdisjoint(part.casefold() for part in one.change.path.split("/")):
        return ACTS
    if one.after is not None and one.after.kind is EntryKind.FILE and one.after.mode & 0o6000:
        return ACTS
    if one.after is not None and one.after.kind is EntryKind.LINK and _leads_to_files(one, root):
        return ACTS
    return ""


def _is_folder(one: HeldChange) -> bool:
    if one.after is not None:
        return one.after.kind is EntryKind.FOLDER
    return one.has_now(stat.S_IFDIR)


def _leads_to_files(one: HeldChange, root: Path) -> bool:
    """Tell whether a link leads out of the workspace, to anything but a program, as those of environments do."""
    try:
        leads_to = os.path.normpath(one.target.parent / os.fsdecode(one.read()))
    except WorkspaceError:
        return True
    if Path(leads_to).is_relative_to(root):
        return False
    return not (Path(leads_to).is_file() and os.access(leads_to, os.X_OK))
