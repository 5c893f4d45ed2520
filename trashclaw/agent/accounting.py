"""Accounting: each request is entered in the ledger, and each answer held against what the cache should have done."""

from __future__ import annotations

from trashclaw.agent.agent import Agent
from trashclaw.agent.ledger import Break
from trashclaw.agent.losses import Loss
from trashclaw.agent.messages import Request
from trashclaw.protocol import events as ev
from trashclaw.protocol.usage import Timings, Usage


def enter(agent: Agent, request: Request, sent: Request) -> None:
    """Enter a request that goes into the conversation, as `sent` in the dialect's form; a break is told."""
    profile = agent.manner.profile
    model = f"{profile.provider}/{profile.model}"
    if found := agent.ledger.record(sent, request.tools, model=model):
        agent.reuse.note(found.cause)
        _tell_break(agent, sent, found, found.cause)
    agent.reuse.enter(request, sent, agent.ledger.entry, model=model)


def check_aside(agent: Agent, request: Request) -> None:
    """Hold a request beside the conversation, of which nothing stays in it, against what was sent last."""
    if found := agent.ledger.check_aside(request):
        cause = f"a request beside the conversation does not go on from it, {found.cause}"
        agent.reuse.note(cause)
        _tell_break(agent, request, found, cause)
    agent.reuse.step_aside()


def settle(
    agent: Agent,
    usage: Usage,
    timings: Timings,
    *,
    has_thought: bool,
    is_first: bool,
    is_alone: bool,
    is_told: bool = False,
) -> None:
    """Take the figures of an answer; what the server should have known and did not is told.

    `is_told`: the provider has said already what befell the model, and knows more of it than can be concluded here.
    """
    reuse = agent.reuse
    meter = agent.window.meter
    loss = reuse.settle(usage, timings, meter, has_thought=has_thought, is_first=is_first, is_alone=is_alone)
    if loss is not None and not is_told:
        _tell_loss(agent, loss)


def _tell_loss(agent: Agent, loss: Loss) -> None:
    hint = loss.hint(agent.manner.profile.provider)
    agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="cache_lost", text=loss.text(), hint=hint))


def _tell_break(agent: Agent, sent: Request, found: Break, cause: str) -> None:
    meter = agent.window.meter
    again = meter.estimate_messages(found.again)
    before = meter.estimate(Request(sent.messages[: max(0, found.place)], sent.tools)) if found.place >= 0 else 0
    if found.place < 0:
        again += meter.estimate(Request((), sent.tools))
    seconds = agent.reuse.speed.seconds_for(again)
    time = f", {seconds:.0f} s" if seconds is not None and seconds >= 1 else ""
    text = (
        f"The server has to read {found.lost_messages} messages again (about {again:,} tokens{time}), "
        f"from token {before:,} on: {cause}."
    )
    agent.emit(ev.Notice(level=ev.NoticeLevel.WARNING, code="ledger_break", text=text))
