"""The desk: where the sections of a patch change the texts of files, one after the other, before anything lands."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from trashclaw.protocol.errors import StaleFile, ToolError, UnsuitableFile
from trashclaw.tools.drafts import Draft
from trashclaw.tools.elision import refuse_elided, refuse_fenced, refuse_left_out
from trashclaw.tools.other_names import note_on_names
from trashclaw.tools.patching.placing import place_chunks
from trashclaw.tools.patching.sections import Action, Section
from trashclaw.tools.sightings import Sightings
from trashclaw.workspace.files import TextFile, read_text
from trashclaw.workspace.presence import is_there
from trashclaw.workspace.root import Workspace

_EXECUTABLE = stat.S_IFREG | 0o755


@dataclass(slots=True)
class _Sheet:
    """A file under work."""

    real: Path
    name: str
    file: TextFile | None
    text: str | None
    """What it holds by now; `None`: nothing is there."""

    notes: list[str] = field(default_factory=list)
    origin: _Sheet | None = None
    """The file that was moved here."""

    mode: int | None = None
    is_written: bool = False
    """The patch has all of its text."""


class Desk:
    """Holds the texts of files while a patch is read; touches no file."""

    def __init__(self, workspace: Workspace, sightings: Sightings | None = None) -> None:
        self._workspace = workspace
        self._sightings = sightings
        self._sheets: dict[Path, _Sheet] = {}

    def work(self, section: Section) -> None:
        """Do what one section says.

        Raises:
            ToolError: it cannot be done; names the file and the hunk.
            WorkspaceError: a path or file cannot be used.
        """
        match section.action:
            case Action.ADD:
                self._add(section)
            case Action.DELETE:
                self._delete(section)
            case Action.UPDATE:
                self._update(section)

    def drafts(self) -> list[Draft]:
        """Return what is to become of the files, in the order in which the patch came to them."""
        return [
            self._draft(sheet) for sheet in self._sheets.values() if sheet.file is not None or sheet.text is not None
        ]

    def _draft(self, sheet: _Sheet) -> Draft:
        origin = sheet.origin if sheet.text is not None and sheet.file is None else None
        return Draft(
            sheet.name,
            sheet.file,
            sheet.text,
            ", ".join(dict.fromkeys(note for note in sheet.notes if note)),
            is_whole=sheet.is_written,
            moved_from=self._draft(origin) if origin is not None and origin.file is not None else None,
            mode=sheet.mode,
        )

    def _add(self, section: Section) -> None:
        sheet = self._sheet(section.path, is_read=False)
        if sheet.text is not None:
            raise ToolError(f"{sheet.name} exists.", "Change it with *** Update File, or delete it first.")
        if any(not line.startswith("+") for chunk in section.chunks for line in chunk.body.lines):
            raise ToolError(f"{sheet.name}: a new file has only lines with + in front.", "Update it if it exists.")
        self._refuse_overwriting(sheet)
        lines = [line[1:] for chunk in section.chunks for line in chunk.body.lines]
        is_open = bool(section.chunks) and section.chunks[-1].body.new_is_open
        sheet.text = "\n".join(lines) + ("\n" if lines and not is_open else "")
        refuse_fenced(sheet.name, sheet.text)
        sheet.is_written = True
        sheet.mode = _EXECUTABLE if section.is_executable and sheet.file is None else None
        if sheet.mode is not None:
            sheet.notes.append("it is executable")

    def _delete(self, section: Section) -> None:
        sheet = self._existing(section)
        assert sheet.text is not None
        self._refuse_link(section.path)
        self._refuse_stale(sheet)
        if section.chunks and place_chunks(sheet.text, section.chunks, sheet.name, self._refusal(sheet)).text:
            raise ToolError(
                f"{sheet.name}: the file has more lines than the patch deletes.", "To delete it whole: *** Delete File."
            )
        sheet.text = None

    def _update(self, section: Section) -> None:
        sheet = self._existing(section)
        assert sheet.text is not None
        given = "\n".join(line for chunk in section.chunks for line in chunk.body.lines)
        refuse_left_out(sheet.name, given, sheet.text)
        placed = place_chunks(sheet.text, section.chunks, sheet.name, self._refusal(sheet))
        refuse_elided(sheet.name, sheet.text, placed.text)
        sheet.notes += placed.notes
        if sheet.file is not None:
            sheet.notes.append(note_on_names(sheet.real))
            sheet.notes.append(self._sightings.warning(sheet.name, sheet.file.sha256) if self._sightings else "")
        sheet.text = placed.text
        if section.to is not None:
            self._move(section, sheet, section.to)

    def _move(self, section: Section, sheet: _Sheet, to: str) -> None:
        self._refuse_link(section.path)
        target = self._sheet(to, is_read=False)
        if target is sheet:
            return
        if target.text is not None:
            raise ToolError(f"{target.name} exists; {sheet.name} cannot move there.", "Choose another name.")
        self._refuse_overwriting(target)
        file = sheet.file
        if file is not None and (file.mark or file.encoding != "utf-8" or file.has_stray_bytes):
            raise UnsuitableFile(
                f"{sheet.name} is encoded as {file.label} and cannot move by a patch.", "Move it with a command first."
            )
        target.text, sheet.text = sheet.text, None
        target.origin = sheet.origin or sheet
        target.is_written = sheet.is_written
        if file is not None and target.file is None:
            target.mode = sheet.real.stat().st_mode
        target.notes.append(f"moved from {target.origin.name}")

    def _refusal(self, sheet: _Sheet) -> Callable[[ToolError], None] | None:
        """Return what refuses a rough fit if the model does not know the file as it is."""
        sightings, file = self._sightings, sheet.file
        if sightings is None or file is None or sightings.is_current(sheet.name, file.sha256):
            return None
        return lambda error: sightings.refuse_guess(sheet.name, file.sha256, error)

    def _refuse_overwriting(self, sheet: _Sheet) -> None:
        """Refuse to put another text in place of a file that the patch deletes, if the model has not read it."""
        if sheet.file is not None and self._sightings is not None:
            self._sightings.refuse_overwriting(sheet.name, sheet.file.sha256)

    def _refuse_stale(self, sheet: _Sheet) -> None:
        if sheet.file is not None and self._sightings and self._sightings.warning(sheet.name, sheet.file.sha256):
            raise StaleFile(f"{sheet.name} has changed since you saw it.", "Read it again before you delete it.")

    def _refuse_link(self, path: str) -> None:
        if (self._workspace.root / path).is_symlink():
            raise UnsuitableFile(f"{path} is a link.", "Delete or move it with a command.")

    def _existing(self, section: Section) -> _Sheet:
        """Return the file that a section names, under the path as it was written where only that exists."""
        sheet = self._sheet(section.path)
        if sheet.text is None and section.as_written != section.path:
            written = self._sheet(section.as_written)
            sheet = written if written.text is not None else sheet
        if sheet.text is None:
            raise UnsuitableFile(
                f"{sheet.name} does not exist.", "Look with glob, or create it with *** Add File: path."
            )
        return sheet

    def _sheet(self, path: str, *, is_read: bool = True) -> _Sheet:
        real = self._workspace.resolve(path, for_write=True)
        if real in self._sheets:
            return self._sheets[real]
        name = self._workspace.relative(real)
        if real.is_dir() or path.endswith("/"):
            raise UnsuitableFile(f"{path} is a folder.", "Name a file inside it.")
        file = None
        if is_there(real):
            if not is_read:
                raise ToolError(f"{name} exists.", "Change it with *** Update File: path.")
            self._workspace.refuse_hidden(path)
            file = read_text(real, name)
        sheet = self._sheets[real] = _Sheet(real, name, file, file.text if file is not None else None)
        return sheet
