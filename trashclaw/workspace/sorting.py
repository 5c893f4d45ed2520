"""Tells which paths belong in a snapshot."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from trashclaw.workspace.root import Workspace, names_git

FILE_LIMIT_BYTES = 10_000_000
"""A larger file is in no snapshot: tools do not edit it either."""


def sort_out(workspace: Workspace, found: Iterable[str]) -> tuple[dict[str, int | None], list[str]]:
    """Divide paths into those that belong in a snapshot, with their permission bits (`None`: a link), and others."""
    kept: dict[str, int | None] = {}
    left_out: list[str] = []
    root, is_plain = workspace.root, {"": True}
    for path in found:
        mode = 0
        if _is_plain_folder(root, path.rpartition("/")[0], is_plain) and not workspace.is_protected(root / path):
            mode = _mode(root / path, path)
        if mode:
            kept[path] = None if stat.S_ISLNK(mode) else stat.S_IMODE(mode)
        else:
            left_out.append(path)
    return kept, left_out


def with_contents(root: Path, paths: Iterable[str]) -> set[str]:
    """Return the paths, and of those that are folders everything below; blocks on the disk."""
    found: set[str] = set()
    for path in paths:
        found.add(path)
        folder = root / path
        if "\0" not in path and not folder.is_symlink() and folder.is_dir():
            for above, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if not names_git(name)]
                links = [name for name in folders if (Path(above) / name).is_symlink()]
                found.update((Path(above) / name).relative_to(root).as_posix() for name in (*names, *links))
    return found


def _is_plain_folder(root: Path, folder: str, known: dict[str, bool]) -> bool:
    """Tell whether no part of a folder's path is a symlink (git refuses what lies beyond one) or git's own."""
    if folder not in known:
        above, _, name = folder.rpartition("/")
        is_plain = name not in {".", ".."} and not names_git(name) and _is_plain_folder(root, above, known)
        known[folder] = is_plain and not (root / folder).is_symlink()
    return known[folder]


def _mode(real: Path, path: str) -> int:
    """Return the mode of what belongs in a snapshot, 0 for everything else."""
    if path.endswith("/") or Path(path).is_absolute() or names_git(real.name):
        return 0
    try:
        entry = real.lstat()
    except (OSError, ValueError):
        return 0
    if stat.S_ISLNK(entry.st_mode):
        return entry.st_mode
    is_fine = stat.S_ISREG(entry.st_mode) and entry.st_size <= FILE_LIMIT_BYTES and os.access(real, os.R_OK)
    return entry.st_mode if is_fine else 0
