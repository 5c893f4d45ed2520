"""Which files of a folder a person cares about, in plain Python: for machines where `rg` cannot run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from trashclaw.workspace.git_folder import find_git_folder
from trashclaw.workspace.presence import is_file

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

IGNORE_FILES = (".gitignore", ".ignore", ".rgignore")
IGNORE_LIMIT_BYTES = 200_000


def walk(root: Path, start: Path) -> Iterator[Path]:
    """Yield the files under `start` that no ignore file under `root` leaves out; no link is followed."""
    specs = _specs_above(root, start)
    yield from _walk(start, specs)


def _walk(folder: Path, specs: tuple[tuple[Path, GitIgnoreSpec], ...]) -> Iterator[Path]:
    specs = (*specs, *_specs_of(folder))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name == ".git" or _is_ignored(path, specs, is_folder=is_folder):
            continue
        if is_folder:
            yield from _walk(path, specs)
        elif entry.is_file(follow_symlinks=False):
            yield path


def _is_ignored(path: Path, specs: tuple[tuple[Path, GitIgnoreSpec], ...], *, is_folder: bool) -> bool:
    """Tell what the innermost ignore file that speaks of the path says."""
    for base, spec in reversed(specs):
        said = spec.check_file(path.relative_to(base).as_posix() + ("/" if is_folder else "")).include
        if said is not None:
            return said
    return False


def _specs_above(root: Path, start: Path) -> tuple[tuple[Path, GitIgnoreSpec], ...]:
    specs: list[tuple[Path, GitIgnoreSpec]] = []
    git_folder = find_git_folder(root)
    if git_folder is not None:
        specs += _read_spec(root, git_folder / "info" / "exclude")
    above = [folder for folder in reversed(start.parents) if folder.is_relative_to(root)]
    for folder in above:
        specs += _specs_of(folder)
    return tuple(specs)


def _specs_of(folder: Path, names: tuple[str, ...] = IGNORE_FILES) -> list[tuple[Path, GitIgnoreSpec]]:
    return [spec for name in names for spec in _read_spec(folder, folder / name)]


def _read_spec(base: Path, file: Path) -> list[tuple[Path, GitIgnoreSpec]]:
    from pathspec import GitIgnoreSpec

    if not is_file(file):
        return []
    try:
        with file.open("rb") as stream:
            text = stream.read(IGNORE_LIMIT_BYTES).decode("utf-8", "replace")
        return [(base, GitIgnoreSpec.from_lines(text.splitlines()))]
    except (OSError, ValueError):
        return []


class IgnoreRules:
    """Answers, path by path, what the ignore files of a folder without a repository say; they are read once.

    Only git's own count: those of search tools say what is boring, not what anybody may change.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._specs: dict[Path, tuple[tuple[Path, GitIgnoreSpec], ...]] = {}
        self._answers: dict[Path, bool] = {root: False}

    def is_ignored(self, path: Path, *, is_folder: bool) -> bool:
        """Tell whether an absolute path under the root is left out, by itself or with a folder above."""
        above = path.parent
        if above not in self._answers:
            self._answers[above] = self.is_ignored(above, is_folder=True)
        return self._answers[above] or _is_ignored(path, self._of(above), is_folder=is_folder)

    def _of(self, folder: Path) -> tuple[tuple[Path, GitIgnoreSpec], ...]:
        if folder not in self._specs:
            first = () if folder == self._root else self._of(folder.parent)
            self._specs[folder] = (*first, *_specs_of(folder, (".gitignore",)))
        return self._specs[folder]
