"""Finds files that only changed their place: the same bytes gone at one path and new at another."""

from __future__ import annotations

import stat
from collections import defaultdict
from collections.abc import Sequence
from itertools import takewhile
from pathlib import PurePosixPath

from trashclaw.protocol.patches import ChangeKind, FileChange
from trashclaw.sandbox.file_changes import OWNERS_RIGHTS, mode_words, read_now, whole
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.files import digest

LOOKED_AT = 50


def find_renames(held: Sequence[HeldChange]) -> tuple[list[FileChange], list[HeldChange]]:
    """Return the renames among changes, and the changes that are none.

    Raises:
        WorkspaceError: a file cannot be read.
    """
    gone: dict[int, list[HeldChange]] = defaultdict(list)
    for one in held:
        if one.after is None and one.now is not None and stat.S_ISREG(one.now.st_mode) and not one.is_changed_meanwhile:
            gone[one.now.st_size].append(one)
    came = [one for one in held if _is_new_file(one) and one.after is not None and one.after.size in gone]
    wanted = {one.after.size for one in came if one.after is not None}
    by_digest: dict[str, list[HeldChange]] = defaultdict(list)
    for size in wanted:
        for one in gone[size]:
            by_digest[digest(read_now(one) or b"")].append(one)
    renames, used = [], set()
    for one in came:
        sha256 = digest(one.read())
        source = _nearest(one, by_digest.get(sha256, []))
        if source is not None:
            by_digest[sha256].remove(source)
            used |= {one.shown, source.shown}
            renames.append(_rename(source, one, sha256))
    return renames, [one for one in held if one.shown not in used]


def _is_new_file(one: HeldChange) -> bool:
    if one.now is not None or one.change.before is not None or one.after is None:
        return False
    return one.after.kind is EntryKind.FILE and one.after.size > 0


def _nearest(one: HeldChange, sources: Sequence[HeldChange]) -> HeldChange | None:
    """Return the source whose path ends most alike; of many, only the first are looked at."""
    parts = PurePosixPath(one.shown).parts[::-1]

    def alike(source: HeldChange) -> int:
        pairs = zip(parts, PurePosixPath(source.shown).parts[::-1], strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    return max(sources[:LOOKED_AT], key=alike, default=None)


def _rename(source: HeldChange, one: HeldChange, sha256: str) -> FileChange:
    assert source.now is not None and one.after_mode is not None
    old, new = stat.S_IMODE(source.now.st_mode), stat.S_IMODE(one.after_mode)
    what = f"renamed from {source.shown}" + (f", {mode_words(old, new)}" if old != new else "")
    return FileChange(
        path=one.shown,
        kind=ChangeKind.RENAMED,
        hunks=(whole(what),),
        before_sha256=sha256,
        from_path=source.shown,
        before_mode=source.now.st_mode,
        after_mode=one.after_mode,
        after_sha256=sha256,
        warning=OWNERS_RIGHTS if new & 0o6000 else "",
    )
