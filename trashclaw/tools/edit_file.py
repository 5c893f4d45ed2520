"""`edit_file`: replaces one piece of a text file."""

from __future__ import annotations

import asyncio

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError, UnsuitableFile
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.editing.replace import replace
from trashclaw.tools.landing import land
from trashclaw.tools.other_names import note_on_names
from trashclaw.tools.schema import Arguments
from trashclaw.workspace.diff import make_change, make_patch
from trashclaw.workspace.files import read_text
from trashclaw.workspace.root import Workspace


class EditFileArguments(Arguments):
    path: str = Field(description="file, relative to the workspace")
    old_text: str = Field(description="text to replace, copied exactly from the file, without line numbers")
    new_text: str = Field(description="text to put there; empty to delete")
    replace_all: bool | None = Field(default=None, description="replace every occurrence")


class EditFile(TypedTool[EditFileArguments]):
    """Proposes a patch; lands what was accepted of it."""

    name = "edit_file"
    description = "Replace old_text with new_text in a file. old_text must occur exactly once: include lines around it."
    kind = ToolKind.EDIT
    other_names = ("edit", "str_replace", "replace", "replace_in_file", "search_replace", "update_file", "modify_file")
    example = '{"path": "src/main.py", "old_text": "return 1", "new_text": "return 2"}'
    arguments = EditFileArguments

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace

    async def propose(self, arguments: EditFileArguments) -> Proposal:
        return await asyncio.to_thread(self._propose, arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        return await land(self._workspace, proposal, accepted, note=proposal.payload)

    def _propose(self, arguments: EditFileArguments) -> Proposal:
        real = self._workspace.resolve(arguments.path, for_write=True)
        name = self._workspace.relative(real)
        if arguments.old_text == arguments.new_text:
            raise ToolError(f"{name}: old_text and new_text are the same.", "Nothing would change.")
        if not real.exists() and not arguments.old_text:
            return _proposal(Patch(changes=(make_change(name, None, arguments.new_text, None),)), name, "create")
        if not real.exists():
            raise UnsuitableFile(f"{name} does not exist.", "Create it with write_file, or look with glob.")
        self._workspace.refuse_hidden(arguments.path)
        file = read_text(real, name)
        if not arguments.old_text and file.text:
            raise ToolError(f"{name}: old_text is empty.", "Say which text to replace, or use write_file.")
        if not arguments.old_text:
            new, note = arguments.new_text, ""
        else:
            done = replace(
                file.text, arguments.old_text, arguments.new_text, name, replace_all=bool(arguments.replace_all)
            )
            new, note = done.text, done.note
        if new == file.text:
            raise ToolError(f"{name}: the file already reads so.", "Nothing would change.")
        file.encode(new, name)
        note = ", ".join(part for part in (note, note_on_names(real)) if part)
        return _proposal(make_patch([make_change(name, file.text, new, file.sha256)]), name, "edit", note)


def _proposal(patch: Patch, name: str, verb: str, note: str = "") -> Proposal:
    change = patch.changes[0]
    return Proposal(title=f"{verb} {name} (+{change.added} -{change.removed})", patch=patch, payload=note)
