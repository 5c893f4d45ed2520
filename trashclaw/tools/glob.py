"""`glob`: files by a pattern of their path."""

from __future__ import annotations

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import counted, head
from trashclaw.workspace.globs import Glob
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Search

LIMIT_PATHS = 200
LIMIT_CHARS = 12_000
COUNT_LIMIT = 10_000


class GlobArguments(Arguments):
    pattern: str = Field(description="such as src/**/*.py, or *.md for any depth")
    path: str | None = Field(default=None, description="folder to look in")


class GlobFiles(TypedTool[GlobArguments]):
    """Looks; changes nothing."""

    name = "glob"
    description = "Find files by name pattern. Ignored files are left out."
    kind = ToolKind.SEARCH
    other_names = ("find", "find_files", "file_search", "search_files", "glob_files")
    example = '{"pattern": "src/**/*.py"}'
    arguments = GlobArguments

    def __init__(self, workspace: Workspace, search: Search, room: Room = unbounded) -> None:
        super().__init__()
        self._workspace = workspace
        self._search = search
        self._room = room

    async def propose(self, arguments: GlobArguments) -> Proposal:
        path = arguments.path or "."
        self._workspace.resolve(path)
        Glob(arguments.pattern)
        place = f" in {path}" if path != "." else ""
        return Proposal(title=f"glob {arguments.pattern}{place}", payload=(arguments.pattern, path))

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        pattern, path = proposal.payload
        listing = await self._search.glob(pattern, path, limit=COUNT_LIMIT)
        shown = head(listing.paths, LIMIT_PATHS, self._room(LIMIT_CHARS))
        lines = [*shown.lines, counted(len(shown.lines), shown.total, "files", "narrow the pattern or the path")]
        if listing.is_cut or listing.is_late:
            lines.append("[there are more files than were looked at]")
        text = "\n".join(line for line in lines if line)
        return Outcome(text or f"[no file matches {pattern}]", metadata={"files": shown.total})
