"""`git_log`: the latest commits."""

from __future__ import annotations

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import clip
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

DEFAULT_LIMIT = 15
MAX_LIMIT = 100
SUBJECT_CHARS = 120


class GitLogArguments(Arguments):
    path: str | None = Field(default=None, description="only commits of this file or folder")
    limit: int | None = Field(default=None, description=f"number of commits, {DEFAULT_LIMIT} if not given")


class GitLog(TypedTool[GitLogArguments]):
    """Asks git; changes nothing."""

    name = "git_log"
    description = "Show the latest commits."
    kind = ToolKind.READ
    other_names = ("gitlog", "log", "git_history")
    example = '{"limit": 10}'
    arguments = GitLogArguments

    def __init__(self, workspace: Workspace, git: Git) -> None:
        super().__init__()
        self._workspace = workspace
        self._git = git

    async def propose(self, arguments: GitLogArguments) -> Proposal:
        path = self._workspace.relative(self._workspace.resolve(arguments.path)) if arguments.path else None
        limit = min(max(arguments.limit or DEFAULT_LIMIT, 1), MAX_LIMIT)
        return Proposal(title=f"git log {path}" if path else "git log", payload=(path, limit))

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        path, limit = proposal.payload
        commits = await self._git.log(limit + 1, path)
        lines = [
            f"{commit.commit} {commit.date[:10]} {clip(commit.author, 40)}: {clip(commit.subject, SUBJECT_CHARS)}"
            for commit in commits[:limit]
        ]
        if len(commits) > limit:
            lines.append(f"[older commits not shown; ask with limit={min(2 * limit, MAX_LIMIT)}]")
        return Outcome("\n".join(lines) or "[no commits]", metadata={"commits": len(commits[:limit])})
