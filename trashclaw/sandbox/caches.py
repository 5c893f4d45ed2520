"""Caches that tools leave where no ignore file names them: made again at will, so nobody is asked and nothing lands."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from trashclaw.protocol.errors import GitFailed
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.sandbox.ignored import Tops
from trashclaw.workspace.git_folder import find_work_tree
from trashclaw.workspace.plumbing import ask_git

CACHE_FOLDERS = frozenset(
    {"__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".hypothesis", ".benchmarks", ".import_linter_cache"}
)


ASKED_AT_ONCE = 100


def caches_among(root: Path, held: Sequence[HeldChange]) -> set[str]:
    """Return the shown paths of what was written into caches that hold no tracked file; removing one is an effect.

    Where git cannot be asked whether it tracks some of it, nothing counts as a cache.
    """
    tops = Tops(root)
    groups: dict[tuple[Path, Path], list[str]] = defaultdict(list)
    for one in held:
        cache = _cache_around(root, one.target)
        if cache is not None and one.after is not None:
            groups[tops.of(cache), cache].append(one.shown)
    tracked = {top: _tracked(top, [cache for at, cache in groups if at == top]) for top in {top for top, _ in groups}}
    return {name for (top, cache), names in groups.items() if cache not in tracked[top] for name in names}


def _cache_around(root: Path, target: Path) -> Path | None:
    """Return the outermost folder of a cache's name around a path, or the path itself."""
    if not target.is_relative_to(root):
        return None
    place = root
    for part in target.relative_to(root).parts:
        place /= part
        if part in CACHE_FOLDERS:
            return place
    return None


def _tracked(top: Path, caches: Sequence[Path]) -> set[Path]:
    """Return those of the folders in which git tracks a file."""
    found = find_work_tree(top)
    if found is None:
        return set()
    bounds = {
        "GIT_WORK_TREE": str(found.top),
        "GIT_CEILING_DIRECTORIES": str(found.top.parent),
        "GIT_LITERAL_PATHSPECS": "1",
    }
    files: list[Path] = []
    try:
        for start in range(0, len(caches), ASKED_AT_ONCE):
            names = [str(cache.relative_to(top)) for cache in caches[start : start + ASKED_AT_ONCE]]
            said = ask_git(top, ("ls-files", "-z", "--", *names), env=bounds)
            files += [top / os.fsdecode(name) for name in said.split(b"\0") if name]
    except GitFailed:
        return set(caches)
    return {cache for cache in caches if any(file.is_relative_to(cache) for file in files)}
