"""`background`: what a command that `bash` started in the background has written, or its end."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind
from trashclaw.sandbox.background import BackgroundCommand, BackgroundCommands
from trashclaw.tools.base import TypedTool
from trashclaw.tools.command_report import LIMIT_CHARS, metadata_of, report_run
from trashclaw.tools.room import Room, unbounded
from trashclaw.tools.schema import Arguments
from trashclaw.tools.settling import Settling
from trashclaw.tools.truncate import middle_out

MAX_WAIT_S = 600


class BackgroundArguments(Arguments):
    id: str = Field(description="such as bg1")
    action: Literal["read", "stop"] = Field(default="read", description="read if not given")
    wait_s: int | None = Field(default=None, description="seconds to wait for its end")


class Background(TypedTool[BackgroundArguments]):
    """Reads from a background command, or ends it; what it changed is reviewed once it has ended."""

    name = "background"
    description = "Read new output of a background command of bash, or stop it."
    kind = ToolKind.EXECUTE
    # No name that asks for an end, such as kill_shell, is among them: without `action` the call would only read.
    other_names = ("bash_output", "read_output", "job", "process", "command_output")
    example = '{"id": "bg1", "action": "read"}'
    arguments = BackgroundArguments

    def __init__(self, background: BackgroundCommands, settling: Settling, room: Room = unbounded) -> None:
        super().__init__()
        self._background = background
        self._settling = settling
        self._room = room

    async def propose(self, arguments: BackgroundArguments) -> Proposal:
        found = self._background.find(arguments.id)
        verb = "stop" if arguments.action == "stop" else "read"
        return Proposal(title=f"{verb} {found.background_id}: {found.command[:80]}", payload=arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        arguments: BackgroundArguments = proposal.payload
        found = self._background.find(arguments.id)
        if found.is_settled:
            return Outcome(f"{found.background_id} has ended, and what it did was told already.")
        if arguments.action == "stop":
            await found.stop()
        elif not await found.wait(min(max(arguments.wait_s or 0, 0), MAX_WAIT_S)):
            return self._look(found, narrator)
        self._look(found, narrator)
        run = await found.take()
        ended = Proposal(title=f"$ {found.command[:160]}", command=found.command)
        report = report_run(run, None, found.backend, limit_chars=self._room(LIMIT_CHARS))
        report.metadata.update(background_id=found.background_id, is_running=False)
        return await self._settling.settle(run, report, ended, narrator)

    def _look(self, found: BackgroundCommand, narrator: Narrator) -> Outcome:
        output = found.read()
        narrator.output(output)
        shown = middle_out(output.rstrip("\n"), self._room(LIMIT_CHARS), "read it more often")
        text = f"{shown or '[no new output]'}\n[{found.background_id} is running]"
        return Outcome(text, metadata={**metadata_of(found), "is_running": True})
