"""Events about changes that landed, and what became of them later."""

from __future__ import annotations

from typing import Literal

from trashclaw.protocol.base import Frozen
from trashclaw.protocol.ids import HunkId, ItemId
from trashclaw.protocol.patches import Patch


class HunksReverted(Frozen):
    """The person took hunks that had landed out of the files again, or brought back what they had taken out."""

    type: Literal["hunks.reverted"] = "hunks.reverted"
    item_id: ItemId
    """The tool run that they landed with."""

    hunk_ids: tuple[HunkId, ...]
    is_back: bool = False
    """They had been reverted, and are in the files again."""

    patch: Patch = Patch()
    """What it did to the files; without changes where somebody had done it already."""

    after_sha256: tuple[str | None, ...] = ()
    """Digests of the files after it, in the order of the patch; `None` for one that is gone."""
