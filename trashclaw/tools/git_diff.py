"""`git_diff`: what changed since the last commit, or what is staged."""

from __future__ import annotations

import re

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.tools.base import TypedTool
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import clip, head
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace

LIMIT_LINES = 800
LIMIT_CHARS = 20_000


_FILE_START = re.compile(r"^(?=diff --git )", re.MULTILINE)
_NAMES = re.compile(r'^(?:(?:---|\+\+\+) "?(?:[abciow]/)?|(?:rename|copy) (?:from|to) "?)(.+)$', re.MULTILINE)


class GitDiffArguments(Arguments):
    path: str | None = Field(default=None, description="only this file or folder")
    staged: bool | None = Field(default=None, description="what is staged, instead of what is not")


class GitDiff(TypedTool[GitDiffArguments]):
    """Asks git; changes nothing."""

    name = "git_diff"
    description = "Show unstaged changes as a diff, or staged ones."
    kind = ToolKind.READ
    other_names = ("gitdiff", "diff")
    example = '{"path": "src/main.py"}'
    arguments = GitDiffArguments

    def __init__(self, workspace: Workspace, git: Git, room: Room = unbounded) -> None:
        super().__init__()
        self._workspace = workspace
        self._git = git
        self._room = room

    async def propose(self, arguments: GitDiffArguments) -> Proposal:
        path = self._workspace.relative(self._workspace.resolve(arguments.path)) if arguments.path else None
        title = " ".join(part for part in ("git diff", "--staged" if arguments.staged else "", path or "") if part)
        return Proposal(title=title, payload=(path, bool(arguments.staged)))

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        path, is_staged = proposal.payload
        said = await self._git.diff(path, staged=is_staged)
        text, hidden = self._without_hidden(said.text)
        lines = [clip(line) for line in text.rstrip("\n").split("\n")] if text else []
        shown = head(lines, LIMIT_LINES, self._room(LIMIT_CHARS))
        notes = []
        if not lines:
            notes.append("nothing is staged" if is_staged else "no unstaged changes; new files are in git_status")
        notes += [f"{name} is hidden as a secret; its changes are not shown" for name in hidden]
        if said.is_truncated or not shown.is_whole:
            notes.append(f"{len(lines) - len(shown.lines):,} more lines not shown; ask for one path")
        return Outcome("\n".join([*shown.lines, *(f"[{note}]" for note in notes)]), metadata={"lines": len(lines)})

    def _without_hidden(self, text: str) -> tuple[str, list[str]]:
        """Return a diff without the files whose content is kept from the model, and the names of those."""
        shown: list[str] = []
        hidden: list[str] = []
        for part in _FILE_START.split(text):
            names = [name.rstrip("\t").rstrip('"') for name in _NAMES.findall(part.partition("\n@@")[0])]
            secret = [name for name in names if self._workspace.is_hidden(self._workspace.root / name)]
            shown += [] if secret else [part]
            hidden += secret[:1]
        return "".join(shown), hidden
