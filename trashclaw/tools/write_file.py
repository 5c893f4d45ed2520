"""`write_file`: a new file, or all of an old one."""

from __future__ import annotations

import asyncio

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError, UnsuitableFile
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.landing import land
from trashclaw.tools.line_ends import adopt, dominant_end
from trashclaw.tools.other_names import note_on_names
from trashclaw.tools.schema import Arguments
from trashclaw.workspace.diff import make_change, make_patch
from trashclaw.workspace.files import TextFile, read_text
from trashclaw.workspace.root import Workspace


class WriteFileArguments(Arguments):
    path: str = Field(description="file, relative to the workspace")
    content: str = Field(description="the whole text of the file")


class WriteFile(TypedTool[WriteFileArguments]):
    """Proposes a patch; lands what was accepted of it."""

    name = "write_file"
    description = "Create a file, or replace all of it. For a small change use edit_file."
    kind = ToolKind.EDIT
    other_names = ("write", "create_file", "create", "save_file", "writefile", "new_file", "write_to_file")
    example = '{"path": "src/main.py", "content": "print(1)\\n"}'
    arguments = WriteFileArguments

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace

    async def propose(self, arguments: WriteFileArguments) -> Proposal:
        return await asyncio.to_thread(self._propose, arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        return await land(self._workspace, proposal, accepted, note=proposal.payload)

    def _propose(self, arguments: WriteFileArguments) -> Proposal:
        real = self._workspace.resolve(arguments.path, for_write=True)
        name = self._workspace.relative(real)
        if real.is_dir() or arguments.path.endswith("/"):
            raise UnsuitableFile(f"{arguments.path} is a folder.", "Name a file inside it.")
        if not real.exists():
            patch = make_patch([make_change(name, None, arguments.content, None)])
            return Proposal(title=f"create {name} (+{patch.changes[0].added})", patch=patch, payload="")
        self._workspace.refuse_hidden(arguments.path)
        file = read_text(real, name)
        new, note = _in_the_form_of(file, arguments.content)
        if new == file.text:
            raise ToolError(f"{name}: the file already reads so.", "Nothing would change.")
        file.encode(new, name)
        patch = make_patch([make_change(name, file.text, new, file.sha256)])
        note = ", ".join(part for part in (note, note_on_names(real)) if part)
        change = patch.changes[0]
        return Proposal(title=f"rewrite {name} (+{change.added} -{change.removed})", patch=patch, payload=note)


def _in_the_form_of(file: TextFile, content: str) -> tuple[str, str]:
    """Return the content with the old file's line ends and final newline, and what was adapted."""
    notes = []
    if content and file.text.endswith("\n") and not content.endswith("\n"):
        content += "\n"
        notes.append("the final newline was kept")
    if "\r\n" in file.text and "\r\n" not in content:
        content = adopt(file.text, content, dominant_end(file.text))
        notes.append("the line ends of the file were kept")
    return content, ", ".join(notes)
