"""The steps of a landing: what must be at a path before, what is there after, and in which order paths come."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from trashclaw.workspace.held_folder import hold_folder


class Rank(IntEnum):
    """When a step has its turn; a landing that is cut off anywhere leaves folders and repositories that are valid."""

    OBJECTS = 0
    """What git can read already and nothing names yet."""

    OBJECT_INDEX = 1
    """What says where in a pack an object is."""

    OPENING = 2
    """Folders that become writable."""

    REMOVAL = 3
    FOLDER_REMOVAL = 4
    FOLDER = 5
    CONTENT = 6
    LATE_REMOVAL = 7
    """What goes goes after what came is there: what only moved is never nowhere."""

    CLOSING = 8
    """Folders that become read-only, or lose their files."""

    REFS = 9
    STATE = 10
    HEAD = 11
    INDEX = 12
    LAST_REMOVAL = 13
    LAST_FOLDER_REMOVAL = 14


@dataclass(frozen=True, slots=True)
class Stamp:
    """By what a file is known to be untouched, without its bytes."""

    mode: int
    size: int
    inode: int
    modified_ns: int

    @classmethod
    def of(cls, entry: os.stat_result) -> Stamp:
        """Return the stamp of what was looked at; of a folder, only that it is one."""
        if stat.S_ISDIR(entry.st_mode):
            return cls(stat.S_IFDIR, 0, entry.st_ino, 0)
        return cls(entry.st_mode, entry.st_size, entry.st_ino, entry.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class Step:
    """One path from what it is to what it becomes."""

    target: Path
    """Absolute, and without links on the way."""

    name: str
    """What errors call it."""

    before: Stamp | None
    """What is there now; `None`: nothing."""

    after_mode: int | None
    """Type and permission bits; `None`: nothing is there."""

    rank: Rank
    data: Callable[[], bytes] | None = None
    """The bytes of a file or of a link's target; `None`: only the mode changes, or a folder is made."""

    is_optional: bool = False
    """A folder that goes if nothing is left in it, or is made unless it is there."""

    has_own_mode: bool = True
    """Whether the permission bits count; otherwise the system sets them, as for any new file."""


_EARLY = {
    Rank.LATE_REMOVAL: Rank.REMOVAL,
    Rank.LAST_REMOVAL: Rank.REMOVAL,
    Rank.LAST_FOLDER_REMOVAL: Rank.FOLDER_REMOVAL,
}


def look(target: Path) -> os.stat_result | None:
    """Return what is at an absolute path (a link itself), `None` where nothing is, or a link or file is on the way."""
    try:
        with hold_folder(target.parent) as folder:
            return folder.look(target.name)
    except OSError:
        return None


def in_order(steps: Iterable[Step]) -> list[Step]:
    """Return steps by rank; removals from the innermost path out, everything else from the outermost in.

    What goes last goes early where a file takes the place of its folder, or a folder that of its file.
    """
    found = list(steps)
    puts = [step.target for step in found if step.after_mode is not None]
    above = {folder for parent in {target.parent for target in puts} for folder in (parent, *parent.parents)}
    plain = {step.target for step in found if step.after_mode is not None and not stat.S_ISDIR(step.after_mode)}

    def key(step: Step) -> tuple[int, int, str]:
        depth = len(step.target.parts)
        if step.after_mode is not None:
            return step.rank, depth, str(step.target)
        is_in_the_way = step.target in above or not plain.isdisjoint((step.target, *step.target.parents))
        rank = _EARLY.get(step.rank, step.rank) if is_in_the_way else step.rank
        return rank, -depth, str(step.target)

    return sorted(found, key=key)
