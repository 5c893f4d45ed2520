"""All tools, in a fixed order, so that the model's view of them is the same bytes in every session."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trashclaw.agent.archive import Archive
from trashclaw.agent.ports import Tool
from trashclaw.sandbox.background import BackgroundCommands
from trashclaw.sandbox.commands import Commands
from trashclaw.sandbox.effects import OfIgnored
from trashclaw.tools.apply_patch import ApplyPatch
from trashclaw.tools.ask_user import AskUser
from trashclaw.tools.background import Background
from trashclaw.tools.bash import Bash
from trashclaw.tools.edit_file import EditFile
from trashclaw.tools.git_diff import GitDiff
from trashclaw.tools.git_log import GitLog
from trashclaw.tools.git_status import GitStatus
from trashclaw.tools.glob import GlobFiles
from trashclaw.tools.grep import Grep
from trashclaw.tools.guard import EditGuard
from trashclaw.tools.list_files import ListFiles
from trashclaw.tools.read_file import LIMIT_LINES, ReadFile
from trashclaw.tools.recall import PAGE_CHARS, Recall
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.settling import Settling
from trashclaw.tools.sightings import Sightings
from trashclaw.tools.think import Think
from trashclaw.tools.update_plan import UpdatePlan
from trashclaw.tools.write_file import WriteFile
from trashclaw.workspace.git import Git
from trashclaw.workspace.root import Workspace
from trashclaw.workspace.search import Search


@dataclass(frozen=True, slots=True)
class Shell:
    """Where commands run."""

    commands: Commands
    background: BackgroundCommands
    ignored: OfIgnored = "merge"
    """What becomes of their changes to files that git ignores."""


def make_tools(
    workspace: Workspace,
    git: Git,
    shell: Shell,
    search: Search | None = None,
    *,
    allow_questions: bool = True,
    sightings: Sightings | None = None,
    guard: EditGuard | None = None,
    read_lines: int = LIMIT_LINES,
    room: Room = unbounded,
    archive: Archive | None = None,
    page: Callable[[], int] = lambda: PAGE_CHARS,
) -> tuple[Tool, ...]:
    """Return the tools; the one that asks the person can be left out.

    `sightings` are what the model has seen of files, `guard` is asked about every edit; see `tools/edit_file.py`.
    `room` bounds what one result shows.
    `archive` is what `recall` brings back, in pages of so many characters as `page` gives.
    """
    search = search or Search(workspace)
    reading: tuple[Tool, ...] = (
        ReadFile(workspace, sightings, read_lines, room),
        ListFiles(workspace, search, room),
        GlobFiles(workspace, search, room),
        Grep(workspace, search, sightings, room),
    )
    settling = Settling(workspace, shell.ignored)
    acting: tuple[Tool, ...] = (
        EditFile(workspace, sightings, guard),
        ApplyPatch(workspace, sightings, guard),
        WriteFile(workspace, sightings, guard),
        Bash(workspace, shell.commands, shell.background, settling, room),
        Background(shell.background, settling, room),
    )
    asking_git: tuple[Tool, ...] = (GitStatus(git), GitDiff(workspace, git, room), GitLog(workspace, git))
    asking: tuple[Tool, ...] = (AskUser(),) if allow_questions else ()
    recalling = Recall(archive if archive is not None else Archive(), page)
    return (*reading, *acting, *asking_git, Think(), UpdatePlan(), *asking, recalling)
