"""What the tools that edit files have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import A, TypedTool
from trashclaw.tools.guard import EditGuard
from trashclaw.tools.landing import Landing
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.root import Workspace

NO_DRY_RUN: Mapping[str, str] = {"dry_run": "Nothing lands without leave: send the call without it."}


class EditTool(TypedTool[A]):
    """A tool that proposes a patch, and lands what was accepted of it."""

    kind = ToolKind.EDIT
    telling: ClassVar[Mapping[str, str]] = NO_DRY_RUN

    def __init__(
        self, workspace: Workspace, sightings: Sightings | None = None, guard: EditGuard | None = None
    ) -> None:
        """Without `sightings`, nothing is asked of what the model has read; without `guard`, nothing of the text."""
        super().__init__()
        self._workspace = workspace
        self._sightings = sightings
        self._landing = Landing(workspace, sightings, guard)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        return await self._landing.land(proposal, accepted, narrator)
