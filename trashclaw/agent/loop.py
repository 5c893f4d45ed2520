"""The loop: ask the model, run what it calls, look back, look in the inbox, until the turn ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from trashclaw.agent.agent import Agent, Spent
from trashclaw.agent.asking import ask
from trashclaw.agent.calling import run_calls
from trashclaw.agent.inbox import message_id
from trashclaw.agent.ladder import Ladder
from trashclaw.agent.looking_back import look_back, possible_rungs
from trashclaw.agent.messages import EndReason
from trashclaw.agent.step import Answer
from trashclaw.agent.switching import to_thinking
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ProviderError, TrashclawError
from trashclaw.protocol.ids import EntryId
from trashclaw.protocol.items import UserMessage

_EMPTY = "Your last answer was empty. Go on with the task: call a tool, or say in words what you found or need."
_THOUGHT = (
    "You only thought: nothing of that reached the user, and nothing was done. "
    "Now act on it: call a tool, or answer in words."
)
_EMPTY_AT_MOST = 2


async def run_turn(agent: Agent, prompt: UserMessage, earlier: frozenset[EntryId] | None = None) -> ev.TurnCompleted:
    """Run one turn from the prompt to its stop reason; the event returned has been emitted.

    `earlier` is what waited in the inbox before the prompt was said; by default all that is there.

    Cancelling the task interrupts the turn: it is closed as `cancelled` and the event returned all the same.
    """
    ladder = Ladder(agent.ladder_limits, lambda: possible_rungs(agent), agent.plan())
    spent = Spent(agent.clock.monotonic(), ladder, task=prompt.text)
    agent.failures.begin()
    agent.failed_dialects.clear()
    error: ev.ErrorInfo | None = None
    agent.emit(ev.TurnStarted())
    try:
        # What was said to a turn that was interrupted before it could read it comes first.
        _say_queued(agent, agent.inbox.take_steers(earlier))
        _say(agent, prompt)
        reason = await _in_time(agent, spent)
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
        usage=spent.usage,
        error=error,
        steps=spent.steps,
        duration_s=round(agent.clock.monotonic() - spent.started_at, 3),
    )
    agent.emit(done)
    return done


async def _in_time(agent: Agent, spent: Spent) -> ev.StopReason:
    """Take steps until the turn ends, or its time is up in the middle of one, which is interrupted then."""
    try:
        async with asyncio.timeout(agent.limits.time_s) as limit:
            return await _steps(agent, spent)
    except TimeoutError:
        if not limit.expired():
            raise
    text = f"Stopped: the limit of {agent.limits.time_s:g} s is reached, in the middle of a step."
    agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="limit", text=text))
    return ev.StopReason.LIMIT


async def _steps(agent: Agent, spent: Spent) -> ev.StopReason:
    is_over = False
    while True:
        spent_s = agent.clock.monotonic() - spent.started_at
        if reached := agent.limits.reached(spent.steps, spent.usage.completion_tokens, spent_s):
            agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="limit", text=f"Stopped: {reached}."))
            return ev.StopReason.LIMIT
        if _say_queued(agent, agent.inbox.take_next() if is_over else agent.inbox.take_steers()):
            spent.ladder.steered()
        answer, goes_on = await _step(agent, spent)
        if not goes_on or (answer.is_empty and not _nudge(agent, spent, answer)):
            return ev.StopReason.STALLED
        is_over = not (answer.calls or answer.is_empty)
        is_cut = answer.end.reason is EndReason.LENGTH
        if is_over and agent.inbox.is_empty and not (is_cut and agent.limits.room(spent.usage.completion_tokens) == 0):
            return ev.StopReason.END_TURN


async def _step(agent: Agent, spent: Spent) -> tuple[Answer, bool]:
    """Take a step; return its answer, and whether the turn may go on."""
    spent.steps += 1
    agent.emit(ev.StepStarted(step=spent.steps, limit=agent.limits.steps))
    asked = await ask(agent, spent)
    answer = asked.answer
    spent.empty_answers = spent.empty_answers + 1 if answer.is_empty else 0
    runs = await run_calls(agent, spent, asked)
    usage = asked.usage + spent.take_aside()
    spent.usage = spent.usage + usage
    agent.emit(ev.StepCompleted(step=spent.steps, usage=usage, timings=asked.timings))
    await _verify_window(agent)
    return answer, await look_back(agent, spent, answer, runs)


async def _verify_window(agent: Agent) -> None:
    """Ask once, when the model is loaded, for the window that it really got; a server that fails now says nothing."""
    if not agent.window.is_verified:
        try:
            profile = await agent.provider.profile()
        except ProviderError:
            return
        was_assumed = agent.manner.profile.is_limit_assumed and not profile.is_limit_assumed
        agent.window.verify(profile.limit_tokens, was_assumed=was_assumed)


def _nudge(agent: Agent, spent: Spent, answer: Answer) -> bool:
    """Tell the model that it said nothing; one that only thinks is kept from thinking; then `False`."""
    if spent.empty_answers > _EMPTY_AT_MOST or (spent.empty_answers == _EMPTY_AT_MOST and not answer.is_thought_alone):
        text = "The model answered nothing, twice." if not answer.is_thought_alone else "The model only thinks."
        hint = "Rephrase the task, or try another model with /model."
        agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="empty_answer", text=text, hint=hint))
        return False
    can_stop = agent.may_switch and agent.manner.profile.has_thinking
    if answer.is_thought_alone and spent.empty_answers == _EMPTY_AT_MOST and can_stop:
        to_thinking(agent, False, "it only thought, twice")
    text = _THOUGHT if answer.is_thought_alone else _EMPTY
    agent.emit(ev.Notice(level=ev.NoticeLevel.INFO, code="empty_answer", text=text, to_model=True))
    return True


def _say_queued(agent: Agent, entries: Iterable[ev.QueuedInput]) -> bool:
    """Say what the person has queued; return whether there was anything."""
    has_spoken = False
    for entry in entries:
        has_spoken = True
        message = UserMessage(
            item_id=message_id(entry),
            text=entry.text,
            attached=entry.attached,
            origin=entry.origin,
            entry_id=entry.entry_id,
        )
        _say(agent, message)
    return has_spoken


def _say(agent: Agent, message: UserMessage) -> None:
    agent.emit(ev.ItemStarted(item=message))
    agent.emit(ev.ItemCompleted(item=message))
