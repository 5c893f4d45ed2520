"""The person's own commands, typed as `!command`; their output joins the context when they want it to."""

from __future__ import annotations

import asyncio
from pathlib import Path

from pydantic import JsonValue

from trashclaw.agent.ports import Clock, Emit
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import UsageError, WorkspaceError
from trashclaw.protocol.ids import CallId, ItemId, new_id
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolCall, ToolKind, ToolResult, ToolStatus
from trashclaw.workspace.process import run_command

_SHOWN_CHARS = 12_000
_TIMEOUT_S = 3600.0


class UserShell:
    """Runs one command at a time, unasked: the person typed it."""

    def __init__(self, root: Path, emit: Emit, clock: Clock) -> None:
        self._root = root
        self._emit = emit
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    def interrupt(self) -> None:
        """Stop the command that runs."""
        # One round later: a command that was only just taken on begins first, so that it can be told as stopped.
        asyncio.get_running_loop().call_soon(self._cancel)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    def start(self, command: str, *, is_shared: bool) -> asyncio.Task[None]:
        """Begin a command, shown as an item of its own, and return the task that runs it to its end.

        Raises:
            UsageError: it is empty, or another one runs.
        """
        if not command.strip():
            raise UsageError("There is no command.")
        if self._task is not None:
            raise UsageError("Another command is running.", "Wait for its end, or stop it.")
        self._task = asyncio.create_task(self._run(command, is_shared=is_shared), name="shell")
        return self._task

    async def _run(self, command: str, *, is_shared: bool) -> None:
        call = ToolCall(call_id=CallId(new_id("call")), name="shell")
        run = ToolRun(item_id=ItemId(new_id("item")), call=call, title=f"! {command}", tool_kind=ToolKind.EXECUTE)
        self._emit(ev.ItemStarted(item=run))
        started_at = self._clock.monotonic()
        text = f"I stopped `{command}`."
        metadata: dict[str, JsonValue] = {"is_shared": is_shared}
        result = ToolResult(call_id=call.call_id, status=ToolStatus.CANCELLED, text=text, metadata=metadata)
        try:
            result = await self._result(call, command, run.item_id, is_shared=is_shared)
        except WorkspaceError as error:
            result = result.model_copy(update={"status": ToolStatus.FAILED, "text": f"I tried a command. {error}"})
        finally:
            self._task = None
            duration_s = round(self._clock.monotonic() - started_at, 4)
            done = run.model_copy(update={"status": result.status, "result": result, "duration_s": duration_s})
            self._emit(ev.ItemCompleted(item=done))

    async def _result(self, call: ToolCall, command: str, item_id: ItemId, *, is_shared: bool) -> ToolResult:
        def show(text: str) -> None:
            self._emit(ev.ItemDelta(item_id=item_id, channel=ev.Channel.OUTPUT, text=text))

        done = await run_command(command, cwd=self._root, timeout_s=_TIMEOUT_S, on_output=show)
        output = done.output.strip()
        if len(output) > _SHOWN_CHARS:
            cut = len(output) - _SHOWN_CHARS
            output = f"[{cut} characters cut from the beginning]\n{output[-_SHOWN_CHARS:]}"
        return ToolResult(
            call_id=call.call_id,
            status=ToolStatus.DONE,
            text=f"I ran `{command}` (exit code {done.exit_code}):\n```\n{output}\n```",
            stdout=done.stdout,
            stderr=done.stderr,
            exit_code=done.exit_code,
            metadata={"is_shared": is_shared},
        )
