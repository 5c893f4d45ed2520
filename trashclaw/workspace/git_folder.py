"""Finds the git folder that governs a workspace, and takes none that borrows from a stranger's."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.workspace.files import read_bytes
from trashclaw.workspace.nested import outermost
from trashclaw.workspace.presence import is_file, is_there

LINE_LIMIT_BYTES = 4_096
CONFIG_LIMIT_BYTES = 200_000
_PARTS = ("HEAD", "config", "index", "objects", "packed-refs", "refs")
_WORKTREE = re.compile(r"^[ \t]*worktree[ \t]*=[ \t]*\"?([^\"\n]+?)\"?[ \t]*$", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A folder under git, and where git keeps what it knows of it."""

    top: Path
    git_folder: Path


def find_work_tree(root: Path) -> WorkTree | None:
    """Return the git work tree around a folder; a nearer one that cannot be trusted hides those further up.

    A `.git` that leads out of its work tree counts only if what it leads to names this work tree in turn, as git
    writes it for linked worktrees and submodules: a hostile `.git` file would show another repository's contents.
    """
    for top in (root, *root.parents):
        marker = top / ".git"
        if is_file(marker) or is_there(marker / "HEAD"):
            folder = _folder_of(marker)
            return WorkTree(top, folder) if folder and _is_own(top, folder) else None
    return None


def find_git_folder(root: Path) -> Path | None:
    """Return the git folder that governs a folder, also one that a linked worktree's `.git` file names."""
    found = find_work_tree(root)
    return found.git_folder if found else None


def outer_git_folders(root: Path) -> list[Path]:
    """Return the git folders outside of a workspace that its commits, index and branches are kept in.

    There are some in a linked worktree, in a submodule, and in a folder below the top of its work tree.
    """
    own = find_git_folder(root)
    if own is None:
        return []
    return [path for path in outermost([_real(_shared(own)), _real(own)]) if not path.is_relative_to(_real(root))]


def first_line(path: Path) -> str:
    """Return the first line of a small file, empty when it cannot be read."""
    return _text(path, LINE_LIMIT_BYTES).split("\n", 1)[0].replace("\0", "").strip()


def _folder_of(marker: Path) -> Path | None:
    folder = marker
    if is_file(marker):
        text = first_line(marker)
        if not text.startswith("gitdir:"):
            return None
        folder = marker.parent / text.removeprefix("gitdir:").strip()
    return _real(folder) if is_there(folder / "HEAD") else None


def _is_own(top: Path, folder: Path) -> bool:
    top = _real(top)
    if not folder.is_relative_to(top):
        return _points_back(top, folder)
    return all(_real(part).is_relative_to(top) for part in (*(folder / name for name in _PARTS), _shared(folder)))


def _points_back(top: Path, folder: Path) -> bool:
    """Tell whether a git folder elsewhere says that it belongs to this work tree."""
    named = [first_line(folder / "gitdir").removesuffix(".git")]
    named += _WORKTREE.findall(_text(folder / "config", CONFIG_LIMIT_BYTES))
    return any(name and _real(folder / name) == top for name in named)


def _shared(folder: Path) -> Path:
    """Return where a git folder says that objects and branches are: by default in itself."""
    return folder / first_line(folder / "commondir")


def _real(path: Path) -> Path:
    try:
        return Path(os.path.realpath(path))
    except (OSError, ValueError):
        return path


def _text(path: Path, limit_bytes: int) -> str:
    if not is_file(path):
        return ""
    try:
        return read_bytes(path, path.name, limit_bytes).decode("utf-8", "replace")
    except UnsuitableFile:
        return ""
