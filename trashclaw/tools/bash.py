"""`bash`: a shell command in the workspace."""

from __future__ import annotations

from pydantic import Field

from trashclaw.agent.ports import Narrator, Outcome, Proposal
from trashclaw.protocol.errors import ToolError
from trashclaw.protocol.patches import Patch
from trashclaw.protocol.tools import ToolKind, ToolStatus
from trashclaw.tools.base import TypedTool
from trashclaw.tools.schema import Arguments
from trashclaw.tools.truncate import middle_out
from trashclaw.workspace.process import CommandResult, run_command
from trashclaw.workspace.root import Workspace

DEFAULT_TIMEOUT_S = 120
MAX_TIMEOUT_S = 1_800
LIMIT_CHARS = 16_000


class BashArguments(Arguments):
    command: str = Field(description="shell command, run in the workspace folder with no input")
    timeout_s: int | None = Field(default=None, description=f"seconds allowed, {DEFAULT_TIMEOUT_S} if not given")


class Bash(TypedTool[BashArguments]):
    """Runs a command once it is accepted."""

    name = "bash"
    description = "Run a shell command and return its output and exit code. Not for reading or editing files."
    kind = ToolKind.EXECUTE
    other_names = ("shell", "run", "run_command", "execute", "exec", "terminal", "sh", "execute_command", "run_shell")
    example = '{"command": "pytest -q"}'
    arguments = BashArguments

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace

    async def propose(self, arguments: BashArguments) -> Proposal:
        command = arguments.command.strip()
        if not command or "\0" in command:
            raise ToolError("bash: the command is empty or holds a NUL character.", "Give a shell command.")
        return Proposal(title=f"$ {_first_line(command)}", command=command, payload=arguments)

    async def execute(self, proposal: Proposal, accepted: Patch | None, narrator: Narrator) -> Outcome:
        timeout_s = min(max(proposal.payload.timeout_s or DEFAULT_TIMEOUT_S, 1), MAX_TIMEOUT_S)
        result = await run_command(
            proposal.command or "", cwd=self._workspace.root, timeout_s=timeout_s, on_output=narrator.output
        )
        return _outcome(result, timeout_s)


def _first_line(command: str) -> str:
    first, *rest = command.split("\n")
    return f"{first[:160]} ..." if rest or len(first) > 160 else first


def _outcome(result: CommandResult, timeout_s: int) -> Outcome:
    output = middle_out(result.output.rstrip("\n"), LIMIT_CHARS, "redirect to a file and read it, or use grep or tail")
    lines = [output] if output.strip() else ["[no output]"]
    lines.append(f"[{_ending(result, timeout_s)}]")
    if result.has_left_processes:
        lines.append("[a process was still running in the background; it was stopped]")
    return Outcome(
        "\n".join(lines),
        ToolStatus.FAILED if result.is_timed_out else ToolStatus.DONE,
        stdout=result.stdout,
        stderr=result.stderr,
        exit_code=result.exit_code,
        metadata={
            "duration_s": round(result.duration_s, 3),
            "is_timed_out": result.is_timed_out,
            "is_truncated": result.is_truncated,
            "stdout_bytes": result.stdout_bytes,
            "stderr_bytes": result.stderr_bytes,
        },
    )


def _ending(result: CommandResult, timeout_s: int) -> str:
    if result.is_timed_out:
        return f"stopped: the time limit of {timeout_s} s was reached; a larger timeout_s is possible"
    if result.exit_code is not None and result.exit_code < 0:
        return f"ended by signal {-result.exit_code}"
    return f"exit code {result.exit_code}"
