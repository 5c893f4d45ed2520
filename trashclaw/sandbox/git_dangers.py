"""Tells which files in a git folder name programs, borrow or hide: each of them is a question of its own."""

from __future__ import annotations

import re
import stat
import unicodedata

from trashclaw.sandbox.file_changes import OWNERS_RIGHTS
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ports import EntryKind

HOOK = "a hook runs on your next git command, outside the sandbox"
CONFIG = "git's settings can name programs that run on your next git command, outside the sandbox"
ATTRIBUTES = "git's attributes say which filters run on your files, outside the sandbox"
EXCLUDE = "this hides files from git, and their changes from review"
BORROWED = "this makes git take objects from another place"
LINK = "this link makes git take its own files from another place"

_REF = re.compile(rb"(?:ref: refs/[^\0\n]*|[0-9a-f]{40}|[0-9a-f]{64})\n?")
_REFLOG_LINE = re.compile(rb"[0-9a-f]{40,64} [0-9a-f]{40,64} .*")
_LOOKED_AT_BYTES = 50_000_000


def danger_of(name: str, one: HeldChange) -> str:
    """Return why a file in a git folder needs a question of its own; empty if it does not.

    Any folder in a git folder can become one itself, by a `.git` file that leads there; so names count at every depth.
    """
    after = one.after
    if after is None and one.has_now(stat.S_IFDIR):
        return ""
    if after is not None and after.kind is EntryKind.FOLDER:
        return ""
    if after is not None and after.kind is EntryKind.LINK:
        return LINK
    if after is not None and after.kind is EntryKind.FILE and after.mode & 0o6000:
        return OWNERS_RIGHTS
    danger = _danger_by_name([_plain(part) for part in name.split("/")], one)
    return "" if danger and _is_ref(name, one) else danger


def _danger_by_name(parts: list[str], one: HeldChange) -> str:
    last, pair = parts[-1], "/".join(parts[-2:])
    if "hooks" in parts[:-1]:
        return "" if last.endswith(".sample") else HOOK
    if last in {"config", "config.worktree"}:
        return CONFIG
    if pair == "info/attributes":
        return ATTRIBUTES
    if last == "commondir" or pair in {"info/alternates", "info/http-alternates", "info/grafts"}:
        return BORROWED
    return EXCLUDE if pair == "info/exclude" and not _is_comment(one) else ""


def _plain(part: str) -> str:
    """Return a name as a file system could take it: without case and without invisible characters."""
    if part.isascii():
        return part.casefold()
    return "".join(
        char for char in unicodedata.normalize("NFKC", part) if unicodedata.category(char) != "Cf"
    ).casefold()


def _is_ref(name: str, one: HeldChange) -> bool:
    """Tell whether this is a branch, a tag or its history, which may have any name, and nothing else by its bytes."""
    parts = name.split("/")
    if one.after is None:
        return "refs" in parts
    if one.after.mode & 0o111 or one.after.size > _LOOKED_AT_BYTES or "refs" not in parts:
        return False
    data = one.read()
    if "logs" in parts:
        return all(_REFLOG_LINE.fullmatch(line) for line in data.splitlines())
    return _REF.fullmatch(data) is not None


def _is_comment(one: HeldChange) -> bool:
    if one.after is None or one.now is not None or one.after.size > _LOOKED_AT_BYTES:
        return False
    lines = one.read().decode("utf-8", "replace").splitlines()
    return all(not line.strip() or line.startswith("#") for line in lines)
