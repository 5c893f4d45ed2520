"""Gives a landing the real paths and the bytes behind a patch of effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.protocol.errors import WorkspaceError
from trashclaw.protocol.patches import FileChange
from trashclaw.sandbox.held_change import HeldChange
from trashclaw.workspace.steps import Step

Bundle = Callable[[], tuple[Step, ...]]
"""Makes the steps of a change that stands for many paths.

Raises:
    StaleFile: one of them has changed.
"""


@dataclass(slots=True)
class BranchContents:
    """Keeps, by the paths of the patch, what is held back; `workspace.apply` asks it."""

    root: Path
    folders: Mapping[Path, int | None] = field(default_factory=dict)
    _held: dict[str, HeldChange] = field(default_factory=dict)
    _bundles: dict[str, Bundle] = field(default_factory=dict)
    _allowed: set[str] = field(default_factory=set)

    def add(self, held: Iterable[HeldChange]) -> None:
        """Keep changes of single paths."""
        self._held |= {one.shown: one for one in held}

    def add_bundle(self, path: str, bundle: Bundle) -> None:
        """Keep a change that stands for many paths."""
        self._bundles[path] = bundle

    def allow(self, paths: Iterable[str]) -> None:
        """Let changes of single files in a git folder land: each has a question of its own."""
        self._allowed.update(paths)

    def may_be_git(self, path: str) -> bool:
        """Tell whether a path may lie in a git folder."""
        return path in self._allowed

    def is_bundle(self, path: str) -> bool:
        """Tell whether a change stands for many paths."""
        return path in self._bundles

    def target(self, path: str) -> Path:
        """Return the absolute path of a path in the patch."""
        if path in self._bundles:
            return self.root / path
        return self._find(path).target

    def read(self, path: str) -> bytes:
        """Return the new bytes of a file, or the target of a link."""
        return self._find(path).read()

    def steps(self, change: FileChange) -> tuple[Step, ...] | None:
        """Return the steps of a change that stands for many paths."""
        return self._bundles[change.path]() if change.path in self._bundles else None

    def _find(self, path: str) -> HeldChange:
        if path not in self._held:
            raise WorkspaceError(f"{path} is not among the changes of the command.")
        return self._held[path]
