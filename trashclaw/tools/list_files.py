"""`list_files`: the files and folders under a folder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import counted, head
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Search

DEFAULT_DEPTH = 2
LIMIT_ENTRIES = 300
LIMIT_CHARS = 12_000


class ListFilesArguments(Arguments):
    path: str | None = Field(default=None, description="folder; the workspace if not given")
    depth: int | None = Field(default=None, description=f"levels to open, {DEFAULT_DEPTH} if not given")


class ListFiles(TypedTool[ListFilesArguments]):
    """Lists; changes nothing."""

    name = "list_files"
    description = "List files and folders. Ignored files are left out."
    kind = ToolKind.SEARCH
    other_names = ("ls", "list", "list_dir", "list_directory", "listdir", "dir", "tree", "listfiles")
    example = '{"path": "src", "depth": 2}'
    arguments = ListFilesArguments

    def __init__(self, workspace: Workspace, search: Search, room: Room = unbounded) -> None:
        super().__init__()
        self._workspace = workspace
        self._search = search
        self._room = room

    async def propose(self, arguments: ListFilesArguments) -> Proposal:
        path = arguments.path or "."
        self._workspace.resolve(path)
        return Proposal(title=f"list {path}", payload=(path, max(1, arguments.depth or DEFAULT_DEPTH)))

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        path, depth = proposal.payload
        listing = await self._search.list_paths(path)
        base = self._workspace.relative(self._workspace.resolve(path))
        entries = _entries(listing.paths, "" if base == "." else f"{base}/", depth)
        shown = head(entries, LIMIT_ENTRIES, self._room(LIMIT_CHARS))
        lines = [*shown.lines, counted(len(shown.lines), shown.total, "entries", "list one of the folders")]
        if listing.is_cut or listing.is_late:
            lines.append("[there are more files than were listed]")
        text = "\n".join(line for line in lines if line)
        return Outcome(text or "[no files; ignored ones are not listed]", metadata={"files": len(listing.paths)})


def _entries(paths: Iterable[str], base: str, depth: int) -> list[str]:
    """Return files down to a depth, and the folders below it with the number of files in them."""
    files: list[str] = []
    folders: Counter[str] = Counter()
    for path in paths:
        parts = path.removeprefix(base).split("/")
        if len(parts) <= depth:
            files.append(path)
        else:
            folders[base + "/".join(parts[:depth]) + "/"] += 1
    return sorted([*files, *(f"{name} ({count} file{'s' * (count > 1)})" for name, count in folders.items())])
