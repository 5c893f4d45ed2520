"""Counting: what a server says that a request was, what can be believed of it, and what it did not say."""

from __future__ import annotations

import asyncio

from trashclaw.agent.agent import Agent
from trashclaw.agent.messages import Request
from trashclaw.agent.step import AnswerReader
from trashclaw.agent.suspicion import Finding, Suspicion
from trashclaw.protocol import events as ev
from trashclaw.protocol.errors import ProviderError
from trashclaw.protocol.usage import Usage

_TOLD_TOKENS = 1_024
"""Of a smaller request nothing is told: no server cuts it."""

_COUNT_LIMIT_S = 5.0


async def count_exactly(agent: Agent, sent: Request) -> None:
    """Have the server count a request where that can decide what becomes of it, and the first one of a session.

    It is asked only where it counts exactly and cheaply; that it fails does not matter.
    """
    profile, window = agent.manner.profile, agent.window
    is_first = not window.meter.has_counted and not profile.is_remote
    if not profile.counts_tokens or not (is_first or window.is_unsure(sent)):
        return
    try:
        async with asyncio.timeout(_COUNT_LIMIT_S):
            counted = await agent.provider.count_tokens(sent)
    except (ProviderError, TimeoutError):
        return
    if counted is not None:
        window.meter.learn(sent, counted, is_exact=True)


def believed(agent: Agent, sent: Request, usage: Usage) -> Usage:
    """Learn from what a server says of a request and its answer, and return what can be believed of it.

    Where it has counted only what was new to it, the rest is added. A prompt that it has cut is told, once a session.
    """
    meter = agent.window.meter
    found = meter.suspect(sent, usage)
    meter.learn(sent, usage.prompt_tokens, usage.completion_tokens)
    if found is None or found.expected < _TOLD_TOKENS:
        return usage
    if found.finding is Finding.CUT:
        _tell_cut(agent, found)
        return usage
    known = usage.cached_tokens
    if known is None and found.finding is Finding.NEW_ALONE:
        known = found.expected - found.counted
    sizes = {"prompt_tokens": found.expected, "cached_tokens": known, "is_estimate": True}
    return usage.model_copy(update=sizes)


def unfinished(agent: Agent, sent: Request, reader: AnswerReader) -> Usage:
    """Return what an answer that did not come to its end has cost, as far as that is known: an estimate.

    Until the answer begins, nobody says how much of the request the server has read.
    """
    if not reader.has_begun:
        return Usage()
    meter = agent.window.meter
    written = meter.count(reader.written + reader.given_thought)
    return Usage(prompt_tokens=meter.estimate(sent), completion_tokens=written, is_estimate=True)


def _tell_cut(agent: Agent, found: Suspicion) -> None:
    if agent.has_told_cut:
        return
    agent.has_told_cut = True
    text = (
        f"The server has read {found.counted} tokens of a prompt of about {found.expected}: "
        "it cut the rest off without a word, and the model does not know it."
    )
    hint = (
        f"Its window seems to be smaller than the {agent.window.limit_tokens} tokens that it tells. Start it with a "
        "larger one, or tell trashclaw the real one with --num-ctx; then go on with /compact, or afresh with /new."
    )
    agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="prompt_cut", text=text, hint=hint))
