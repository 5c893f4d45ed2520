"""Fitting: from the window to a request that the server will not cut."""

from __future__ import annotations

from dataclasses import dataclass

from trashclaw.agent.agent import Agent, Spent
from trashclaw.agent.counting import count_exactly
from trashclaw.agent.messages import Request
from trashclaw.agent.summarising import summarise
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ContextOverflow
from trashclaw.protocol.items import CompactionTrigger

_LEAST_WINDOW_TOKENS = 512
"""No server's window is smaller; one that says so is not believed."""


@dataclass(frozen=True, slots=True)
class Ready:
    """What is asked."""

    request: Request
    sent: Request
    """As the dialect renders it."""


async def fit(agent: Agent, spent: Spent) -> Ready:
    """Return the next request; the window is compacted first where it is full.

    Raises:
        ContextOverflow: it does not fit all the same.
    """
    ready = prepare(agent, spent)
    await count_exactly(agent, ready.sent)
    if agent.window.is_full(ready.sent) and await compact(agent, CompactionTrigger.FULL):
        ready = prepare(agent, spent)
        await count_exactly(agent, ready.sent)
    agent.window.check(ready.sent, agent.history)
    return ready


def prepare(agent: Agent, spent: Spent) -> Ready:
    """Return the request that the history makes."""
    room = agent.limits.room(spent.usage.completion_tokens)
    request = Request(
        messages=agent.history.messages,
        tools=agent.manner.tools,
        max_tokens=agent.window.answer_tokens if room is None else min(agent.window.answer_tokens, room),
        temperature=agent.temperature,
        think=agent.manner.think,
    )
    return Ready(request, agent.manner.dialect.render(request))


async def compact(agent: Agent, trigger: CompactionTrigger) -> bool:
    """Compact the window; `False` when too little could be freed.

    Raises:
        ContextOverflow: it was done three times running, and is full again; not where the person asks for it.
    """
    if trigger is not CompactionTrigger.ASKED:
        agent.window.refuse_circle(agent.history)
    cut = agent.window.plan_cut(agent.history, agent.plan())
    if cut is None:
        return False
    summary = await summarise(agent, cut, trigger)
    item = cut.item(trigger, summary.text, is_by_model=summary.text is not None)
    agent.window.land(item.model_copy(update={"usage": summary.usage}))
    agent.ledger.rebase()
    tell_size(agent)
    if summary.fault:
        text = f"What was left out is summed up from the log; the model's own summary was not used: {summary.fault}."
        agent.emit(ev.Notice(code="summary_unused", text=text))
    return True


def tell_size(agent: Agent) -> None:
    """Tell how full the window is now that something else is in it, before anything of it is sent."""
    sent = agent.manner.dialect.render(Request(agent.history.messages, agent.manner.tools))
    reuse = agent.reuse
    agent.window.measured(
        agent.window.meter.estimate(sent),
        None,
        is_estimate=True,
        reread_tokens=reuse.reread_tokens,
        reread_s=reuse.reread_s,
    )


def learn_overflow(agent: Agent, sent: Request, overflow: ContextOverflow) -> None:
    """Take the figures of a server that refused a request as too large."""
    if overflow.limit and overflow.limit >= _LEAST_WINDOW_TOKENS:
        agent.window.limit_tokens = min(agent.window.limit_tokens, overflow.limit)
    if overflow.prompt_tokens:
        agent.window.meter.learn(sent, overflow.prompt_tokens)
