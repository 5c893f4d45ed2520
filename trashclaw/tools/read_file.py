"""`read_file`: a text file, or a part of it, with line numbers."""

from __future__ import annotations

import asyncio

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import UnsuitableFile
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.line_ends import dominant_end
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import clip, head
from trashclaw.workspace.files import TextFile, read_text
from trashclaw.workspace.root import Workspace

LIMIT_LINES = 2_000
LIMIT_CHARS = 24_000
LINE_CHARS = 2_000


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

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace

    async def propose(self, arguments: ReadFileArguments) -> Proposal:
        real = self._workspace.resolve(arguments.path)
        if real.is_dir():
            raise UnsuitableFile(f"{arguments.path} is a folder.", "Use list_files to look inside.")
        return Proposal(title=f"read {arguments.path}{_range(arguments)}", payload=arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        arguments: ReadFileArguments = proposal.payload
        real = self._workspace.resolve(arguments.path)
        file = await asyncio.to_thread(read_text, real, arguments.path)
        return _outcome(file, arguments)


def _range(arguments: ReadFileArguments) -> str:
    if arguments.offset is None and arguments.limit is None:
        return ""
    start = max(arguments.offset or 1, 1)
    return f":{start}-{start + arguments.limit - 1}" if arguments.limit else f":{start}-"


def _outcome(file: TextFile, arguments: ReadFileArguments) -> Outcome:
    lines = file.text.split("\n")
    has_final_newline = lines[-1] == ""
    if has_final_newline:
        lines.pop()
    total = len(lines)
    start = max(arguments.offset or 1, 1)
    if total and start > total:
        return Outcome(f"[{arguments.path} has {total} lines; offset={start} is past its end]")
    wanted = max(1, min(arguments.limit or LIMIT_LINES, LIMIT_LINES))
    numbered = [
        f"{start + at}\t{clip(line.removesuffix(chr(13)), LINE_CHARS)}"
        for at, line in enumerate(lines[start - 1 : start - 1 + wanted])
    ]
    shown = head(numbered, wanted, LIMIT_CHARS).lines
    end = start + len(shown) - 1
    notes = _notes(file, has_final_newline=has_final_newline)
    if (start, end) != (1, total) and total:
        rest = f"; lines {end + 1}-{total} not shown, go on with offset={end + 1}" if end < total else ""
        notes.insert(0, f"lines {start}-{end} of {total}{rest}")
    text = "\n".join([*shown, *([f"[{'; '.join(notes)}]"] if notes else [])])
    return Outcome(text, metadata={"lines": total, "first": start, "last": end, "encoding": file.label})


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
