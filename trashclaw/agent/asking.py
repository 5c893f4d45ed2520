"""Asking: from the window to a whole answer, whatever the server does in between."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass, replace

from trashclaw.agent.accounting import check_aside, enter, settle
from trashclaw.agent.agent import Agent, Spent
from trashclaw.agent.counting import believed, unfinished
from trashclaw.agent.dialects.port import Reading
from trashclaw.agent.fitting import Ready, compact, fit, learn_overflow, prepare
from trashclaw.agent.messages import EndPart, EndReason, Message, ProgressPart, Request, Role, TextPart
from trashclaw.agent.step import Answer, AnswerReader, ThoughtTooLong, told
from trashclaw.agent.switching import fall_back
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import AnswerUnreadable, ContextOverflow, StreamBroken, ToolsUnsupported
from trashclaw.protocol.items import CompactionTrigger
from trashclaw.protocol.usage import Timings, Usage

_GO_ON = "<note>{why} Go on exactly where your answer ends. Do not repeat anything and do not begin again.</note>"
_ENOUGH = (
    "<note>You have thought long enough. The end of your thoughts:\n{thought}\n"
    "Act on them now: call a tool, or answer in a few words.</note>"
)
_CUT = "The answer was cut: it reached the room that was left for it."
_THOUGHT_SHOWN_CHARS = 2000
_GOES_ON_AT_MOST = 4
_UNREADABLE_AT_MOST = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer, and what it was an answer to."""

    answer: Answer
    sent: Request
    """As the dialect rendered it."""

    usage: Usage
    timings: Timings


async def ask(agent: Agent, spent: Spent) -> Asked:
    """Send the window and read the answer.

    A window that turns out too large is compacted once; a dialect that the server or the model cannot do is changed.

    Raises:
        ProviderError: no whole answer could be had.
    """
    ready = await fit(agent, spent)
    has_compacted, unreadable = False, 0
    while True:
        try:
            return await _answer(agent, spent, ready)
        except ContextOverflow as overflow:
            learn_overflow(agent, ready.sent, overflow)
            if has_compacted or not await compact(agent, CompactionTrigger.OVERFLOW):
                raise
            has_compacted = True
        except ToolsUnsupported as error:
            if not fall_back(agent, error.text):
                raise
        except AnswerUnreadable as error:
            unreadable += 1
            if unreadable > _UNREADABLE_AT_MOST and not fall_back(agent, error.text):
                raise
        ready = prepare(agent, spent)


async def ask_aside(agent: Agent, spent: Spent, request: Request) -> str:
    """Ask something beside the conversation, as a suffix of what was sent, and return the text of the answer.

    Raises:
        ProviderError: no whole answer could be had.
    """
    text: list[str] = []
    agent.emit(ev.Progress(phase=ev.Phase.CONNECTING, text="asking again"))
    check_aside(agent, request)
    async with aclosing(agent.provider.stream(request)) as parts:
        async for part in parts:
            if isinstance(part, TextPart):
                text.append(part.text)
            elif isinstance(part, ProgressPart):
                agent.emit(told(part).model_copy(update={"text": "asking again"}))
            elif isinstance(part, EndPart):
                spent.aside = spent.aside + (part.usage or _estimated(agent, request, text))
    return "".join(text)


def _estimated(agent: Agent, request: Request, text: list[str]) -> Usage:
    meter = agent.window.meter
    written = meter.count("".join(text))
    return Usage(prompt_tokens=meter.estimate(request), completion_tokens=written, is_estimate=True)


async def _answer(agent: Agent, spent: Spent, ready: Ready) -> Asked:
    started_at = agent.clock.monotonic()
    _enter(agent, ready)
    reader = AnswerReader(agent.emit, agent.clock, agent.think_tokens)
    answering = _Answering(agent, spent, ready.request, ready.sent, reader)
    end: EndPart | None = None
    try:
        end = await answering.read()
    finally:
        if end is None:
            spent.usage = spent.usage + unfinished(agent, ready.sent, reader)
        reader.complete()
        if reader.limit_tokens is not None:
            agent.window.limit_tokens = min(agent.window.limit_tokens, reader.limit_tokens)
    answer = reader.answer(end)
    total_s = agent.clock.monotonic() - started_at
    timings = end.timings.model_copy(update={"total_s": round(total_s, 4), "first_token_s": answer.first_token_s})
    usage = answering.used(end)
    if end.usage is not None and end.timings.decode_s:
        agent.written_tokens_per_s = end.usage.completion_tokens / end.timings.decode_s
    used_tokens = usage.prompt_tokens + usage.completion_tokens
    settle(
        agent,
        usage,
        timings,
        has_thought=bool(answer.thought),
        is_first=spent.steps == 1,
        is_alone=not answering.written_before,
        is_told=reader.has_news,
    )
    _measured(agent, used_tokens, usage.cached_tokens, is_estimate=usage.is_estimate)
    if end.reason is EndReason.LENGTH:
        agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="answer_cut", text=_CUT))
    return Asked(answer, ready.sent, usage, timings)


def _enter(agent: Agent, ready: Ready) -> None:
    enter(agent, ready.request, ready.sent)
    estimate = agent.window.meter.estimate(ready.sent)
    _measured(agent, estimate, None, is_estimate=True)
    agent.emit(ev.Progress(phase=ev.Phase.CONNECTING, total=estimate))


