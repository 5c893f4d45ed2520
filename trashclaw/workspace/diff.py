"""Text into hunks and hunks into text, exactly: lines end at `\\n` alone and keep their ends."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.patches import ChangeKind, FileChange, Hunk, HunkPart, Patch
from trashclaw.workspace.matching import Block, match_blocks

CONTEXT_LINES = 3


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends; only `\\n` ends a line (no form feed, no U+2028, no lone `\\r`)."""
    parts = text.split("\n")
    lines = [f"{part}\n" for part in parts[:-1]]
    if parts[-1]:
        lines.append(parts[-1])
    return lines


def make_change(path: str, old: str | None, new: str | None, before_sha256: str | None) -> FileChange:
    """Return the change that turns `old` into `new`; `None` means that there is no file.

    A file that comes or goes has exactly one hunk, also when it is empty; equal texts give no hunks.
    """
    kind = ChangeKind.MODIFIED
    if old is None or new is None:
        kind = ChangeKind.ADDED if old is None else ChangeKind.DELETED
    hunks = make_hunks(split_lines(old or ""), split_lines(new or ""))
    if kind is not ChangeKind.MODIFIED and not hunks:
        hunks = (Hunk(hunk_id=HunkId("1"), before=0, after=0, lines=()),)
    return FileChange(path=path, kind=kind, hunks=hunks, before_sha256=before_sha256)


def make_patch(changes: Iterable[FileChange]) -> Patch:
    """Return a patch of the changes that change anything, its hunks numbered through."""
    return renumber(Patch(changes=tuple(change for change in changes if change.hunks)))


def renumber(patch: Patch) -> Patch:
    """Give the hunks of a patch the ids `1`, `2`, ... in order."""
    changes, count = [], 0
    for change in patch.changes:
        hunks = []
        for hunk in change.hunks:
            count += 1
            hunks.append(hunk.model_copy(update={"hunk_id": HunkId(str(count))}))
        changes.append(change.model_copy(update={"hunks": tuple(hunks)}))
    return Patch(changes=tuple(changes))


def select(patch: Patch, hunk_ids: Collection[HunkId]) -> Patch:
    """Return the part of a patch that consists of these hunks, with line numbers to suit."""
    chosen = []
    for change in patch.changes:
        hunks = tuple(hunk for hunk in change.hunks if hunk.hunk_id in hunk_ids)
        if hunks:
            chosen.append(change.model_copy(update={"hunks": _placed(hunks)}))
    return Patch(changes=tuple(chosen))


def make_hunks(old: Sequence[str], new: Sequence[str]) -> tuple[Hunk, ...]:
    """Return the hunks between two lists of lines, with three lines of context, ids counted from `1`."""
    hunks: list[Hunk] = []
    for group in _groups(_ops(match_blocks(old, new), len(old), len(new))):
        lines: list[str] = []
        for same, (old_from, old_to), (new_from, new_to) in group:
            if same:
                lines += [f" {line}" for line in old[old_from:old_to]]
            else:
                lines += [f"-{line}" for line in old[old_from:old_to]]
                lines += [f"+{line}" for line in new[new_from:new_to]]
        hunk = Hunk(hunk_id=HunkId(str(len(hunks) + 1)), before=group[0][1][0], after=0, lines=tuple(lines))
        hunks.append(hunk.model_copy(update={"before": hunk.before + (1 if _old_lines(hunk) else 0)}))
    return _placed(tuple(hunks))


def apply_hunks(old_text: str, hunks: Iterable[Hunk]) -> str:
    """Return the text with these hunks applied, exactly where and as they were made.

    Raises:
        StaleFile: the text is not the one that they were made from.
    """
    old = split_lines(old_text)
    new: list[str] = []
    done = 0
    for hunk in sorted(hunks, key=lambda hunk: hunk.before):
        gone = _old_lines(hunk)
        start = hunk.before - 1 if gone else hunk.before
        if start < done or old[start : start + len(gone)] != gone or start > len(old):
            raise StaleFile(f"Hunk {hunk.hunk_id} does not fit the text at line {hunk.before}.", "Read the file again.")
        new += old[done:start]
        new += _new_lines(hunk)
        done = start + len(gone)
    return "".join(new + old[done:])


def render_header(hunk: Hunk) -> str:
    """Return a hunk's `@@ -12,4 +12,5 @@`."""
    return f"@@ -{hunk.before},{len(_old_lines(hunk))} +{hunk.after},{len(_new_lines(hunk))} @@"


_Op = tuple[bool, tuple[int, int], tuple[int, int]]
"""Whether the lines are the same, and their ranges in the old and the new list."""


def _ops(blocks: Sequence[Block], old_size: int, new_size: int) -> list[_Op]:
    """Return the ranges that are the same and those that differ, in turns."""
    ops: list[_Op] = []
    old_at = new_at = 0
    for old_from, new_from, size in (*blocks, Block(old_size, new_size, 0)):
        if old_at < old_from or new_at < new_from:
            ops.append((False, (old_at, old_from), (new_at, new_from)))
        old_at, new_at = old_from + size, new_from + size
        if size:
            ops.append((True, (old_from, old_at), (new_from, new_at)))
    return ops


def _groups(ops: Sequence[_Op]) -> list[list[_Op]]:
    """Put changes whose contexts touch together, each group with the context around it."""
    groups: list[list[_Op]] = []
    group: list[_Op] = []
    for index, op in enumerate(ops):
        is_long = op[1][1] - op[1][0] > 2 * CONTEXT_LINES
        if not op[0] or (not is_long and 0 < index < len(ops) - 1):
            group.append(op)
            continue
        if index > 0:
            group.append(_first_lines(op))
            groups.append(group)
        group = [_last_lines(op)] if index < len(ops) - 1 else []
    return [*groups, group] if any(not same for same, _, _ in group) else groups


def _first_lines(op: _Op) -> _Op:
    same, (old_from, old_to), (new_from, _) = op
    size = min(CONTEXT_LINES, old_to - old_from)
    return same, (old_from, old_from + size), (new_from, new_from + size)


def _last_lines(op: _Op) -> _Op:
    same, (old_from, old_to), (_, new_to) = op
    size = min(CONTEXT_LINES, old_to - old_from)
    return same, (old_to - size, old_to), (new_to - size, new_to)


def _placed(hunks: Sequence[Hunk]) -> tuple[Hunk, ...]:
    """Set `after` of each hunk from `before` and from what the hunks in front of it add and remove."""
    placed, shift = [], 0
    for hunk in hunks:
        if hunk.part is not HunkPart.LINES:
            placed.append(hunk)
            continue
        old, new = len(_old_lines(hunk)), len(_new_lines(hunk))
        start = (hunk.before - 1 if old else hunk.before) + shift
        placed.append(hunk.model_copy(update={"after": start + (1 if new else 0)}))
        shift += new - old
    return tuple(placed)


def _old_lines(hunk: Hunk) -> list[str]:
    return [line[1:] for line in hunk.lines if not line.startswith("+")]


def _new_lines(hunk: Hunk) -> list[str]:
    return [line[1:] for line in hunk.lines if not line.startswith("-")]
