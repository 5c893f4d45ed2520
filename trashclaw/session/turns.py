"""Turns: the one task that runs the loop, and what the person says to it meanwhile."""

from __future__ import annotations

import asyncio

from trashclaw.agent.loop import Agent, run_turn
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import ItemId, OpId, TurnId, new_id
from trashclaw.protocol.items import Origin, UserMessage
from trashclaw.session.journal import Journal, within
from trashclaw.session.mentions import attach_files
from trashclaw.session.notes import Surroundings
from trashclaw.session.undo import Undo
from trashclaw.workspace.root import Workspace


class Turns:
    """Runs at most one turn at a time."""

    def __init__(
        self, agent: Agent, journal: Journal, undo: Undo, surroundings: Surroundings, workspace: Workspace
    ) -> None:
        self.agent = agent
        self._journal = journal
        self._undo = undo
        self._surroundings = surroundings
        self._workspace = workspace
        self._task: asyncio.Task[None] | None = None
        self._is_running = False
        self._endings: set[asyncio.Task[None]] = set()
        """What is still being noted about turns that are over."""

    @property
    def is_running(self) -> bool:
        """Whether a turn runs: from the op that starts it to its `turn.completed`."""
        return self._is_running

    def start(self, op_id: OpId, text: str, attached: str) -> None:
        """Begin a turn.

        Raises:
            UsageError: one runs already, the prompt is empty, or the log cannot be written.
        """
        if self.is_running:
            raise UsageError("A turn is running.", "Steer it, queue a follow-up, or interrupt it first.")
        if not text.strip() and not attached.strip():
            raise UsageError("The prompt is empty.", "Type what you want done.")
        if (fault := self._journal.fault) is not None:
            raise UsageError(fault.text, fault.hint)
        self._is_running = True
        self._task = asyncio.create_task(self._run(op_id, text, attached), name="turn")

    def say(self, op_id: OpId, text: str, attached: str, origin: Origin) -> None:
        """Queue a steer or a follow-up; when no turn runs, it begins one."""
        if not text.strip() and not attached.strip():
            raise UsageError("The message is empty.", "Type what you want to say.")
        if self.is_running:
            self.agent.inbox.add(text, self._attach(text, attached), origin)
        else:
            self.start(op_id, text, attached)

    def interrupt(self) -> None:
        """Stop the running turn; its partial answer stays."""
        # One round later: a turn that was only just started begins first, so that it can be completed.
        asyncio.get_running_loop().call_soon(self._cancel)

    async def wait(self) -> None:
        """Wait until no turn runs and everything about the last one is noted."""
        while waited_for := [task for task in (self._task, *self._endings) if task is not None and not task.done()]:
            await asyncio.wait(waited_for)

    def _cancel(self) -> None:
        if self._task is not None and self._is_running:
            self._task.cancel()

    def _attach(self, text: str, attached: str) -> str:
        files = attach_files(self._workspace, f"{text}\n{attached}")
        return "\n\n".join(part for part in (attached, files) if part)

    async def _run(self, op_id: OpId, text: str, attached: str) -> None:
        try:
            note = self._surroundings.take_notes()
            whole = self._attach(text, attached)
            prompt = UserMessage(item_id=ItemId(new_id("item")), text=text, attached=whole, note=note)
            self._undo.begin_turn()
            with within(cause=op_id, turn_id=TurnId(new_id("turn"))):
                await run_turn(self.agent, prompt)
        finally:
            self._is_running = False
        with within(cause=op_id):
            ending = asyncio.create_task(self._undo.end_turn(), name="end of a turn")
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)
