"""The loop: ask the model, run what it calls, look in the inbox, until the turn ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from trashclaw.agent.dispatch import Dispatcher
from trashclaw.agent.healing.calls import HealedCall
from trashclaw.agent.healing.toolbox import Toolbox
from trashclaw.agent.history import History
from trashclaw.agent.inbox import Inbox
from trashclaw.agent.ledger import Ledger
from trashclaw.agent.limits import Limits
from trashclaw.agent.messages import EndReason, Request
from trashclaw.agent.ports import Clock, Emit, Provider
from trashclaw.agent.step import Answer, AnswerReader
from trashclaw.agent.window import ContextWindow
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ContextOverflow, ProviderError, TrashclawError
from trashclaw.protocol.ids import ItemId, new_id
from trashclaw.protocol.items import UserMessage
from trashclaw.protocol.plan import Plan
from trashclaw.protocol.tools import ToolStatus
from trashclaw.protocol.usage import Timings, Usage

_EMPTY = "Your last answer was empty. Go on with the task: call a tool, or say in words what you found or need."
_SKIPPED = "Not run: the user said something new first. Read it, then decide what is still needed."


@dataclass(slots=True)
class Agent:
    """All that a turn needs; put together by the session."""

    provider: Provider
    toolbox: Toolbox
    dispatcher: Dispatcher
    history: History
    """Folds every event that `emit` takes."""

    window: ContextWindow
    ledger: Ledger
    inbox: Inbox
    emit: Emit
    clock: Clock
    limits: Limits
    plan: Callable[[], Plan]
    temperature: float | None = None
    think: bool | str | None = None


@dataclass(slots=True)
class _Progress:
    """What a turn has used up."""

    started_at: float
    steps: int = 0
    usage: Usage = field(default_factory=Usage)
    empty_answers: int = 0


async def run_turn(agent: Agent, prompt: UserMessage) -> ev.TurnCompleted:
    """Run one turn from the prompt to its stop reason; the event returned has been emitted.

    Cancelling the task interrupts the turn: it is closed as `cancelled` and the event returned all the same.
    """
    used = _Progress(agent.clock.monotonic())
    error: ev.ErrorInfo | None = None
    agent.emit(ev.TurnStarted())
    try:
        # What was said to a turn that was interrupted before it could read it comes first.
        _say_queued(agent, agent.inbox.take_steers())
        _say(agent, prompt)
        reason = await _steps(agent, used)
    except asyncio.CancelledError:
        reason = ev.StopReason.CANCELLED
    except TrashclawError as failure:
        reason = ev.StopReason.ERROR
        error = ev.ErrorInfo(code=failure.code, text=failure.text, hint=failure.hint)
    except Exception as failure:
        reason = ev.StopReason.ERROR
        text = f"{type(failure).__name__}: {failure}"
        error = ev.ErrorInfo(code="internal", text=text, hint="This is a fault of trashclaw; please report it.")
    done = ev.TurnCompleted(
        stop_reason=reason,
        usage=used.usage,
        error=error,
        steps=used.steps,
        duration_s=round(agent.clock.monotonic() - used.started_at, 3),
    )
    agent.emit(done)
    return done


async def _steps(agent: Agent, used: _Progress) -> ev.StopReason:
    is_over = False
    while True:
        spent_s = agent.clock.monotonic() - used.started_at
        if reached := agent.limits.reached(used.steps, used.usage.completion_tokens, spent_s):
            agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="limit", text=f"Stopped: {reached}."))
            return ev.StopReason.LIMIT
        _say_queued(agent, agent.inbox.take_next() if is_over else agent.inbox.take_steers())
        answer = await _step(agent, used)
        if answer.is_empty and not _nudge(agent, used):
            return ev.StopReason.STALLED
        is_over = not (answer.calls or answer.is_empty)
        is_cut = answer.end.reason is EndReason.LENGTH
        if is_over and agent.inbox.is_empty and not (is_cut and agent.limits.room(used.usage.completion_tokens) == 0):
            return ev.StopReason.END_TURN


async def _step(agent: Agent, used: _Progress) -> Answer:
    used.steps += 1
    agent.emit(ev.StepStarted(step=used.steps))
    answer, usage, timings = await _ask(agent, used)
    used.usage = used.usage + usage
    used.empty_answers = used.empty_answers + 1 if answer.is_empty else 0
    await _run_calls(agent, answer)
    agent.emit(ev.StepCompleted(step=used.steps, usage=usage, timings=timings))
    await _verify_window(agent)
    return answer


async def _verify_window(agent: Agent) -> None:
    """Ask once, when the model is loaded, for the window that it really got; a server that fails now says nothing."""
    if not agent.window.is_verified:
        try:
            profile = await agent.provider.profile()
        except ProviderError:
            return
        agent.window.verify(profile.limit_tokens)


async def _ask(agent: Agent, used: _Progress) -> tuple[Answer, Usage, Timings]:
    """Send the window and read the answer; a window that turns out too large is compacted once."""
    request = _fit(agent, used)
    for is_last_try in (False, True):
        _enter(agent, request)
        try:
            return await _read(agent, request)
        except ContextOverflow as overflow:
            if overflow.limit:
                agent.window.limit_tokens = min(agent.window.limit_tokens, overflow.limit)
            if overflow.prompt_tokens:
                agent.window.meter.learn(request, overflow.prompt_tokens)
            if is_last_try or not _compact(agent):
                raise
            request = _request(agent, used)
    raise AssertionError("unreachable")


def _fit(agent: Agent, used: _Progress) -> Request:
    request = _request(agent, used)
    if agent.window.is_full(request) and _compact(agent):
        request = _request(agent, used)
    agent.window.check(request)
    return request


def _compact(agent: Agent) -> bool:
    if not agent.window.compact(agent.history, agent.plan()):
        return False
    agent.ledger.rebase()
    return True


def _request(agent: Agent, used: _Progress) -> Request:
    room = agent.limits.room(used.usage.completion_tokens)
    return Request(
        messages=agent.history.messages,
        tools=agent.toolbox.specs,
        max_tokens=agent.window.answer_tokens if room is None else min(agent.window.answer_tokens, room),
        temperature=agent.temperature,
        think=agent.think,
    )


def _enter(agent: Agent, request: Request) -> None:
    if found := agent.ledger.record(request):
        text = f"The server has to read {found.lost_messages} messages again: {found.cause}."
        agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="ledger_break", text=text))
    estimate = agent.window.meter.estimate(request)
    agent.window.measured(estimate, None, is_estimate=True)
    agent.emit(ev.Progress(phase=ev.Phase.CONNECTING, total=estimate))


async def _read(agent: Agent, request: Request) -> tuple[Answer, Usage, Timings]:
    started_at = agent.clock.monotonic()
    reader = AnswerReader(agent.emit, agent.clock)
    answer = await reader.read(agent.provider.stream(request))
    total_s = agent.clock.monotonic() - started_at
    given = answer.end.timings
    timings = given.model_copy(update={"total_s": round(total_s, 4), "first_token_s": answer.first_token_s})
    usage = answer.end.usage
    if usage is None or usage.prompt_tokens == 0:
        written = agent.window.meter.count(answer.text + answer.thought)
        estimate = agent.window.meter.estimate(request)
        usage = Usage(prompt_tokens=estimate, completion_tokens=written, is_estimate=True)
    else:
        agent.window.meter.learn(request, usage.prompt_tokens)
    used_tokens = usage.prompt_tokens + usage.completion_tokens
    agent.window.measured(used_tokens, usage.cached_tokens, is_estimate=usage.is_estimate)
    if answer.end.reason is EndReason.LENGTH:
        text = "The answer was cut: it reached the room that was left for it."
        agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="answer_cut", text=text))
    return answer, usage, timings


async def _run_calls(agent: Agent, answer: Answer) -> None:
    healed = [agent.toolbox.heal(draft) for draft in answer.calls]
    for place, call in enumerate(healed):
        if agent.inbox.has_steer:
            _skip_rest(agent, healed[place:], ToolStatus.SKIPPED, _SKIPPED)
            return
        try:
            await agent.dispatcher.run(call)
        except asyncio.CancelledError:
            _skip_rest(agent, healed[place + 1 :], ToolStatus.CANCELLED, "The user interrupted before this ran.")
            raise


def _skip_rest(agent: Agent, calls: list[HealedCall], status: ToolStatus, text: str) -> None:
    for call in calls:
        agent.dispatcher.skip(call, status, text)


def _nudge(agent: Agent, used: _Progress) -> bool:
    """Tell the model once that it said nothing; `False` the second time."""
    if used.empty_answers > 1:
        text = "The model answered nothing, twice."
        hint = "Rephrase the task, or try another model with /model."
        agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="empty_answer", text=text, hint=hint))
        return False
    agent.emit(ev.Notice(level=ev.NoticeLevel.INFO, code="empty_answer", text=_EMPTY, to_model=True))
    return True


def _say_queued(agent: Agent, entries: Iterable[ev.QueuedInput]) -> None:
    for entry in entries:
        message = UserMessage(
            item_id=ItemId(new_id("item")),
            text=entry.text,
            attached=entry.attached,
            origin=entry.origin,
            entry_id=entry.entry_id,
        )
        _say(agent, message)


def _say(agent: Agent, message: UserMessage) -> None:
    agent.emit(ev.ItemStarted(item=message))
    agent.emit(ev.ItemCompleted(item=message))