def _measured(agent: Agent, used_tokens: int, reused_tokens: int | None, *, is_estimate: bool) -> None:
    reuse = agent.reuse
    agent.window.measured(
        used_tokens,
        reused_tokens,
        is_estimate=is_estimate,
        reread_tokens=reuse.reread_tokens,
        reread_s=reuse.reread_s,
    )


@dataclass(slots=True)
class _Answering:
    """One answer over as many requests as it takes: cut by a limit, by a lost connection, or by endless thought."""

    agent: Agent
    spent: Spent
    request: Request
    sent: Request
    reader: AnswerReader
    written_before: int = 0
    """Tokens of the parts before the last."""

    has_told_to_answer: bool = False

    async def read(self) -> EndPart:
        asked, reading = self.sent, self.agent.manner.dialect.read(self.request)
        for goes_left in range(_GOES_ON_AT_MOST, -1, -1):
            if asked is not self.sent:
                check_aside(self.agent, asked)
            try:
                end = await self.reader.read(self.agent.provider.stream(asked), reading)
            except StreamBroken as broken:
                if not (goes_left and broken.is_resumable and self._can_go_on()):
                    raise
                asked = self._go_on("The connection was lost.", broken.text, reading)
                continue
            except ThoughtTooLong:
                asked, reading = self._answer_now()
                continue
            if end.reason is not EndReason.LENGTH or not goes_left:
                return end
            if self._was_all_thought():
                asked, reading = self._answer_now()
            elif self._can_go_on() and self._has_room(end):
                asked = self._go_on("The answer reached its limit.", "")
            else:
                return end
        raise StreamBroken("The answer could not be brought to an end.", "Send the message again to go on.")

    def used(self, end: EndPart) -> Usage:
        """Return what all the requests have cost; the meter learns from the first one, if it was the only one."""
        meter, usage = self.agent.window.meter, end.usage
        if usage is None or usage.prompt_tokens <= 0:
            written = meter.count(self.reader.written + self.reader.thought)
            return Usage(prompt_tokens=meter.estimate(self.sent), completion_tokens=written, is_estimate=True)
        if not self.written_before:
            return believed(self.agent, self.sent, usage)
        return usage.model_copy(update={"completion_tokens": usage.completion_tokens + self.written_before})

    def _count_all(self) -> int:
        """Return the tokens of everything that the model has written for this answer."""
        return self.agent.window.meter.count(self.reader.written + self.reader.given_thought)

    def _can_go_on(self) -> bool:
        """Whether the answer so far is words alone, in which nothing has begun that words cannot take up again."""
        if not self.reader.written.strip() or self.reader.has_calls or self.sent.schema is not None:
            return False
        return self.agent.manner.profile.can_continue or not self.reader.is_holding

    def _has_room(self, end: EndPart) -> bool:
        written = end.usage.completion_tokens if end.usage else self.agent.window.meter.count(self.reader.written)
        total = self.spent.usage.completion_tokens + written + self.written_before
        spent_s = self.agent.clock.monotonic() - self.spent.started_at
        return not self.agent.limits.reached(0, total, spent_s) and not self.agent.window.is_full(self._with_answer(()))

    def _was_all_thought(self) -> bool:
        has_said = self.reader.written.strip() and self.reader.text.strip()
        return bool(self.reader.thought) and not has_said and not self.reader.has_calls and not self.has_told_to_answer

    def _with_answer(self, more: tuple[Message, ...]) -> Request:
        return self._sent_with(Message(Role.ASSISTANT, self.reader.written), *more)

    def _sent_with(self, *more: Message) -> Request:
        """Return the request with further messages, and with no more room than the limits leave."""
        max_tokens = self.sent.max_tokens
        room = self.agent.limits.room(self.spent.usage.completion_tokens + self.written_before)
        if room is not None:
            max_tokens = max(1, room if max_tokens is None else min(max_tokens, room))
        return replace(self.sent, messages=(*self.sent.messages, *more), max_tokens=max_tokens)

    def _go_on(self, why: str, error: str, broken: Reading | None = None) -> Request:
        """Return the request that goes on; `broken` is the reading of an answer that did not come to an end."""
        text = f"{why} {error} It is taken up where it ended.".replace("  ", " ")
        self.agent.emit(ev.Notice(code="answer_resumed", text=text))
        self.written_before = self._count_all()
        if self.agent.manner.profile.can_continue and not self.reader.thought:
            return replace(self._with_answer(()), is_continued=True)
        if broken is not None:
            self.reader.settle(broken)
        self.reader.expect_repetition()
        return self._with_answer((Message(Role.USER, _GO_ON.format(why=why)),))

    def _answer_now(self) -> tuple[Request, Reading]:
        """Return the request that ends the thinking."""
        text = "The model thought for longer than it may; it is told to answer."
        self.agent.emit(ev.Notice(code="thought_too_long", text=text))
        self.has_told_to_answer = True
        self.reader.stop_counting()
        self.written_before = self._count_all()
        note = _ENOUGH.format(thought=self.reader.thought[-_THOUGHT_SHOWN_CHARS:].strip())
        asked = replace(self._sent_with(Message(Role.USER, note)), think=False)
        return asked, self.agent.manner.dialect.read(self.request)
