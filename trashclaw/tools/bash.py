"""`bash`: a shell command in the workspace, in the sandbox."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.approvals import Needs
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.sandbox.background import BackgroundCommands
from trashclaw.sandbox.commands import Commands
from trashclaw.sandbox.ports import Backend
from trashclaw.tools.base import TypedTool
from trashclaw.tools.command_report import LIMIT_CHARS, metadata_of, report_run
from trashclaw.tools.mending import is_same_name
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.settling import Settling
from trashclaw.workspace.root import Workspace

DEFAULT_TIMEOUT_S = 120
MAX_TIMEOUT_S = 1_800
FIRST_LOOK_S = 1.0
"""How long the result of a background start waits for first output, or for an early end."""

NEEDS_LIMIT = 20


_FOLDERS = ("cwd", "workdir", "working_dir", "working_directory", "current_dir", "path", "dir", "directory", "folder")


class BashArguments(Arguments):
    command: str = Field(description="shell command, run in the workspace folder with no input")
    timeout_s: int | None = Field(default=None, description=f"seconds allowed, {DEFAULT_TIMEOUT_S} if not given")
    background: bool | None = Field(default=None, description="true for a server or watcher")
    hosts: list[str] | None = Field(default=None, description="network hosts to ask the user for")
    outside_paths: list[str] | None = Field(default=None, description="outside paths to ask the user for")
    unsandboxed: bool | None = Field(default=None, description="ask the user to run it without the sandbox")


class Bash(TypedTool[BashArguments]):
    """Runs a command where nothing that it does lands unseen."""

    name = "bash"
    description = (
        "Run a shell command in a sandbox (no network, writes only in the workspace) and return its output and exit "
        "code. What it changes is reviewed. Not for reading or editing files."
    )
    kind = ToolKind.EXECUTE
    other_names = ("shell", "run", "run_command", "execute", "exec", "terminal", "sh", "execute_command", "run_shell")
    example = '{"command": "pytest -q"}'
    telling: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(
            _FOLDERS, "It runs in the workspace folder. To run elsewhere, begin the command: cd FOLDER && ..."
        ),
        **dict.fromkeys(("env", "environment"), "Set variables in the command: NAME=value command."),
        **dict.fromkeys(("stdin", "dry_run"), "Say it in the command itself."),
    }
    arguments = BashArguments

    def __init__(
        self,
        workspace: Workspace,
        commands: Commands,
        background: BackgroundCommands,
        settling: Settling,
        room: Room = unbounded,
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._commands = commands
        self._background = background
        self._settling = settling
        self._room = room

    def _tells(self, name: str, value: object) -> bool:
        is_here = os.path.normpath(self._workspace.root / str(value).strip()) == str(self._workspace.root)
        return super()._tells(name, value) and not (is_here and any(is_same_name(name, one) for one in _FOLDERS))

    async def propose(self, arguments: BashArguments) -> Proposal:
        command = arguments.command.strip()
        if not command or "\0" in command:
            raise ToolError("bash: the command is empty or holds a NUL character.", "Give a shell command.")
        sandbox = await self._commands.sandbox()
        needs = self._needs(arguments)
        return Proposal(
            title=f"$ {first_line(command)}",
            command=command,
            needs=needs,
            is_confined=sandbox.is_isolating and not needs.is_unsandboxed,
            payload=arguments,
        )

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        arguments: BashArguments = proposal.payload
        if arguments.background:
            return await self._start(proposal, narrator)
        withheld = self._commands.withheld()
        timeout_s = min(max(arguments.timeout_s or DEFAULT_TIMEOUT_S, 1), MAX_TIMEOUT_S)
        running = await self._commands.start(
            proposal.command or "", needs=proposal.needs, time_s=timeout_s, on_output=narrator.output
        )
        run = await running.wait()
        report = report_run(
            run, timeout_s, await self._backend(proposal), withheld, limit_chars=self._room(LIMIT_CHARS)
        )
        return await self._settling.settle(run, report, proposal, narrator)

    async def _backend(self, proposal: Proposal) -> Backend:
        is_free = proposal.needs.is_unsandboxed
        return Backend.ASK_FIRST if is_free else (await self._commands.sandbox()).backend

    async def _start(self, proposal: Proposal, narrator: Narrator) -> Outcome:
        started = await self._background.start(proposal.command or "", proposal.needs)
        if await started.wait(FIRST_LOOK_S):
            run = await started.take()
            return await self._settling.settle(
                run,
                report_run(run, None, await self._backend(proposal), limit_chars=self._room(LIMIT_CHARS)),
                proposal,
                narrator,
            )
        output = started.read()
        narrator.output(output)
        text = (
            f"Started as {started.background_id}; it goes on. Read more output or stop it with the tool background.\n"
            f"{output.rstrip() or '[no output yet]'}"
        )
        return Outcome(text, metadata=metadata_of(started))

    def _needs(self, arguments: BashArguments) -> Needs:
        hosts = tuple(dict.fromkeys(host.strip().casefold() for host in arguments.hosts or () if host.strip()))
        paths = tuple(dict.fromkeys(self._absolute(path) for path in arguments.outside_paths or () if path.strip()))
        if max(len(hosts), len(paths)) > NEEDS_LIMIT:
            raise ToolError(f"bash: more than {NEEDS_LIMIT} hosts or paths.", "Name only those that are needed.")
        return Needs(hosts=hosts, paths=paths, is_unsandboxed=bool(arguments.unsandboxed))

    def _absolute(self, path: str) -> str:
        if "\0" in path or len(path) > 4_096:
            raise ToolError("bash: an outside path is no possible path.", "Give absolute paths.")
        try:
            real = Path(os.path.realpath(self._workspace.root / Path(path.strip()).expanduser()))
        except (OSError, RuntimeError) as error:
            raise ToolError(f"bash: {path[:80]} is no possible path.", "Give absolute paths.") from error
        if real.parent == real:
            raise ToolError("bash: the whole disk cannot be asked for.", "Name the folder that is needed.")
        return str(real)


def first_line(command: str) -> str:
    """Return a command as a title shows it."""
    first, *rest = command.split("\n")
    return f"{first[:160]} ..." if rest or len(first) > 160 else first
