"""The session: one conversation in one workspace; ops come in, events go out."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, assert_never

from trashclaw.agent.compaction import CutPreview
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import TrashclawError, UsageError
from trashclaw.protocol.ids import ApprovalId, OpId, SessionId, new_id
from trashclaw.protocol.items import Origin
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.patches import FileChange
from trashclaw.session.bus import Subscription
from trashclaw.session.compacting import Compacting
from trashclaw.session.context import context_of
from trashclaw.session.journal import within
from trashclaw.session.library import Library
from trashclaw.session.models import take_leave
from trashclaw.session.parts import Parts as Parts
from trashclaw.session.rewind import Rewind
from trashclaw.session.stored import SessionSummary, as_title
from trashclaw.session.transcript import Transcript

if TYPE_CHECKING:
    from trashclaw.agent.context_report import ContextReport

_IDLE_ONLY = (ops.TurnStart, ops.ContextCompact, ops.CheckpointRestore, ops.HunksRevert)


class Session:
    """Validates ops and carries them out; everything it does arrives as events."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self.memory = parts.memory
        """What is remembered for later sessions; it changes by `memory.add` and `memory.forget`."""

        self.commands = parts.commands
        """The slash commands that files bring."""

        self.writing = parts.writing
        """What the editor needs of the disk: earlier prompts, the draft, files that are named."""

        self.started = parts.started
        """The envelopes of the opening, which came before anybody could subscribe."""

        stored = parts.log.path.parent if parts.log is not None else None
        self.library = Library(stored, parts.root, parts.journal.session_id) if stored is not None else None
        """The stored sessions of the workspace; `None` where nothing is stored."""

        self.rewind = Rewind(
            parts.journal, parts.undo, parts.surroundings, parts.sightings, parts.turns.agent, self._be_idle
        )
        """The points that files or conversation can be brought back to, and what that would do.

        To go to one: `submit(ops.CheckpointRestore(item_id=point.item_id, part=RestorePart...))`. What comes of it are
        events: `checkpoint.created` with `is_restored`, `conversation.rewound` with the prompt for the composer, or a
        `notice` of level `error`; its code is `conflict` where the person's own later changes stand in the way.
        """

        self._compacting = Compacting(parts.turns, parts.journal)
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing: asyncio.Task[None] | None = None

    @property
    def session_id(self) -> SessionId:
        """The id to resume by."""
        return self._parts.journal.session_id

    @property
    def workspace_root(self) -> Path:
        """The folder it works in."""
        return self._parts.root

    @property
    def transcript(self) -> Transcript:
        """The view state, always current."""
        return self._parts.journal.transcript

    @property
    def is_trusted(self) -> bool:
        """Whether the folder is trusted; if not, the mode is `plan` and stays that."""
        return not self._parts.mode.is_fixed

    async def find_sandbox(self) -> str:
        """Return the name of what holds back the effects of commands; where nothing does, a notice says why.

        Raises:
            ConfigError: the one that the settings name does not work here.
        """
        await self._parts.confined.get_ready()
        return self._parts.confined.backend

    @property
    def is_running(self) -> bool:
        """Whether a turn runs."""
        return self._parts.turns.is_running

    def submit(self, op: ops.Op) -> OpId:
        """Take on an op and return at once; what comes of it arrives as events with the id returned.

        Raises:
            UsageError: it cannot be done now.
        """
        if self._closing is not None:
            raise UsageError("The session is closed.", "Start another one with /new.")
        op_id = OpId(new_id("op"))
        with within(cause=op_id):
            if not self._compacting.put_off(op):
                self._carry_out(op, op_id)
        return op_id

    def subscribe(self) -> Subscription:
        """Return a view of everything that happens from now on; see `transcript` for what happened before."""
        return self._parts.journal.bus.subscribe()

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription."""
        self._parts.journal.bus.unsubscribe(subscription)

    def branch(self) -> str:
        """Return the git branch, or an empty string."""
        return self._parts.branch()

    async def list_paths(self) -> Sequence[str]:
        """Return the files of the workspace, ignored ones left out."""
        return (await self._parts.search.list_paths()).paths

    def exact_change(self, approval_id: ApprovalId, change: FileChange) -> FileChange:
        """Return a change that waits for an answer as it would land; where it is told, its secrets are masked."""
        return self._parts.approvals.exact(approval_id, change)

    def context(self) -> ContextReport:
        """Return what fills the model's window, item by item, and what reading it has cost."""
        return context_of(self._parts)

    def preview_compaction(self) -> CutPreview | None:
        """Return what `/compact` would do now; `None` when it would free too little. Changes nothing.

        Raises:
            UsageError: something runs.
        """
        self._idle_only()
        return self._compacting.preview()

    def policy(self) -> tuple[Sequence[str], Sequence[str]]:
        """Return the rules of the files, in order, and what the person allowed for this session; a line each."""
        return [rule.told for rule in self._parts.gate.rules().rules], self._parts.gate.session_rules()

    async def models(self) -> Sequence[tuple[str, str]]:
        """Return the (provider, model) pairs that `settings.set` could switch to."""
        return await self._parts.models.choices()

    def sessions(self) -> Sequence[SessionSummary]:
        """Return the stored sessions of the workspace, the latest first."""
        return self.library.list() if self.library is not None else []

    async def wait_idle(self) -> None:
        """Wait until no turn and no other work runs."""
        await self._parts.turns.wait()
        while self._tasks:
            await asyncio.wait(set(self._tasks))
            await self._parts.turns.wait()

    async def aclose(self) -> None:
        """Interrupt what runs, end the session and free everything."""
        await asyncio.shield(self._close())

    def _close(self) -> asyncio.Task[None]:
        if self._closing is None:
            self._closing = asyncio.create_task(self._end(), name="close")
        return self._closing

    async def _end(self) -> None:
        parts = self._parts
        parts.turns.interrupt()
        # One round later, as the others are: work that was only just taken on begins before it is stopped.
        asyncio.get_running_loop().call_soon(self._cancel_work)
        await asyncio.sleep(0)
        await self.wait_idle()
        await parts.read_ahead.aclose()
        await parts.confined.aclose()
        await parts.undo.aclose()
        parts.journal.emit(ev.SessionEnded())
        parts.memory.note_end()
        try:
            await take_leave(parts.turns.agent.provider)
        finally:
            parts.journal.bus.close()
            if parts.log is not None:
                parts.log.close()
            if parts.lease is not None:
                parts.lease.release()

    async def _be_idle(self) -> None:
        self._idle_only()
        await self._parts.turns.wait()

    def _cancel_work(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _carry_out(self, op: ops.Op, op_id: OpId) -> None:
        parts = self._parts
        if isinstance(op, _IDLE_ONLY):
            self._idle_only()
        match op:
            case ops.TurnStart():
                parts.turns.start(op_id, op.text, op.attached)
            case ops.TurnSteer() | ops.TurnFollowUp():
                if not self.is_running:
                    self._idle_only()
                origin = Origin.STEER if isinstance(op, ops.TurnSteer) else Origin.FOLLOW_UP
                parts.turns.say(op_id, op.text, op.attached, origin)
            case ops.TurnInterrupt():
                self._interrupt()
            case ops.InboxEdit() | ops.InboxMove():
                parts.turns.edit(op)
            case ops.ApprovalAnswer():
                parts.approvals.answer(op.approval_id, op.approval)
            case ops.QuestionAnswer():
                parts.approvals.answer_question(op.question_id, op.text)
            case ops.ContextCompact():
                self._compacting.task = self._own(self._compacting.carry_out(is_undo=op.is_undo))
            case ops.CheckpointRestore():
                self._own(self.rewind.carry_out(op))
            case ops.HunksRevert():
                self._own(parts.reverting.carry_out(op))
            case ops.SettingsSet():
                self._set(op)
            case ops.ShellRun():
                self._hold(parts.shell.start(op.command, is_shared=op.is_shared))
            case ops.MemoryAdd():
                parts.memory.add(op.text, op.scope)
            case ops.MemoryForget():
                parts.memory.forget(op.number, op.scope)
            case ops.SessionRename():
                parts.journal.emit(ev.SessionRenamed(title=as_title(op.title)))
            case ops.SessionClose():
                self._close()
            case _:
                assert_never(op)

    def _interrupt(self) -> None:
        self._parts.turns.interrupt()
        self._parts.shell.interrupt()
        # One round later, as with a turn: what was only just taken on begins before it is stopped.
        asyncio.get_running_loop().call_soon(self._compacting.interrupt)

    def _idle_only(self) -> None:
        if self.is_running or self._tasks:
            raise UsageError("Something is still running.", "Interrupt it, or wait for its end.")

    def _own(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        return self._hold(asyncio.create_task(self._report(work)))

    def _hold(self, task: asyncio.Task[None]) -> asyncio.Task[None]:
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not (self._tasks or self._closing):
            self._compacting.take_up()
        if not self.is_running:
            self._parts.read_ahead.begin()
        if not task.cancelled() and (failure := task.exception()) is not None:
            text, hint = f"{type(failure).__name__}: {failure}", "This is a fault of trashclaw; please report it."
            self._parts.journal.emit(ev.Notice(level=ev.NoticeLevel.ERROR, code="internal", text=text, hint=hint))

    async def _report(self, work: Coroutine[Any, Any, None]) -> None:
        """Tell an error as a notice: nobody waits for the work of an op."""
        await self._parts.read_ahead.stop()
        try:
            await self._parts.turns.wait()
            await work
        except TrashclawError as error:
            level = ev.NoticeLevel.ERROR
            self._parts.journal.emit(ev.Notice(level=level, code=error.code, text=error.text, hint=error.hint))

    def _set(self, op: ops.SettingsSet) -> None:
        if op.model is not None:
            self._idle_only()
        if op.mode is not None:
            self._set_mode(op.mode)
        if op.model is not None:
            self._own(self._parts.model_switch.to(op.model))

    def _set_mode(self, mode: Mode) -> None:
        self._parts.mode.choose(mode)
        state = self.transcript
        self._parts.journal.emit(ev.SettingsChanged(mode=mode, model=state.model, provider=state.provider))
