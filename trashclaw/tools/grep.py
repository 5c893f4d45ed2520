"""`grep`: lines by a regular expression."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from itertools import groupby, islice
from typing import Any

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError, WorkspaceError
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.sightings import Sightings, seen_entry
from trashclaw.tools.truncate import Cut, clip, head
from trashclaw.workspace.diff import split_lines
from trashclaw.workspace.files import read_text
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import PLAIN_LINE_CHARS, Found, Match, Search

LIMIT_LINES = 200
LIMIT_CHARS = 16_000
MAX_CONTEXT = 10
SIGHTED_FILES = 20
SIGHTED_BYTES = 1_000_000
"""Of so many files, and none larger, it is remembered that the model saw some of their lines."""


class GrepArguments(Arguments):
    pattern: str = Field(description="regular expression, within one line")
    path: str | None = Field(default=None, description="file or folder")
    glob: str | None = Field(default=None, description="only files such as *.py")
    ignore_case: bool | None = None
    context: int | None = Field(default=None, description="lines to show around each match")


class Grep(TypedTool[GrepArguments]):
    """Searches; changes nothing."""

    name = "grep"
    description = "Search file contents. Shows path, line numbers and lines. Ignored files are left out."
    kind = ToolKind.SEARCH
    other_names = (
        "search",
        "rg",
        "ripgrep",
        "search_code",
        "grep_search",
        "code_search",
        "search_text",
        "find_in_files",
    )
    example = '{"pattern": "def main", "path": "src", "glob": "*.py"}'
    arguments = GrepArguments

    def __init__(
        self, workspace: Workspace, search: Search, sightings: Sightings | None = None, room: Room = unbounded
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._search = search
        self._sightings = sightings
        self._room = room

    async def propose(self, arguments: GrepArguments) -> Proposal:
        if not arguments.pattern:
            raise ToolError("grep: the pattern is empty.", "Give a text or a regular expression.")
        path = arguments.path or "."
        self._workspace.resolve(path)
        place = f" {path}" if path != "." else ""
        files = f" ({arguments.glob})" if arguments.glob else ""
        return Proposal(title=f'grep "{clip(arguments.pattern, 100)}"{place}{files}', payload=arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        wanted: GrepArguments = proposal.payload
        found = await self._search.grep(
            wanted.pattern,
            wanted.path or ".",
            glob=wanted.glob,
            ignore_case=bool(wanted.ignore_case),
            context=min(max(wanted.context or 0, 0), MAX_CONTEXT),
            limit=LIMIT_LINES,
        )
        lines = _lines(found)
        shown = head([line for line, _ in lines], len(lines), self._room(LIMIT_CHARS))
        metadata: dict[str, Any] = {"lines": len(found.matches)}
        if self._sightings is not None:
            matches = [match for _, match in lines[: len(shown.lines)] if match is not None]
            metadata["seen"] = await asyncio.to_thread(self._sighted, matches)
            self._sightings.note_entries(metadata["seen"])
        return Outcome(_text(found, shown, wanted.pattern), metadata=metadata)

    def _sighted(self, matches: Sequence[Match]) -> list[dict[str, Any]]:
        """Return which lines of which files the model sees now."""
        entries = []
        for path, of_file in islice(groupby(matches, key=lambda match: match.path), SIGHTED_FILES):
            with contextlib.suppress(WorkspaceError):
                real = self._workspace.resolve(path)
                file = read_text(real, path, SIGHTED_BYTES)
                ranges = [(match.line, match.line) for match in of_file]
                total = len(split_lines(file.text))
                entries.append(seen_entry(self._workspace.relative(real), file.sha256, ranges, total, is_cut=True))
        return entries


def _text(found: Found, shown: Cut, pattern: str) -> str:
    notes = []
    if not shown.total:
        notes.append(f"no line matches {clip(pattern, 100)}; ignored and binary files are not searched")
    if found.is_cut or not shown.is_whole:
        notes.append("more lines match than are shown; narrow the pattern, path or glob")
    if found.is_late:
        notes.append("the search took too long and was stopped; narrow the path")
    if found.is_short:
        notes.append(f"of each line the first {PLAIN_LINE_CHARS} characters were searched: there is no ripgrep here")
    if found.is_literal:
        notes.append("the pattern is no regular expression; it was searched for as plain text")
    return "\n".join([*shown.lines, *(f"[{note}]" for note in notes)])


def _lines(found: Found) -> list[tuple[str, Match | None]]:
    """Return paths, and below each `12: a match` and `13- a line around it`, with `--` where lines are left out."""
    lines: list[tuple[str, Match | None]] = []
    for path, group in groupby(found.matches, key=lambda match: match.path):
        matches = list(group)
        has_context = any(match.is_context for match in matches)
        lines.append((path, None))
        for at, match in enumerate(matches):
            if has_context and at and match.line > matches[at - 1].line + 1:
                lines.append(("--", None))
            lines.append((f"{match.line}{'-' if match.is_context else ':'} {match.text}", match))
    return lines
