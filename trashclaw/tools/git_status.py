"""`git_status`: the branch and the files that differ."""

from __future__ import annotations

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import counted, head
from trashclaw.workspace.git import Git, Status, StatusEntry

LIMIT_ENTRIES = 200
LIMIT_CHARS = 10_000


class GitStatusArguments(Arguments):
    pass


class GitStatus(TypedTool[GitStatusArguments]):
    """Asks git; changes nothing."""

    name = "git_status"
    description = "Show the git branch and changed files."
    kind = ToolKind.READ
    other_names = ("gitstatus", "status")
    arguments = GitStatusArguments

    def __init__(self, git: Git) -> None:
        super().__init__()
        self._git = git

    async def propose(self, arguments: GitStatusArguments) -> Proposal:
        return Proposal(title="git status")

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        status = await self._git.status()
        return Outcome(_text(status), metadata={"branch": status.branch, "files": len(status.entries)})


def _text(status: Status) -> str:
    distance = f", {status.ahead} ahead and {status.behind} behind {status.upstream}" if status.upstream else ""
    shown = head([_line(entry) for entry in status.entries], LIMIT_ENTRIES, LIMIT_CHARS)
    lines = [f"branch {status.branch}{distance}", *shown.lines]
    lines.append(counted(len(shown.lines), shown.total, "files", "ask bash for git status of one folder"))
    if not status.entries:
        lines.append("nothing changed since the last commit")
    return "\n".join(line for line in lines if line)


def _line(entry: StatusEntry) -> str:
    if entry.index == "?":
        return f"untracked {entry.path}"
    origin = f" (from {entry.original_path})" if entry.original_path else ""
    words = [f"{_WORDS[entry.index]}, staged" if entry.index in _WORDS else "", _WORDS.get(entry.worktree, "")]
    return f"{' and '.join(word for word in words if word)} {entry.path}{origin}"


_WORDS = {
    "M": "modified",
    "A": "added",
    "D": "deleted",
    "R": "renamed",
    "C": "copied",
    "T": "type changed",
    "U": "unmerged",
}
