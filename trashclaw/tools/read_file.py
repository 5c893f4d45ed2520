"""`read_file`: a text file, or a part of it, with line numbers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.known_texts import Range, Shown
from trashclaw.tools.line_ends import dominant_end
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.sightings import Sightings
from trashclaw.tools.truncate import clip, head
from trashclaw.workspace.diff import split_lines
from trashclaw.workspace.files import TextFile, read_text
from trashclaw.workspace.root import Workspace

LIMIT_LINES = 2_000
LIMIT_CHARS = 24_000
LINE_CHARS = 2_000
WORTH_CHARS = 400
"""A shorter text is given again rather than pointed at."""


class ReadFileArguments(Arguments):
    path: str = Field(description="file, relative to the workspace")
    offset: int | None = Field(default=None, description="first line, counted from 1")
    limit: int | None = Field(default=None, description="number of lines")


class ReadFile(TypedTool[ReadFileArguments]):
    """Reads; changes nothing."""

    name = "read_file"
    description = "Read a text file. Each line comes as its number, a tab, and the text."
    kind = ToolKind.READ
    other_names = ("read", "view", "cat", "open_file", "view_file", "readfile", "get_file", "show_file")
    example = '{"path": "src/main.py", "offset": 1, "limit": 200}'
    arguments = ReadFileArguments

    def __init__(
        self,
        workspace: Workspace,
        sightings: Sightings | None = None,
        limit_lines: int = LIMIT_LINES,
        room: Room = unbounded,
    ) -> None:
        """`limit_lines` is the most that one call returns, in lines."""
        super().__init__()
        self._workspace = workspace
        self._sightings = sightings
        self._limit_lines = limit_lines
        self._room = room

    async def propose(self, arguments: ReadFileArguments) -> Proposal:
        real = self._workspace.resolve(arguments.path)
        if real.is_dir():
            raise UnsuitableFile(f"{arguments.path} is a folder.", "Use list_files to look inside.")
        return Proposal(title=f"read {arguments.path}{_range(arguments)}", payload=arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        arguments: ReadFileArguments = proposal.payload
        real = self._workspace.resolve(arguments.path)
        file = await asyncio.to_thread(read_text, real, arguments.path)
        part = _part(file, arguments, self._limit_lines, self._room(LIMIT_CHARS))
        if part.is_past_end:
            return Outcome(f"[{arguments.path} has {part.total} lines; offset={part.lines[0]} is past its end]")
        name = self._workspace.relative(real)
        first, last = part.lines
        told = {"path": name, "sha256": file.sha256, "lines": part.total, "first": first, "last": last}
        told |= {"encoding": file.label, **({"is_cut": True} if part.is_cut else {})}
        if self._sightings is None:
            return Outcome(part.text, metadata=told)
        shown = self._sightings.in_window(name, file.sha256, part.lines) if len(part.text) > WORTH_CHARS else None
        if shown is not None:
            return Outcome(_unchanged(part, shown), metadata={**told, "is_unchanged": True})
        self._sightings.note(name, file.sha256, part.lines, part.total, narrator.item_id, is_cut=part.is_cut)
        return Outcome(part.text, metadata=told)


@dataclass(frozen=True, slots=True)
class _Part:
    """What a call shows of a file."""

    text: str
    lines: Range
    total: int
    is_cut: bool
    """Not all of each line is shown."""

    @property
    def is_past_end(self) -> bool:
        return bool(self.total) and self.lines[0] > self.total


def _range(arguments: ReadFileArguments) -> str:
    if arguments.offset is None and arguments.limit is None:
        return ""
    start = max(arguments.offset or 1, 1)
    return f":{start}-{start + arguments.limit - 1}" if arguments.limit else f":{start}-"


def _part(file: TextFile, arguments: ReadFileArguments, limit_lines: int, limit_chars: int) -> _Part:
    lines = split_lines(file.text)
    total = len(lines)
    start = max(arguments.offset or 1, 1)
    wanted = max(1, min(arguments.limit or limit_lines, limit_lines))
    numbered = [
        f"{start + at}\t{clip(line.removesuffix(chr(10)).removesuffix(chr(13)), LINE_CHARS)}"
        for at, line in enumerate(lines[start - 1 : start - 1 + wanted])
    ]
    shown = head(numbered, wanted, limit_chars).lines
    end = start + len(shown) - 1
    notes = _notes(file, has_final_newline=file.text.endswith("\n"))
    if (start, end) != (1, total) and total:
        rest = f"; lines {end + 1}-{total} not shown, go on with offset={end + 1}" if end < total else ""
        notes.insert(0, f"lines {start}-{end} of {total}{rest}")
    text = "\n".join([*shown, *([f"[{'; '.join(notes)}]"] if notes else [])])
    return _Part(text, (start, end), total, any(len(line) > LINE_CHARS for line in lines[start - 1 : end]))


def _unchanged(part: _Part, shown: Shown) -> str:
    first, last = shown.lines
    inside = "" if part.lines == shown.lines else f", {part.lines[0]}-{part.lines[1]} among them"
    return f"[unchanged since you read it (lines {first}-{last}{inside}, call {shown.call}); its text is above]"


def _notes(file: TextFile, *, has_final_newline: bool) -> list[str]:
    notes = []
    if not file.text:
        return ["the file is empty"]
    if file.label != "utf-8":
        notes.append(f"encoding {file.label}")
    if dominant_end(file.text) == "\r\n":
        notes.append("line ends CRLF, kept on edits")
    if not has_final_newline:
        notes.append("no newline at the end")
    return notes
