"""Tells which paths belong in a snapshot."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from trashclaw.workspace.root import Workspace, names_git

FRESH_S = 3.0
FILE_LIMIT_BYTES = 10_000_000
"""A larger file is in no snapshot: tools do not edit it either."""


class Sorted(NamedTuple):
    """Paths, divided into those that belong in a snapshot and the others."""

    kept: dict[str, int | None]
    """With their permission bits; a link has none."""

    left_out: list[str]
    fresh: list[str]
    """Those of `kept` that changed a moment ago: git, which counts seconds, would not see a next change of mode."""


def sort_out(workspace: Workspace, found: Iterable[str]) -> Sorted:
    """Divide paths as they are on disk; blocks on it."""
    done = Sorted({}, [], [])
    root, is_plain, fresh_from = workspace.root, {"": True}, time.time() - FRESH_S
    for path in found:
        entry = None
        if _is_plain_folder(root, path.rpartition("/")[0], is_plain) and not workspace.is_protected(root / path):
            entry = _look(root / path, path)
        if entry is None:
            done.left_out.append(path)
            continue
        done.kept[path] = None if stat.S_ISLNK(entry.st_mode) else stat.S_IMODE(entry.st_mode)
        if entry.st_ctime > fresh_from:
            done.fresh.append(path)
    return done


def entry_at(root: Path, path: str) -> os.stat_result | None:
    """Return what lies at a path, itself where it is a link; `None` for nothing, and beyond a link."""
    try:
        return (root / path).lstat() if _is_plain_folder(root, path.rpartition("/")[0], {"": True}) else None
    except (OSError, ValueError):
        return None


def in_reach(paths: Iterable[str]) -> set[str]:
    """Return those of some named paths that a snapshot could have: inside the workspace, and none of git's own."""
    return {
        path
        for path in paths
        if path and "\0" not in path and not path.startswith("/") and all(map(_is_plain_name, path.split("/")))
    }


def with_contents(root: Path, paths: Iterable[str]) -> set[str]:
    """Return the paths, and of those that are folders, and lie beyond no link, everything below; blocks on the disk."""
    found: set[str] = set()
    is_plain = {"": True}
    for path in paths:
        found.add(path)
        folder = root / path
        if _is_plain_folder(root, path.rpartition("/")[0], is_plain) and _is_real_folder(folder):
            for above, folders, names in os.walk(folder):
                folders[:] = [name for name in folders if not names_git(name)]
                links = [name for name in folders if (Path(above) / name).is_symlink()]
                found.update((Path(above) / name).relative_to(root).as_posix() for name in (*names, *links))
    return found


def _is_plain_name(name: str) -> bool:
    return name not in {".", ".."} and not names_git(name)


def _is_real_folder(folder: Path) -> bool:
    try:
        return stat.S_ISDIR(folder.lstat().st_mode)
    except (OSError, ValueError):
        return False


def _is_plain_folder(root: Path, folder: str, known: dict[str, bool]) -> bool:
    """Tell whether no part of a folder's path is a symlink (git refuses what lies beyond one) or git's own."""
    if folder not in known:
        above, _, name = folder.rpartition("/")
        is_plain = _is_plain_name(name) and _is_plain_folder(root, above, known)
        known[folder] = is_plain and not (root / folder).is_symlink()
    return known[folder]


def _look(real: Path, path: str) -> os.stat_result | None:
    """Return what is said of a file or link that belongs in a snapshot, `None` of everything else."""
    if path.endswith("/") or Path(path).is_absolute() or names_git(real.name):
        return None
    try:
        entry = real.lstat()
    except (OSError, ValueError):
        return None
    if stat.S_ISLNK(entry.st_mode):
        return entry
    is_fine = stat.S_ISREG(entry.st_mode) and entry.st_size <= FILE_LIMIT_BYTES and os.access(real, os.R_OK)
    return entry if is_fine else None
