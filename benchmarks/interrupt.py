"""From an interrupt to idle, through a real session: while the model streams, and while a command runs.

The command has a child that ignores SIGTERM; it must be gone when the session is idle. Idle means that the turn is
closed in the log and the session takes the next turn; that the files are remembered for undo may end later.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Figure, Spread, run, scratch
from benchmarks.places import make_repository
from trashclaw.config.schema import Settings
from trashclaw.protocol.events import Channel, ItemDelta, StopReason, TurnCompleted
from trashclaw.protocol.ops import TurnInterrupt, TurnStart
from trashclaw.providers.script import Script, ScriptedCall, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.bus import Subscription
from trashclaw.session.session import Session

LIMIT_MS = 100.0
DEATH_LIMIT_S = 1.0
SLEEPER = f"sleep 60.{os.getpid():08}"
"""Told from every other process by its arguments: in the sandbox a process does not know its number outside."""

STUBBORN = f"(trap '' TERM; echo asleep; exec {SLEEPER}) & sleep 60"
STREAMING = ScriptedStep(text="word " * 100_000, tokens_per_s=500, hold=True)
RUNNING = ScriptedStep(text="Running it.", calls=(ScriptedCall(name="bash", arguments={"command": STUBBORN}),))


def measure(runs: int) -> list[Figure]:
    """Interrupt as many turns of each kind."""
    with scratch() as folder:
        make_repository(folder / "repository")
        streaming = asyncio.run(_interrupts(folder, STREAMING, Channel.TEXT, runs))
        running = asyncio.run(_interrupts(folder, RUNNING, Channel.OUTPUT, runs))
    return [_figure("while streaming", streaming), _figure("while a command runs whose child ignores SIGTERM", running)]


def _figure(when: str, spread: Spread) -> Figure:
    p50, p99 = spread.percentile(50), spread.percentile(99)
    return Figure(
        name=f"interrupt to idle, {when}",
        target=f"{LIMIT_MS:g} ms or less",
        measured=f"p50 {p50:.0f} ms, p99 {p99:.0f} ms",
        is_pass=p99 <= LIMIT_MS,
        notes=(str(spread),),
    )


async def _interrupts(folder: Path, step: ScriptedStep, channel: Channel, runs: int) -> Spread:
    """Run and interrupt one turn after the other in one session; the first is not counted."""
    provider = ScriptedProvider(Script(limit_tokens=1_000_000, steps=(step,) * (runs + 1)))
    settings = Settings(allow_write=True, allow_shell=True)
    opening = Opening(folder / "repository", settings, can_ask=False, provider=provider, state=folder / channel.value)
    session = await open_session(opening)
    try:
        return Spread(tuple([await _interrupt(session, channel) for _ in range(runs + 1)][1:]))
    finally:
        await session.aclose()


async def _interrupt(session: Session, channel: Channel) -> float:
    subscription = session.subscribe()
    session.submit(TurnStart(text="Go."))
    await _wait_for(subscription, channel)
    began = time.perf_counter()
    session.submit(TurnInterrupt())
    async with asyncio.timeout(30):
        async for envelope in subscription:
            if isinstance(envelope.event, TurnCompleted):
                break
    if session.is_running:
        raise RuntimeError("The turn is over, and another one is not taken.")
    spent_ms = (time.perf_counter() - began) * 1000
    if not isinstance(envelope.event, TurnCompleted) or envelope.event.stop_reason is not StopReason.CANCELLED:
        raise RuntimeError(f"The turn was not cancelled: {envelope.event}")
    if channel is Channel.OUTPUT:
        await asyncio.to_thread(_wait_for_death)
    session.unsubscribe(subscription)
    await session.wait_idle()
    return spent_ms


async def _wait_for(subscription: Subscription, channel: Channel) -> None:
    """Wait until something comes through a channel."""
    async with asyncio.timeout(30):
        async for envelope in subscription:
            event = envelope.event
            if isinstance(event, ItemDelta) and event.channel is channel:
                return
            if isinstance(event, TurnCompleted):
                raise RuntimeError(f"The turn ended by itself: {event}")
    raise RuntimeError("The session ended.")


def _wait_for_death() -> None:
    """Make sure that the child which was killed is gone, or at least a zombie that nobody has reaped."""
    deadline = time.perf_counter() + DEATH_LIMIT_S
    command: Sequence[str] = ("ps", "-eo", "stat=,args=")
    while time.perf_counter() < deadline:
        said = subprocess.run(command, capture_output=True, text=True, timeout=10).stdout.splitlines()
        if not any(line.endswith(SLEEPER) and not line.startswith("Z") for line in said):
            return
    raise RuntimeError("The command's child still lives.")


if __name__ == "__main__":
    sys.exit(run(measure, runs=30, description=__doc__))
