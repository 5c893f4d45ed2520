"""`apply_patch`: changes several files at once, by a patch."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.drafts import Draft, propose_drafts
from trashclaw.tools.guard import EditGuard
from trashclaw.tools.landing import Landing
from trashclaw.tools.patching.desk import Desk
from trashclaw.tools.patching.reading import read_patch
from trashclaw.tools.schema import Arguments
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.root import Workspace


class ApplyPatchArguments(Arguments):
    patch: str = Field(description="the patch, or a unified diff")


class ApplyPatch(TypedTool[ApplyPatchArguments]):
    """Proposes a patch; lands what was accepted of it."""

    name = "apply_patch"
    description = (
        "Change files by a patch: *** Begin Patch, then for each file *** Update File: path with hunks (@@, then lines "
        "that begin with a blank, - or +; 3 lines of context), or *** Add File: path with + lines, or "
        "*** Delete File: path; then *** End Patch."
    )
    kind = ToolKind.EDIT
    other_names = ("patch", "apply_diff", "applypatch")
    example = '{"patch": "*** Begin Patch\\n*** Update File: src/main.py\\n@@\\n-return 1\\n+return 2\\n*** End Patch"}'
    telling: ClassVar[Mapping[str, str]] = {"dry_run": "Nothing lands without leave: send the call without it."}
    arguments = ApplyPatchArguments

    def __init__(
        self, workspace: Workspace, sightings: Sightings | None = None, guard: EditGuard | None = None
    ) -> None:
        """Without `sightings`, nothing is asked of what the model has read; without `guard`, nothing of the texts."""
        super().__init__()
        self._workspace = workspace
        self._sightings = sightings
        self._landing = Landing(workspace, sightings, guard)

    async def propose(self, arguments: ApplyPatchArguments) -> Proposal:
        drafts = await asyncio.to_thread(self._drafts, arguments.patch)
        return await propose_drafts(self._landing, drafts, "patch")

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        return await self._landing.land(proposal, accepted, narrator)

    def _drafts(self, patch: str) -> list[Draft]:
        desk = Desk(self._workspace, self._sightings)
        for section in read_patch(patch):
            desk.work(section)
        return desk.drafts()
