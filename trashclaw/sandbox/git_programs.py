"""Files of a work tree that git's own settings name: hooks, filters, further settings. Git runs or obeys them later."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.sandbox.git_dangers import HOOK
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ignored import Tops
from trashclaw.sandbox.ports import EntryKind
from trashclaw.workspace.git_folder import find_work_tree
from trashclaw.workspace.plumbing import ask_git

NAMED = "git's settings name this file, and it counts or runs on your next git command, outside the sandbox"

_BREAKS = re.compile(r"[\s;|&()<>=\"'`!$]+")
_VALUE_LIMIT_CHARS = 4_096


@dataclass(slots=True)
class _Named:
    """What the settings of one work tree name."""

    files: set[Path] = field(default_factory=set)
    folders: set[Path] = field(default_factory=set)
    """Whose files are hooks."""


class GitPrograms:
    """Answers for changed paths, repository by repository; the settings are those of the real files."""

    def __init__(self, root: Path) -> None:
        self._tops = Tops(root)
        self._named: dict[Path, _Named] = {}

    def why(self, one: HeldChange) -> str:
        """Return why a change needs a look of its own; empty if git's settings do not name it."""
        top = self._tops.of(one.target)
        if top not in self._named:
            self._named[top] = _ask(top)
        named = self._named[top]
        if named.folders and not named.folders.isdisjoint((one.target, *one.target.parents)):
            return HOOK
        if one.target in named.files:
            return NAMED
        is_link = one.after is not None and one.after.kind is EntryKind.LINK
        if is_link and any(one.target in path.parents for path in (*named.files, *named.folders)):
            return NAMED
        return ""


def _ask(top: Path) -> _Named:
    named = _Named()
    argv = ("config", "--list", "--includes", "--show-origin", "-z")
    try:
        said = ask_git(top, argv, has_own_settings=False)
    except GitFailed:
        return named
    found = find_work_tree(top)
    base = found.top if found is not None else top
    fields = os.fsdecode(said).split("\0")
    for origin, setting in zip(fields[::2], fields[1::2], strict=False):
        key, _, value = setting.partition("\n")
        file = Path(os.path.normpath(base / origin.removeprefix("file:"))) if origin.startswith("file:") else base
        if file != base:
            named.files.add(file)
        bases = (base, top, file.parent)
        if key == "core.hookspath":
            folders = _paths(bases, value)
            named.folders |= folders | {folder.parent for folder in folders if folder.name == "_"}
        elif len(value) <= _VALUE_LIMIT_CHARS:
            for word in (value, *_BREAKS.split(value)):
                named.files |= _paths(bases, word)
    # What is no path in the work tree is not asked about; whoever lists the top itself would catch everything.
    named.folders = {folder for folder in named.folders if folder != base and base in folder.parents}
    return named


def _paths(bases: tuple[Path, ...], word: str) -> set[Path]:
    """Return what a word could mean as a path, also behind links."""
    if not word or "\0" in word:
        return set()
    with suppress(RuntimeError):
        word = str(Path(word).expanduser()) if word.startswith("~") else word
    paths = {os.path.normpath(base / word) for base in bases}
    return {Path(path) for path in paths} | {Path(os.path.realpath(path)) for path in paths}
