"""Turns: the one task that runs the loop, and what the person says to it meanwhile."""

from __future__ import annotations

import asyncio

from trashclaw.agent.agent import Agent
from trashclaw.agent.encoding import load_counter
from trashclaw.agent.inbox import Attach
from trashclaw.agent.loop import run_turn
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import TrashclawError, UsageError, WorkspaceError
from trashclaw.protocol.ids import EntryId, ItemId, OpId, TurnId, new_id
from trashclaw.protocol.items import Origin, UserMessage
from trashclaw.protocol.ops import InboxEdit, InboxMove
from trashclaw.session.journal import Journal, within
from trashclaw.session.notes import Surroundings
from trashclaw.session.read_ahead import ReadAhead
from trashclaw.session.undo import Undo

_PREPARE_LIMIT_S = 30.0
_TOO_SLOW = "The files that the message names could not be read in time."


class Turns:
    """Runs at most one turn at a time."""

    def __init__(
        self,
        agent: Agent,
        journal: Journal,
        undo: Undo,
        surroundings: Surroundings,
        attach: Attach,
        read_ahead: ReadAhead,
    ) -> None:
        """`attach` may take a while."""
        self.agent = agent
        self._journal = journal
        self._undo = undo
        self._surroundings = surroundings
        self._attach = attach
        self._read_ahead = read_ahead
        self._task: asyncio.Task[None] | None = None
        self._is_running = False
        self._is_preparing = False
        self._is_interrupted = False
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
        self._task = asyncio.create_task(self._run(op_id, text, attached, self.agent.inbox.entry_ids()), name="turn")

    def say(self, op_id: OpId, text: str, attached: str, origin: Origin) -> None:
        """Queue a steer or a follow-up; when no turn runs, it begins one."""
        if not text.strip() and not attached.strip():
            raise UsageError("The message is empty.", "Type what you want to say.")
        if self.is_running:
            self.agent.inbox.add(text, attached, origin)
        else:
            self.start(op_id, text, attached)

    def edit(self, op: InboxEdit | InboxMove) -> None:
        """Change what was queued, take it back, or say otherwise when it is read.

        Raises:
            UsageError: it was read already, or nothing would be left of it.
        """
        inbox = self.agent.inbox
        if isinstance(op, InboxMove):
            is_there = inbox.move(op.entry_id, op.origin, op.place)
        elif op.text is not None and not op.text.strip():
            raise UsageError("The message is empty.", "Take it back if it shall not be said.")
        else:
            is_there = inbox.edit(op.entry_id, op.text)
        if not is_there:
            raise UsageError("That message has been read already.")

    def interrupt(self) -> None:
        """Stop the running turn; its partial answer stays."""
        # One round later: a turn that was only just started begins first, so that it can be completed.
        asyncio.get_running_loop().call_soon(self._cancel)

    async def wait(self) -> None:
        """Wait until no turn runs and everything about the last one is noted."""
        while waited_for := [task for task in (self._task, *self._endings) if task is not None and not task.done()]:
            await asyncio.wait(waited_for)

    def _cancel(self) -> None:
        if self._is_preparing:
            self._is_interrupted = True
        elif self._task is not None and self._is_running:
            self._task.cancel()

    async def _run(self, op_id: OpId, text: str, attached: str, earlier: frozenset[EntryId]) -> None:
        prompt = UserMessage(item_id=ItemId(new_id("item")), text=text, attached=attached)
        is_doubtful = False
        try:
            with within(cause=op_id, turn_id=TurnId(new_id("turn"))):
                preparing = await self._wait_for(prompt)
                failure = preparing.exception() if preparing.done() else WorkspaceError(_TOO_SLOW)
                if failure is None:
                    self._undo.begin_turn()
                    done = await run_turn(self.agent, preparing.result(), earlier)
                    if done.error is not None and not self.agent.history.holds(prompt.item_id):
                        self._surroundings.put_back()
                    is_doubtful = done.stop_reason in (ev.StopReason.ERROR, ev.StopReason.CANCELLED)
                else:
                    self._fail(prompt, failure)
        finally:
            self._is_running = False
        self._read_ahead.begin(is_doubtful=is_doubtful)
        with within(cause=op_id):
            ending = asyncio.create_task(self._undo.end_turn(), name="end of a turn")
        self._endings.add(ending)
        ending.add_done_callback(self._noted)

    async def _wait_for(self, prompt: UserMessage) -> asyncio.Task[UserMessage]:
        """Return the task that completed the prompt, however it ended; an interrupt takes effect when the turn runs."""
        self._is_preparing, self._is_interrupted = True, False
        preparing = asyncio.create_task(self._prepare(prompt), name="prompt")
        try:
            await asyncio.wait((preparing,), timeout=_PREPARE_LIMIT_S)
        finally:
            self._is_preparing = False
            if not preparing.done():
                preparing.cancel()
        if self._is_interrupted and self._task is not None:
            self._task.cancel()
        return preparing

    async def _prepare(self, prompt: UserMessage) -> UserMessage:
        """Add what the model has to know, and the files that are mentioned; those are read beside the event loop.

        The tokenizer is loaded there too, once: the first request would wait for it with the screen standing still.
        """
        await self._read_ahead.stop()
        await asyncio.to_thread(load_counter)
        await self._surroundings.look_outside()
        attached = await asyncio.to_thread(self._attach, prompt.text, prompt.attached, prompt.item_id)
        return prompt.model_copy(update={"attached": attached, "note": self._surroundings.take_notes()})

    def _fail(self, prompt: UserMessage, failure: BaseException) -> None:
        """Tell a turn that could not begin as one that ended in an error; what was said is kept."""
        if isinstance(failure, TrashclawError):
            error = ev.ErrorInfo(code=failure.code, text=failure.text, hint=failure.hint)
        else:
            text = f"{type(failure).__name__}: {failure}"
            error = ev.ErrorInfo(code="internal", text=text, hint="This is a fault of trashclaw; please report it.")
        for event in (
            ev.TurnStarted(),
            ev.ItemStarted(item=prompt),
            ev.ItemCompleted(item=prompt),
            ev.TurnCompleted(stop_reason=ev.StopReason.ERROR, error=error),
        ):
            self._journal.emit(event)

    def _noted(self, ending: asyncio.Task[None]) -> None:
        self._endings.discard(ending)
        if not ending.cancelled() and (failure := ending.exception()) is not None:
            text = f"The files could not be remembered as this turn left them: {failure}"
            self._journal.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="internal", text=text))
