"""The agent's own to-do list, replaced whole on each update."""

from __future__ import annotations

from enum import StrEnum

from trashclaw.protocol.base import Frozen, Text


class PlanStatus(StrEnum):
    """How far an entry is (words of the Agent Client Protocol)."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"


class PlanEntry(Frozen):
    """One thing to do."""

    text: Text
    status: PlanStatus = PlanStatus.PENDING


class Plan(Frozen):
    """All entries, in the order in which the agent means to do them."""

    entries: tuple[PlanEntry, ...] = ()

    @property
    def completed(self) -> int:
        """How many entries are done."""
        return sum(entry.status is PlanStatus.COMPLETED for entry in self.entries)
