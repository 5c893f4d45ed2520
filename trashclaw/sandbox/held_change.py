"""One path that a command left otherwise than it found it, with everything needed to show it and to land it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trashclaw.sandbox.ports import Branch, BranchChange, Entry, EntryKind
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.steps import look

_TYPES = {EntryKind.FILE: stat.S_IFREG, EntryKind.FOLDER: stat.S_IFDIR, EntryKind.LINK: stat.S_IFLNK}
_STRAY = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class HeldChange:
    """A change in a branch, and what is really at its path now."""

    branch: Branch
    change: BranchChange
    target: Path
    """Where it lands: absolute."""

    shown: str
    """The path in the patch; no other change has the same one."""

    now: os.stat_result | None
    """What is there now, after the command; of a link, the link itself."""

    @property
    def above(self) -> Iterator[str]:
        """The folders above the path up to the branch's root, the innermost first; absolute."""
        path, root = str(self.target), str(self.branch.root)
        while len(path) > len(root):
            path = path[: path.rfind("/")]
            yield path

    @property
    def after(self) -> Entry | None:
        """What the command left there."""
        return self.change.after

    @property
    def after_mode(self) -> int | None:
        """Type and permission bits of what the command left there."""
        after = self.change.after
        return None if after is None else _TYPES.get(after.kind, stat.S_IFIFO) | stat.S_IMODE(after.mode)

    @property
    def is_changed_meanwhile(self) -> bool:
        """Whether somebody else changed the path while the command ran. A folder changes with what is in it."""
        before = self.change.before
        if self.now is None or before is None:
            return (self.now is None) != (before is None)
        if stat.S_IFMT(self.now.st_mode) != _TYPES.get(before.kind, stat.S_IFMT(self.now.st_mode)):
            return True
        return not stat.S_ISDIR(self.now.st_mode) and self.now.st_ctime > self.branch.started_at

    def has_now(self, kind: int) -> bool:
        """Tell whether there is something of this type (`stat.S_IFREG`, ...) now."""
        return self.now is not None and stat.S_IFMT(self.now.st_mode) == kind

    def as_removal(self) -> HeldChange:
        """Return the part of the change that takes away what is there."""
        return replace(self, change=replace(self.change, after=None))

    def read(self) -> bytes:
        """Return the new bytes of a file, or the target of a link."""
        return self.branch.read(self.change.path)


def hold_changes(workspace: Workspace, branches: Sequence[Branch]) -> list[HeldChange]:
    """Return all changes of branches, with paths that can be shown and are different from each other."""
    names: set[str] = set()
    held = []
    for branch in branches:
        for change in branch.changes():
            target = branch.root / change.path
            shown = shown_path(workspace.relative(target))
            while shown in names:
                shown += "~"
            names.add(shown)
            held.append(HeldChange(branch, change, target, shown, look(target)))
    return held


def shown_path(path: str) -> str:
    """Return a path as text that can be stored: bytes that are no UTF-8 as `\\xff`."""
    return path if path.isascii() else _STRAY.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", path)
