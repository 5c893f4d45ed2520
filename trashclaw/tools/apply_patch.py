"""`apply_patch`: changes several files at once, by a patch."""

from __future__ import annotations

import asyncio

from pydantic import Field

from trashclaw.agent.ports import Proposal
from trashclaw.tools.drafts import Draft, propose_drafts
from trashclaw.tools.edit_tool import EditTool
from trashclaw.tools.elision import refuse_left_out
from trashclaw.tools.patching.desk import Desk
from trashclaw.tools.patching.reading import read_patch
from trashclaw.tools.schema import Arguments


class ApplyPatchArguments(Arguments):
    patch: str = Field(description="the patch, or a unified diff")


class ApplyPatch(EditTool[ApplyPatchArguments]):
    """Proposes a patch; lands what was accepted of it."""

    name = "apply_patch"
    description = (
        "Change files by a patch: *** Begin Patch, then for each file *** Update File: path with hunks (@@, then lines "
        "that begin with a blank, - or +; 3 lines of context), or *** Add File: path with + lines, or "
        "*** Delete File: path; then *** End Patch."
    )
    other_names = ("patch", "apply_diff", "applypatch")
    example = '{"patch": "*** Begin Patch\\n*** Update File: src/main.py\\n@@\\n-return 1\\n+return 2\\n*** End Patch"}'
    arguments = ApplyPatchArguments

    async def propose(self, arguments: ApplyPatchArguments) -> Proposal:
        drafts = await asyncio.to_thread(self._drafts, arguments.patch)
        return await propose_drafts(self._landing, drafts, "patch")

    def _drafts(self, patch: str) -> list[Draft]:
        if "\n" not in patch.strip():
            refuse_left_out(self.name, patch)
        desk = Desk(self._workspace, self._sightings)
        for section in read_patch(patch):
            desk.work(section)
        return desk.drafts()
