"""Paths in rules: globs on what lies in the workspace, and on absolute paths outside of it."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from trashclaw.workspace.globs import Glob

_TOP = "@"
"""Stands in front of absolute paths, so that a pattern of one name means one at the top."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path that a proposal is about, under every name that leads there."""

    told: str
    """As the proposal names it."""

    names: tuple[str, ...]
    """As it is named and as it is reached through links; relative to the workspace, or absolute if outside of it."""

    is_folder: bool = False
    """Everything below is meant too."""

    @property
    def is_outside(self) -> bool:
        """Whether any of its names leads out of the workspace."""
        return any(name.startswith("/") for name in self.names)

    @staticmethod
    def find(path: str, root: Path | None) -> Place:
        """Return the place that a path means; relative ones begin at `root`. Looks at links on the disk."""
        if root is None:
            return Place(path, (os.path.normpath(path).replace("\\", "/"),), is_folder=path.endswith("/"))
        base = os.path.realpath(root)
        named = os.path.normpath(Path(base) / _at_home(path))
        real = _real(named)
        names = dict.fromkeys(_within(name, base) for name in (named, real))
        return Place(path, tuple(names), is_folder=Path(real).is_dir() or path.endswith("/"))


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A glob as a person wrote it; one that begins with `/` or `~` is about paths outside the workspace.

    Raises:
        WorkspaceError: it is no usable pattern.
    """

    text: str
    is_absolute: bool
    glob: Glob
    folded: Glob
    """The same for names without their case, where that could be another spelling of the same."""

    stem: str
    """The folders in front of the first sign that stands for others."""

    @staticmethod
    def read(text: str) -> PathPattern:
        """Read a pattern; `~` is the person's home folder.

        Raises:
            WorkspaceError: it is empty, too long or too wild.
        """
        full = _at_home(text).removeprefix("./")
        is_absolute = full.startswith("/")
        parts = full.rstrip("/").split("/")
        wild = next((at for at, part in enumerate(parts) if any(sign in part for sign in "*?[{")), len(parts))
        marked = f"{_TOP}{full}" if is_absolute else full
        glob, folded = Glob(marked), Glob(_folded(marked))
        return PathPattern(text, is_absolute, glob, folded, "/".join(parts[:wild]) or "/" * is_absolute)

    def __str__(self) -> str:
        """Return it as it was written."""
        return self.text

    def covers(self, place: Place) -> bool:
        """Tell whether the place lies within under each of its names; a pattern for a folder holds what is in it."""
        return all(self._has(self.glob, name) for name in place.names)

    def touches(self, place: Place) -> bool:
        """Tell whether the place, or anything below it, could lie within under any of its names or spellings."""
        return any(
            self._has(self.glob, name) or self._has(self.folded, _folded(name)) or self._is_below(name, place)
            for name in place.names
        )

    def _has(self, glob: Glob, name: str) -> bool:
        if name.startswith("/") is not self.is_absolute:
            return False
        path = PurePosixPath(f"{_TOP}{name}" if self.is_absolute else name)
        return any(glob.matches(str(part)) for part in (path, *path.parents) if str(part) != ".")

    def _is_below(self, name: str, place: Place) -> bool:
        """Tell whether a folder may hold something that the pattern is about."""
        if not place.is_folder or name.startswith("/") is not self.is_absolute:
            return False
        folder, stem = PurePosixPath(name), PurePosixPath(self.stem or ".")
        is_wild = "/" not in self.text.strip("/") or "**" in self.text
        return stem.is_relative_to(folder) or (folder.is_relative_to(stem) and is_wild)


def _within(name: str, base: str) -> str:
    if name == base:
        return "."
    return name[len(base) + 1 :].replace(os.sep, "/") if name.startswith(base + os.sep) else name.replace(os.sep, "/")


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _at_home(path: str) -> str:
    """Return a path with a leading `~/` written out; without a home folder it stays as it is."""
    if not path.startswith("~/"):
        return path
    try:
        return f"{Path.home().as_posix()}{path[1:]}"
    except RuntimeError:
        return path
