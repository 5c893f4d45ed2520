"""A change to files, divided into the parts that a person accepts or rejects."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import HunkId


class ChangeKind(StrEnum):
    """What happens to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


class HunkPart(StrEnum):
    """What of a file a hunk changes."""

    LINES = "lines"
    MODE = "mode"
    """Its permission bits, as `FileChange.after_mode` says."""

    WHOLE = "whole"
    """All of it, where lines say nothing: a binary, a link, a folder, a new name, what git keeps."""


class Hunk(Frozen):
    """The smallest part of a patch that can be accepted or rejected alone."""

    hunk_id: HunkId
    """Unique within its patch: `1`, `2`, ..."""

    before: int
    """First line in the old file, counted from 1; for a pure insertion, the line it comes after (0 at the top)."""

    after: int
    """First line in the new file, counted the same way."""

    lines: tuple[Text, ...]
    """Each line with a mark in front (`" "` kept, `"-"` removed, `"+"` added) and its own line end behind."""

    part: HunkPart = HunkPart.LINES
    what: Text = ""
    """What a hunk without lines does, for a person: `binary file, 3 kB -> 4 kB`, `mode 644 -> 755`."""

    @property
    def removed(self) -> int:
        """Number of lines removed."""
        return sum(line.startswith("-") for line in self.lines)

    @property
    def added(self) -> int:
        """Number of lines added."""
        return sum(line.startswith("+") for line in self.lines)


class FileChange(Frozen):
    """A patch's part in one file."""

    path: Text
    """Relative to the workspace, with forward slashes."""

    kind: ChangeKind
    hunks: tuple[Hunk, ...]
    before_sha256: str | None = None
    """Digest of the file's bytes that the hunks were made from; `None` when there was no file."""

    from_path: Text | None = None
    """Where a renamed file was."""

    before_mode: int | None = None
    """Type and permission bits as in `st_mode`; `None` where there was nothing, or the mode stays as it is."""

    after_mode: int | None = None
    after_sha256: str | None = None
    """Digest of the bytes (of a link: its target) that a `WHOLE` hunk lands."""

    warning: Text = ""
    """Why this needs a look of its own: somebody changed the file meanwhile, it is a git hook, commits are lost."""

    @property
    def added(self) -> int:
        """Number of lines added."""
        return sum(hunk.added for hunk in self.hunks)

    @property
    def removed(self) -> int:
        """Number of lines removed."""
        return sum(hunk.removed for hunk in self.hunks)


class Patch(Frozen):
    """A change to any number of files."""

    changes: tuple[FileChange, ...] = ()

    @property
    def hunks(self) -> tuple[Hunk, ...]:
        """Every hunk, in order."""
        return tuple(hunk for change in self.changes for hunk in change.hunks)

    @property
    def hunk_ids(self) -> frozenset[HunkId]:
        """The ids of all hunks."""
        return frozenset(hunk.hunk_id for hunk in self.hunks)


def with_edits(patch: Patch, edits: Iterable[FileChange]) -> Patch:
    """Return a patch in which the changes of some files are replaced by what a person made of them."""
    by_path = {change.path: change for change in edits}
    if not by_path:
        return patch
    return Patch(changes=tuple(by_path.get(change.path, change) for change in patch.changes))
