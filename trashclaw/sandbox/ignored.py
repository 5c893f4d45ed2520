"""Tells which changed paths git ignores; the answer comes from the real files, not from what a command made of them."""

from __future__ import annotations

import os
import stat
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.git_folder import find_work_tree
from trashclaw.workspace.ignore import IgnoreRules
from trashclaw.workspace.plumbing import ask_git
from trashclaw.workspace.steps import look


def ignored_among(root: Path, held: Sequence[HeldChange]) -> set[str]:
    """Return the shown paths of those changes that the repository around them ignores and does not track.

    Outside a repository the ignore files themselves are read. Where git cannot be asked about one, nothing is ignored.
    """
    groups: dict[Path, list[HeldChange]] = defaultdict(list)
    tops = Tops(root)
    for one in held:
        groups[tops.of(one.target)].append(one)
    found: set[str] = set()
    for top, ones in groups.items():
        found |= _ask(top, ones)
    return found


class Tops:
    """Finds the innermost folder around a path that has a repository of its own, else the root."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: dict[Path, Path] = {root: root}

    def of(self, target: Path) -> Path:
        """Return it."""
        folder = target.parent
        if not folder.is_relative_to(self._root):
            return folder
        return self._top(folder)

    def _top(self, folder: Path) -> Path:
        if folder not in self._known:
            self._known[folder] = folder if look(folder / ".git") is not None else self._top(folder.parent)
        return self._known[folder]


def _ask(top: Path, held: Sequence[HeldChange]) -> set[str]:
    found = find_work_tree(top)
    if found is not None:
        bounds = {"GIT_WORK_TREE": str(found.top), "GIT_CEILING_DIRECTORIES": str(found.top.parent)}
        known = {top: True}
        reachable = [one for one in held if _is_plain(one.target.parent, known)]
        names = {_name(top, one): one.shown for one in reachable}
        try:
            argv = ("check-ignore", "-z", "--stdin")
            said = ask_git(top, argv, stdin=b"".join(name + b"\0" for name in names), env=bounds, fine_codes=(0, 1))
        except GitFailed:
            return set()
        return {names[name] for name in said.split(b"\0") if name in names}
    if any(look(folder / ".git") is not None for folder in (top, *top.parents)):
        return set()
    rules = IgnoreRules(top)
    return {one.shown for one in held if rules.is_ignored(one.target, is_folder=_is_folder(one))}


def _name(top: Path, one: HeldChange) -> bytes:
    """Return a path as git is asked about it: one that looks like pathspec magic is taken as it is."""
    return b"./" + os.fsencode(one.target.relative_to(top)) + (b"/" if _is_folder(one) else b"")


def _is_folder(one: HeldChange) -> bool:
    if one.after is not None:
        return one.after.kind is EntryKind.FOLDER
    return one.has_now(stat.S_IFDIR)


def _is_plain(folder: Path, known: dict[Path, bool]) -> bool:
    """Tell whether git would take what is in a folder: not below a link, which it refuses for all of the question."""
    unknown = [folder]
    while unknown[-1] not in known and unknown[-1] != unknown[-1].parent:
        unknown.append(unknown[-1].parent)
    is_plain = known.get(unknown.pop(), True)
    for one in reversed(unknown):
        entry = look(one) if is_plain else None
        is_plain = is_plain and (entry is None or not stat.S_ISLNK(entry.st_mode))
        known[one] = is_plain
    return is_plain
