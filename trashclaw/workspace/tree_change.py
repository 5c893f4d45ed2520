"""How a path differs between two snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from trashclaw.workspace.permissions import Permissions

ABSENT, SYMLINK, EXECUTABLE, PLAIN = "000000", "120000", "100755", "100644"
"""Modes as git writes them; `ABSENT` means that there is no file."""


class Entry(NamedTuple):
    """What is at a path: git's mode, the name of its blob, and all permission bits where they are known."""

    mode: str
    blob: str
    bits: int | None = None

    def is_same(self, other: Entry) -> bool:
        """Tell whether two entries are the same file; unknown bits are like any."""
        is_alike = None in (self.bits, other.bits) or self.bits == other.bits
        return self[:2] == other[:2] and is_alike

    def with_bits(self, path: str, permissions: Permissions | None) -> Entry:
        """Return the entry with its bits, where it is a file and they are known."""
        if permissions is None or self.mode not in (PLAIN, EXECUTABLE):
            return self
        return self._replace(bits=permissions.of_path(path, is_executable=self.mode == EXECUTABLE))


@dataclass(frozen=True, slots=True)
class Side:
    """A snapshot as one side of a comparison: the name of its tree, and the permissions where they were noted."""

    tree: str
    permissions: Permissions | None = None


@dataclass(frozen=True, slots=True)
class TreeChange:
    """How a path differs between two snapshots."""

    path: str
    old: Entry
    new: Entry

    @property
    def keeps_mode(self) -> bool:
        """Whether a file comes, goes or changes, and its mode stays."""
        if ABSENT in (self.old.mode, self.new.mode):
            return True
        return self.old.mode == self.new.mode and (
            None in (self.old.bits, self.new.bits) or self.old.bits == self.new.bits
        )
