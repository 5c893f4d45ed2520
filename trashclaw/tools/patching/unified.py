"""Reads unified diffs, of git and plain, whose numbers and prefixes may be wrong or missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.patching.hunk_heads import Head, read_head
from trashclaw.tools.patching.names import (
    NOWHERE,
    is_nowhere,
    is_pair,
    names_of_git,
    plain_name,
    without_side,
    without_sides,
)
from trashclaw.tools.patching.sections import Action, Chunk, Section, read_body
from trashclaw.tools.truncate import clip

_EXTENDED = re.compile(
    r"(?:index |old mode |new mode |new file mode |deleted file mode |similarity index |dissimilarity index |"
    r"rename from |rename to |copy from |copy to |Binary files |GIT binary patch)"
)


@dataclass(slots=True)
class _Open:
    """A section that is being read."""

    at: int
    old: str | None = None
    new: str | None = None
    from_git: tuple[str, str] | None = None
    extended: dict[str, str] = field(default_factory=dict)
    chunks: list[Chunk] = field(default_factory=list)


def opens_file(lines: Sequence[str], at: int) -> bool:
    """Tell whether a line opens a section: `diff --git`, or `---` with `+++` below."""
    line = lines[at]
    if line.startswith("diff --git "):
        return True
    return line.startswith("--- ") and at + 1 < len(lines) and lines[at + 1].startswith("+++ ")


def read_unified(lines: Sequence[str]) -> list[Section]:
    """Return the sections; what stands before the first and between them is passed over.

    Raises:
        ToolError: it is malformed, or holds what only git can land; names the line.
    """
    opened: list[_Open] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        current = opened[-1] if opened else None
        if line.startswith("diff --git "):
            opened.append(_Open(at, from_git=names_of_git(line)))
        elif opens_file(lines, at):
            old, new = plain_name(line[4:]), plain_name(lines[at + 1][4:])
            if current is None or current.old is not None or current.chunks or not _is_of_git(current, old, new):
                current = _Open(at)
                opened.append(current)
            current.old, current.new = old, new
            at += 1
        elif line.startswith("@@"):
            if current is None:
                raise ToolError(
                    f"Line {at + 1} of the patch is a hunk of no file.", "Write `--- a/path` and `+++ b/path` above it."
                )
            at = _read_chunk(lines, at, current)
            continue
        elif current is not None and not current.chunks and (found := _EXTENDED.match(line)):
            current.extended[found[0].strip()] = line[found.end() :].strip()
        elif line[:1] in {"+", "-"} and line.strip() != "--" and current is not None:
            raise ToolError(
                f"Line {at + 1} of the patch stands in no hunk: {clip(line, 120)}", "Write `@@` above each hunk."
            )
        at += 1
    return [_section(one) for one in opened]


def _is_of_git(current: _Open, old: str, new: str) -> bool:
    """Tell whether names belong below the `diff --git` line above them."""
    pairs = zip(current.from_git or (), (old, new), strict=False)
    return all(is_nowhere(name) or without_side(name) == without_side(of_git) for of_git, name in pairs)


def _read_chunk(lines: Sequence[str], at: int, current: _Open) -> int:
    head = read_head(lines[at])
    body, at = read_body(lines, at + 1, lambda place, marked: _is_behind(lines, place, marked, head))
    if body.lines:
        chunk = Chunk(body, head.line, (head.anchor,) if head.anchor else ())
        current.chunks += [chunk] if chunk.has_changes else []
    return at


def _is_behind(lines: Sequence[str], at: int, marked: Sequence[str], head: Head) -> bool:
    """Tell whether a line lies behind the hunk. The counts of its head only decide what could be either."""
    line = lines[at]
    if line.startswith(("@@", "diff --git ", "Index: ")):
        return True
    if line[:1] in {" ", "+"}:
        return False
    if line.startswith("--- ") and opens_file(lines, at):
        below = lines[at + 2] if at + 2 < len(lines) else ""
        return below.startswith("@@") and (is_pair(line[4:], lines[at + 1][4:]) or _is_complete(marked, head))
    is_signature = line.rstrip("\r") == "-- "
    is_prose = bool(line.strip()) and line[0] not in "-\\"
    return (is_signature or is_prose) and _is_complete(marked, head)


def _is_complete(marked: Sequence[str], head: Head) -> bool:
    if head.old_count is None or head.new_count is None or len(marked) > head.old_count + head.new_count:
        return False
    old = sum(not line.startswith("+") for line in marked)
    new = sum(not line.startswith("-") for line in marked)
    return old == head.old_count and new == head.new_count


def _section(one: _Open) -> Section:
    old, new = _names(one)
    _refuse_what_git_must_do(one, new if not is_nowhere(new) else old)
    if is_nowhere(old) and is_nowhere(new):
        raise ToolError(f"Line {one.at + 1} of the patch names no file.", "Write `+++ b/path`.")
    plain_old, plain_new = without_sides(old, new)
    chunks = tuple(one.chunks)
    is_executable = one.extended.get("new file mode", "").endswith("755")
    if is_nowhere(old):
        return Section(Action.ADD, plain_new, new, chunks, is_executable=is_executable)
    if is_nowhere(new):
        return Section(Action.DELETE, plain_old, old, chunks)
    if "rename to" in one.extended:
        source = plain_name(one.extended.get("rename from", ""))
        return Section(Action.UPDATE, source, source, chunks, plain_name(one.extended["rename to"]))
    if not chunks:
        raise ToolError(f"{plain_new}: the patch has no hunk for it.", "Write its hunks, each below a line with @@.")
    if plain_old != plain_new:
        raise ToolError(
            f"The patch names two files in one section: {clip(plain_old, 200)} and {clip(plain_new, 200)}.",
            "Name one in both lines; to move a file, write `rename from` and `rename to`.",
        )
    return Section(Action.UPDATE, plain_new, new, chunks)


def _names(one: _Open) -> tuple[str, str]:
    """Return the old and the new name, the one for no file where the file comes or goes."""
    old, new = one.old, one.new
    if old is None or new is None:
        if "rename to" in one.extended and "rename from" in one.extended:
            return one.extended["rename from"], one.extended["rename to"]
        if one.from_git is None:
            raise ToolError(f"Line {one.at + 1} of the patch names no file.", "Write `--- a/path` and `+++ b/path`.")
        old, new = one.from_git
        old = NOWHERE if "new file mode" in one.extended else old
        new = NOWHERE if "deleted file mode" in one.extended else new
    return old, new


def _refuse_what_git_must_do(one: _Open, name: str) -> None:
    known = one.extended
    modes = [known.get("new file mode", ""), known.get("deleted file mode", ""), *known.get("index", "").split()[1:]]
    what = ""
    if "Binary files" in known or "GIT binary patch" in known:
        what = "a binary file"
    elif "copy from" in known:
        what = "a copy"
    elif "new mode" in known:
        what = "a change of mode"
    elif any(mode.startswith(("12", "16")) for mode in modes):
        what = "a link or a submodule"
    if what:
        raise ToolError(f"{clip(name, 200)}: the patch holds {what}, which cannot land here.", "Use a command for it.")
