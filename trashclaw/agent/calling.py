"""Calling: the calls of one answer are healed and run in order, until the person says something new."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial

from trashclaw.agent.agent import Agent, Spent
from trashclaw.agent.asking import Asked, ask_aside
from trashclaw.agent.healing.calls import HealedCall
from trashclaw.agent.healing.reask import reask
from trashclaw.agent.messages import EndReason
from trashclaw.agent.repeats import duplicates
from trashclaw.agent.step import Answer
from trashclaw.protocol.items import ToolRun
from trashclaw.protocol.tools import ToolStatus

_SKIPPED = "Not run: the user said something new first. Read it, then decide what is still needed."
_TWICE = "Not run: the same call stands above in this answer; see its result."
_INTERRUPTED = "Not run: the turn was interrupted first."
_ASKED_AGAIN_AT_MOST = 3
"""So many calls of one answer; a model that writes more of them badly is told so, and writes the answer anew."""


async def run_calls(agent: Agent, spent: Spent, asked: Asked) -> tuple[ToolRun, ...]:
    """Run the calls of an answer and return what became of them.

    A cancelled run completes every call before the error goes on.
    """
    answer = asked.answer
    is_cut = answer.end.reason is EndReason.LENGTH
    last = len(answer.calls) - 1
    healed = [agent.toolbox.heal(draft, is_cut=is_cut and place == last) for place, draft in enumerate(answer.calls)]
    twice = duplicates(healed)
    runs: list[ToolRun] = []
    asks_left = _ASKED_AGAIN_AT_MOST
    for place, call in enumerate(healed):
        if place in twice:
            runs += _skip(agent, [call], ToolStatus.SKIPPED, _TWICE)
            continue
        if agent.inbox.has_steer:
            return (*runs, *_skip(agent, healed[place:], ToolStatus.SKIPPED, _SKIPPED))
        try:
            if call.can_reask and asks_left:
                asks_left -= 1
                call = await _ask_again(agent, spent, asked, call)
        except asyncio.CancelledError:
            _skip(agent, healed[place:], ToolStatus.CANCELLED, _INTERRUPTED)
            raise
        try:
            runs.append(await _run(agent, answer, call))
        except asyncio.CancelledError:
            _skip(agent, healed[place + 1 :], ToolStatus.CANCELLED, _INTERRUPTED)
            raise
    return tuple(runs)


async def _ask_again(agent: Agent, spent: Spent, asked: Asked, healed: HealedCall) -> HealedCall:
    """Ask the model once more for arguments that could not be read; not where a limit of the turn is reached."""
    written = (spent.usage + spent.aside + asked.usage).completion_tokens
    room, spent_s = agent.limits.room(written), agent.clock.monotonic() - spent.started_at
    if agent.limits.reached(0, written, spent_s):
        return healed
    sent = asked.sent if room is None else replace(asked.sent, max_tokens=min(room, asked.sent.max_tokens or room))
    aside = partial(ask_aside, agent, spent)
    can_constrain = agent.manner.profile.can_constrain
    return await reask(healed, sent, asked.answer.text, aside, agent.toolbox, can_constrain=can_constrain)


async def _run(agent: Agent, answer: Answer, healed: HealedCall) -> ToolRun:
    agent.measurements.take_call(healed)
    if words := agent.failures.needs_words(healed.call, answer.text, answer.thought):
        return agent.dispatcher.skip(healed, ToolStatus.FAILED, words)
    return await agent.dispatcher.run(healed)


def _skip(agent: Agent, calls: list[HealedCall], status: ToolStatus, text: str) -> list[ToolRun]:
    return [agent.dispatcher.skip(call, status, text) for call in calls]
