"""Legs: the parts of a way back, from how the agent left the files to how they were before."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from trashclaw.protocol.ids import CheckpointId
from trashclaw.protocol.patches import Patch
from trashclaw.workspace.tree_change import TreeChange

IsOwn = Callable[[str, bytes | None], bool]
"""Tells whether a path holds what the agent left there; `None` means that there is no file."""


def _is_nobodys(path: str, data: bytes | None) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Leg:
    """One part of the way back: between two checkpoints, or, where nobody noted the later one, over known paths."""

    before_id: CheckpointId
    after_id: CheckpointId | None = None
    """What differs from `before_id` here is the agent's."""

    paths: Collection[str] = ()
    """Without `after_id`: the files that the agent's edits touched."""

    is_own: IsOwn = _is_nobodys
    """Without `after_id`: tells the agent's bytes from others."""


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """What a restore would do to the files as they are."""

    changes: tuple[TreeChange, ...]
    """From the present to the wanted side; files that are already as wanted are none."""

    conflicts: tuple[str, ...] = ()
    """Files among them that somebody changed since: going back would lose that."""

    left_alone: tuple[str, ...] = ()
    """Files that differ from the checkpoint, but nobody knows by whom."""


@dataclass(frozen=True, slots=True)
class RestorePreview:
    """What a restore would do, for a person to see first."""

    paths: tuple[str, ...]
    """Every file that would be brought back, changed or removed."""

    conflicts: tuple[str, ...] = ()
    """Those that somebody changed since; without being forced, nothing is restored because of them."""

    overwritten: Patch = field(default_factory=Patch)
    """What forcing it would do to the conflicting files."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    paths: tuple[str, ...]
    """Files that were brought back, changed or removed; empty when there are conflicts."""

    conflicts: tuple[str, ...] = ()
    """Files that somebody changed since; nothing was restored because of them."""

    left_alone: tuple[str, ...] = ()
    """Files that differ from the checkpoint, but nobody knows by whom."""

    before_id: CheckpointId | None = None
    """The files just before the restore; `None` when nothing was restored."""

    after_id: CheckpointId | None = None
    """The files just after it."""
