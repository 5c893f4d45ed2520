"""`edit_file`: replaces pieces of one text file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from pydantic import Field, model_validator

from trashclaw.agent.ports import Proposal
from trashclaw.protocol.errors import ToolError, UnsuitableFile
from trashclaw.tools.drafts import Draft, propose_drafts
from trashclaw.tools.edit_tool import EditTool
from trashclaw.tools.editing.replace import Replaced, replace
from trashclaw.tools.elision import refuse_left_out
from trashclaw.tools.mending import mend_arguments
from trashclaw.tools.other_names import note_on_names
from trashclaw.tools.schema import Arguments
from trashclaw.workspace.files import TextFile, read_text

EDITS_AT_MOST = 100


class Edit(Arguments):
    """One replacement."""

    old_text: str
    new_text: str


class EditFileArguments(Arguments):
    path: str = Field(description="file, relative to the workspace")
    old_text: str = Field(description="text to replace, copied exactly from the file, without line numbers")
    new_text: str = Field(description="text to put there; empty to delete")
    replace_all: bool | None = Field(default=None, description="replace every occurrence")
    edits: tuple[Edit, ...] | None = Field(default=None, description="further edits of this file")

    @model_validator(mode="before")
    @classmethod
    def _take_the_first(cls, given: Any) -> Any:
        """Let a call that has all its edits in `edits` go without the arguments for the first one."""
        edits = given.get("edits") if isinstance(given, Mapping) else None
        if not isinstance(edits, list | tuple) or not edits:
            return given
        edits = [mend_arguments(Edit, edit)[0] if isinstance(edit, Mapping) else edit for edit in edits]
        own = {name: given[name] for name in ("old_text", "new_text") if given.get(name)}
        if isinstance(edits[0], Mapping) and (not own or own == dict(edits[0])):
            others = {name: value for name, value in given.items() if name not in {"old_text", "new_text"}}
            return {**others, **edits[0], "edits": edits[1:]}
        return {**given, "edits": edits}

    @property
    def all_edits(self) -> tuple[Edit, ...]:
        """Every edit, in order."""
        return (Edit(old_text=self.old_text, new_text=self.new_text), *(self.edits or ()))


class EditFile(EditTool[EditFileArguments]):
    """Proposes a patch; lands what was accepted of it."""

    name = "edit_file"
    description = "Replace old_text with new_text in a file. old_text must occur exactly once: include lines around it."
    other_names = ("edit", "str_replace", "replace", "replace_in_file", "search_replace", "update_file", "modify_file")
    example = '{"path": "src/main.py", "old_text": "return 1", "new_text": "return 2"}'
    arguments = EditFileArguments

    async def propose(self, arguments: EditFileArguments) -> Proposal:
        draft = await asyncio.to_thread(self._draft, arguments)
        return await propose_drafts(self._landing, [draft], "edit")

    def _draft(self, arguments: EditFileArguments) -> Draft:
        real = self._workspace.resolve(arguments.path, for_write=True)
        name = self._workspace.relative(real)
        edits = arguments.all_edits
        _refuse_senseless(name, edits)
        if not real.exists():
            if len(edits) > 1 or edits[0].old_text:
                raise UnsuitableFile(f"{name} does not exist.", "Create it with write_file, or look with glob.")
            return Draft(name, None, edits[0].new_text, is_whole=True)
        self._workspace.refuse_hidden(arguments.path)
        file = read_text(real, name)
        if not edits[0].old_text and file.text:
            raise ToolError(f"{name}: old_text is empty.", "Say which text to replace, or use write_file.")
        text, notes = self._apply(file, edits, name, replace_all=bool(arguments.replace_all))
        notes += [note_on_names(real), self._sightings.warning(name, file.sha256) if self._sightings else ""]
        return Draft(name, file, text, ", ".join(dict.fromkeys(note for note in notes if note)))

    def _apply(self, file: TextFile, edits: tuple[Edit, ...], name: str, *, replace_all: bool) -> tuple[str, list[str]]:
        """Return the text after all edits, each made in what the ones before it left, and the notes on them."""
        text, notes = file.text, []
        for number, edit in enumerate(edits, 1):
            try:
                done = self._replace(file, text, edit, name, replace_all=replace_all)
            except ToolError as error:
                if len(edits) == 1:
                    raise
                whole = f"Edit {number} of {len(edits)}: {error.text} None of them was made."
                raise type(error)(whole, error.hint) from error
            text = done.text
            notes.append(done.note if len(edits) == 1 or not done.note else f"edit {number}: {done.note}")
        return text, notes

    def _replace(self, file: TextFile, text: str, edit: Edit, name: str, *, replace_all: bool) -> Replaced:
        refuse_left_out(name, edit.old_text, text)
        if not edit.old_text:
            return Replaced(edit.new_text, 1)
        if self._sightings is not None and not self._sightings.is_current(name, file.sha256):
            places = _without_returns(text).count(_without_returns(edit.old_text))
            if places == 0:
                error = ToolError(f"{name}: old_text is not in the file as it stands there.")
                self._sightings.refuse_guess(name, file.sha256, error)
            elif places > 1 and replace_all:
                error = ToolError(f"{name}: old_text occurs {places} times.")
                self._sightings.refuse_guess(name, file.sha256, error)
        return replace(text, edit.old_text, edit.new_text, name, replace_all=replace_all)


def _refuse_senseless(name: str, edits: tuple[Edit, ...]) -> None:
    if len(edits) > EDITS_AT_MOST:
        raise ToolError(f"{name}: {len(edits)} edits in one call; {EDITS_AT_MOST} at most.", "Use several calls.")
    for number, edit in enumerate(edits, 1):
        which = f"edit {number} of {len(edits)}: " if len(edits) > 1 else ""
        if edit.old_text == edit.new_text:
            raise ToolError(f"{name}: {which}old_text and new_text are the same.", "Nothing would change.")
        if number > 1 and not edit.old_text:
            raise ToolError(f"{name}: {which}old_text is empty.", "Say which text to replace.")


def _without_returns(text: str) -> str:
    return text.replace("\r\n", "\n")
