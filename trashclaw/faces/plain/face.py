"""One conversation as plain lines: what happens is said in order, what is typed answers, steers or begins a turn."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from time import monotonic
from typing import TYPE_CHECKING

from trashclaw.faces.plain.asking import SHOW_ALL, answer_of, approval_of, question_lines, request_lines
from trashclaw.faces.plain.commands import Reply, run_command
from trashclaw.faces.plain.saying import begin_lines, entry_lines, plan_news
from trashclaw.faces.visible import visible, visible_line
from trashclaw.faces.wording.progress import phase_words, whole
from trashclaw.faces.wording.typed import op_of_words, parse_command
from trashclaw.protocol import events as ev
from trashclaw.protocol import ops
from trashclaw.protocol.errors import TrashclawError
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import AgentMessage, Origin, ToolRun, UserMessage

if TYPE_CHECKING:
    from trashclaw.faces.plain.keyboard import Keyboard
    from trashclaw.faces.plain.voice import Voice
    from trashclaw.protocol.envelope import Envelope
    from trashclaw.session.session import Session
    from trashclaw.session.transcript import Transcript

SHOWN_ENTRIES = 6
"""Entries of a resumed conversation that are said again."""

GRACE_S = 0.5
"""A line that comes sooner after a question was not meant for it."""

LONG_S = 5.0
"""A wait that is worth a line."""


class PlainFace:
    """Speaks for one session."""

    def __init__(self, session: Session, keyboard: Keyboard, voice: Voice, *, grace_s: float = GRACE_S) -> None:
        self._session = session
        self._keyboard = keyboard
        self._voice = voice
        # A pipe brings a line when it is wanted; nobody can have typed it too early.
        self._grace_s = grace_s if keyboard.is_terminal else 0.0
        self._subscription = session.subscribe()
        self._plan = session.transcript.plan
        self._said: dict[ItemId, str] = {}
        """What was said so far of answers that are still written; the last line, which is not whole, is not."""

        self._heard = asyncio.Event()
        """Something was told."""

        self._answered: set[str] = set()
        """Ids of the questions that were answered; that they are resolved may be told later."""

        self._asked_at = 0.0
        self._waited_for = ""

    async def run(self, first: str = "") -> Reply:
        """Speak and listen until the person leaves, asks for another session, or nothing is typed any more."""
        self._voice.say(_greeting(self._session))
        self._replay(self._session.transcript)
        for envelope in self._session.started:
            if isinstance(envelope.event, ev.Notice):
                self._voice.say(entry_lines(envelope.event))
        if first:
            self._voice.say([f"You: {visible(first)}"])
            self._take(first)
        speaking = asyncio.create_task(self._speak(), name="speak")
        try:
            return await self._listen()
        finally:
            self._session.unsubscribe(self._subscription)
            await speaking

    def interrupt(self) -> bool:
        """Stop what runs; tell whether anything did."""
        is_running = self._session.is_running
        self._submit(ops.TurnInterrupt())
        return is_running

    async def _listen(self) -> Reply:
        while True:
            if not self._keyboard.is_terminal:
                await self._until_heard()
            self._sign()
            text = await self._keyboard.message()
            self._voice.note_line()
            if text is None:
                self._give_up()
                await self._session.wait_idle()
                return Reply(is_end=True)
            reply = self._take(text)
            if reply is not None and (reply.is_end or reply.reopen is not None):
                return reply

    async def _until_heard(self) -> None:
        """Wait until a line of a pipe can be meant for something: nothing runs, or something is asked."""
        idle = asyncio.create_task(self._session.wait_idle(), name="idle")
        while not (idle.done() or self._is_asking):
            self._heard.clear()
            news = asyncio.create_task(self._heard.wait(), name="news")
            await asyncio.wait((idle, news), return_when=asyncio.FIRST_COMPLETED)
            news.cancel()

    def _take(self, text: str) -> Reply | None:
        """Do what a typed message means."""
        try:
            return self._do(text)
        except TrashclawError as error:
            self._voice.say([f"That did not work: {visible_line(str(error))}"])
            return None

    def _do(self, text: str) -> Reply | None:
        command = parse_command(text.strip())
        if command is not None:
            return self._command(text.strip(), *command)
        if self._is_asking and monotonic() - self._asked_at >= self._grace_s:
            self._answer(text)
        elif text.strip():
            self._session.submit(op_of_words(text.strip(), is_running=self._session.is_running))
        return None

    def _command(self, typed: str, name: str, arguments: str) -> Reply:
        reply = run_command(self._session, name, arguments)
        if reply is None:
            attached = self._session.commands.expand(name, arguments)
            begin = ops.TurnSteer if self._session.is_running else ops.TurnStart
            self._session.submit(begin(text=typed, attached=attached))
            return Reply()
        self._voice.say(reply.lines)
        return reply

    @property
    def _is_asking(self) -> bool:
        state = self._session.transcript
        return bool({*state.approvals, *state.questions} - self._answered)

    def _answer(self, text: str) -> None:
        state = self._session.transcript
        request = next((one for one in state.approvals.values() if one.approval_id not in self._answered), None)
        if request is not None and text.strip().lower() in SHOW_ALL:
            self._voice.say(request_lines(request, is_whole=True))
        elif request is not None:
            answer = approval_of(request, text)
            self._session.submit(ops.ApprovalAnswer(approval_id=request.approval_id, approval=answer))
            self._answered.add(request.approval_id)
        else:
            question = next(one for one in state.questions.values() if one.question_id not in self._answered)
            answered = answer_of(question, text)
            self._session.submit(ops.QuestionAnswer(question_id=question.question_id, text=answered))
            self._answered.add(question.question_id)

    def _give_up(self) -> None:
        """Nobody can answer any more: what waits for an answer is stopped."""
        if self._is_asking:
            self._submit(ops.TurnInterrupt())

    def _submit(self, op: ops.Op) -> None:
        try:
            self._session.submit(op)
        except TrashclawError as error:
            self._voice.say([f"That did not work: {visible_line(str(error))}"])

    def _replay(self, state: Transcript) -> None:
        entries = [entry for place, entry in enumerate(state.entries) if not state.is_rewound(place)]
        if len(entries) > SHOWN_ENTRIES:
            self._voice.say([f"{len(entries) - SHOWN_ENTRIES} earlier entries."])
        reverted = state.all_reverted()
        for entry in entries[-SHOWN_ENTRIES:]:
            self._voice.say(entry_lines(entry, reverted.get(entry.item_id, ()) if isinstance(entry, ToolRun) else ()))

    async def _speak(self) -> None:
        while await self._subscription.wait():
            for envelope in self._subscription.take_waiting():
                self._tell(envelope)
            self._heard.set()

    def _tell(self, envelope: Envelope) -> None:
        event = envelope.event
        match event:
            case ev.ItemStarted(item=ToolRun() as run):
                self._voice.say(begin_lines(run))
            case ev.ItemDelta(channel=ev.Channel.TEXT):
                self._go_on(event.item_id, event.text)
            case ev.ItemCompleted(item=AgentMessage() as answer):
                self._end(answer)
            case ev.ItemCompleted(item=UserMessage() as message):
                if message.origin is not Origin.PROMPT:
                    self._voice.say([f"The agent reads: {visible_line(message.text)}"])
            case ev.ItemCompleted(item=item):
                self._voice.say(entry_lines(item))
            case ev.Notice() | ev.TurnCompleted() | ev.DialectChosen():
                self._voice.say(entry_lines(event))
            case ev.PlanUpdated():
                self._voice.say(plan_news(self._plan, event.plan))
                self._plan = event.plan
            case ev.ApprovalRequested():
                self._ask(request_lines(event.request))
            case ev.QuestionRequested():
                self._ask(question_lines(event))
            case ev.Progress():
                self._wait_for(event)
            case _:
                pass
        if isinstance(event, ev.TurnCompleted):
            self._sign()

    def _ask(self, lines: Iterable[str]) -> None:
        self._voice.say(lines)
        self._asked_at = monotonic()
        self._sign()

    def _go_on(self, item_id: ItemId, text: str) -> None:
        """Say the whole lines of an answer that is still written."""
        before = self._said.get(item_id, "")
        said = self._said[item_id] = before + text
        first, end = before.rfind("\n") + 1, said.rfind("\n")
        if end >= first:
            self._say_answer(said[first:end], is_begin=first == 0)

    def _end(self, answer: AgentMessage) -> None:
        """Say the rest of an answer; where it came out otherwise than it was written, all of it."""
        said = self._said.pop(answer.item_id, "")
        whole_lines = said[: said.rfind("\n") + 1]
        if not answer.text.startswith(whole_lines):
            self._voice.say(entry_lines(answer))
        elif rest := answer.text[len(whole_lines) :].rstrip("\n"):
            self._say_answer(rest, is_begin=not whole_lines)

    def _say_answer(self, text: str, *, is_begin: bool) -> None:
        lines = visible(text).split("\n")
        self._voice.say([f"Agent: {lines[0]}", *lines[1:]] if is_begin else lines)

    def _wait_for(self, progress: ev.Progress) -> None:
        """Say once what a long wait is for."""
        is_long = progress.phase is ev.Phase.LOADING or (progress.eta_s or 0.0) >= LONG_S
        if not self._session.is_running or not is_long or progress.phase.value == self._waited_for:
            self._waited_for = self._waited_for if is_long else ""
            return
        self._waited_for = progress.phase.value
        left = f", about {whole(progress.eta_s)}" if progress.eta_s else ""
        words = phase_words(progress.model_copy(update={"done": None, "total": None}))
        self._voice.say([f"{words[:1].upper()}{words[1:]}{left}."])

    def _sign(self) -> None:
        """Say that a line is awaited."""
        if self._keyboard.is_terminal and (self._is_asking or not self._session.is_running):
            self._voice.sign()


def _greeting(session: Session) -> Iterable[str]:
    state, branch = session.transcript, session.branch()
    where = f"{visible_line(session.workspace_root.name)}{f', branch {visible_line(branch)}' if branch else ''}"
    yield f"trashclaw in {where}. Model {visible_line(state.model)}, {visible_line(state.provider)}."
    yield f"Mode {state.mode.value}. /help says what can be typed."
