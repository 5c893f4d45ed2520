"""`grep`: lines by a regular expression."""

from __future__ import annotations

from itertools import groupby

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import clip, head
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import PLAIN_LINE_CHARS, Found, Match, Search

LIMIT_LINES = 200
LIMIT_CHARS = 16_000
MAX_CONTEXT = 10


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

    def __init__(self, workspace: Workspace, search: Search) -> None:
        super().__init__()
        self._workspace = workspace
        self._search = search

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
        return Outcome(_text(found, wanted.pattern), metadata={"lines": len(found.matches)})


def _text(found: Found, pattern: str) -> str:
    lines: list[str] = []
    for path, matches in groupby(found.matches, key=lambda match: match.path):
        lines.append(path)
        lines += _lines_of(list(matches))
    shown = head(lines, len(lines), LIMIT_CHARS)
    notes = []
    if not lines:
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


def _lines_of(matches: list[Match]) -> list[str]:
    """Return `12: a match` and `13- a line around it`, with `--` where lines are left out between them."""
    lines: list[str] = []
    has_context = any(match.is_context for match in matches)
    for at, match in enumerate(matches):
        if has_context and at and match.line > matches[at - 1].line + 1:
            lines.append("--")
        lines.append(f"{match.line}{'-' if match.is_context else ':'} {match.text}")
    return lines
