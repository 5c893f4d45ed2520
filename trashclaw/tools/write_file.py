"""`write_file`: a new file, or all of an old one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from trashclaw.agent.ports import Proposal
from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.tools.drafts import Draft, propose_drafts
from trashclaw.tools.edit_tool import NO_DRY_RUN, EditTool
from trashclaw.tools.elision import refuse_elided, refuse_fenced
from trashclaw.tools.line_ends import adopt, dominant_end
from trashclaw.tools.other_names import note_on_names
from trashclaw.tools.schema import Arguments
from trashclaw.workspace.files import TextFile, read_text

_PART = "It writes all of a file. To add to a file or change a part of it, use edit_file."


class WriteFileArguments(Arguments):
    path: str = Field(description="file, relative to the workspace")
    content: str = Field(description="the whole text of the file")


class WriteFile(EditTool[WriteFileArguments]):
    """Proposes a patch; lands what was accepted of it."""

    name = "write_file"
    description = "Create a file, or replace all of it. For a small change use edit_file."
    other_names = ("write", "create_file", "create", "save_file", "writefile", "new_file", "write_to_file")
    example = '{"path": "src/main.py", "content": "print(1)\\n"}'
    telling: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("append", "is_append", "mode"), _PART),
        **dict.fromkeys(("start_line", "end_line", "line", "line_number", "insert_line", "offset", "position"), _PART),
        **NO_DRY_RUN,
    }
    arguments = WriteFileArguments

    def _tells(self, name: str, value: object) -> bool:
        is_whole = name.casefold() == "mode" and str(value).casefold()[:1] not in {"a", "i", "p"}  # append, insert
        return super()._tells(name, value) and not is_whole

    async def propose(self, arguments: WriteFileArguments) -> Proposal:
        draft = await asyncio.to_thread(self._draft, arguments)
        return await propose_drafts(self._landing, [draft], "rewrite")

    def _draft(self, arguments: WriteFileArguments) -> Draft:
        real = self._workspace.resolve(arguments.path, for_write=True)
        name = self._workspace.relative(real)
        if real.is_dir() or arguments.path.endswith("/"):
            raise UnsuitableFile(f"{arguments.path} is a folder.", "Name a file inside it.")
        refuse_fenced(name, arguments.content)
        if not real.exists():
            return Draft(name, None, arguments.content, is_whole=True)
        self._workspace.refuse_hidden(arguments.path)
        file = read_text(real, name)
        new, note = _in_the_form_of(file, arguments.content)
        if new != file.text and file.text:
            refuse_elided(name, file.text, new)
            if self._sightings is not None:
                self._sightings.refuse_overwriting(name, file.sha256)
        note = ", ".join(part for part in (note, note_on_names(real)) if part)
        return Draft(name, file, new, note, is_whole=True)


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
