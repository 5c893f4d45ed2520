"""How a path differs between two trees of git."""

from __future__ import annotations

from dataclasses import dataclass

ABSENT, SYMLINK, EXECUTABLE = "000000", "120000", "100755"
"""Modes as git writes them; `ABSENT` means that there is no file."""


@dataclass(frozen=True, slots=True)
class TreeChange:
    """How a path differs between two trees; mode `ABSENT` means that it is not there."""

    path: str
    old_mode: str
    old_blob: str
    new_mode: str
    new_blob: str

    @property
    def keeps_mode(self) -> bool:
        """Whether a file comes, goes or changes, and neither becomes a link nor executable."""
        return ABSENT in (self.old_mode, self.new_mode) or self.old_mode == self.new_mode

    @property
    def old(self) -> tuple[str, str]:
        """Mode and blob on the old side."""
        return self.old_mode, self.old_blob

    @property
    def new(self) -> tuple[str, str]:
        """Mode and blob on the new side."""
        return self.new_mode, self.new_blob
