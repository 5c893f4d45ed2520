"""From Enter to the first token, with and without the work of idle times, on the real llama.cpp server.

Three situations, each with a plain and a hybrid model: a session has just begun (the system prompt and all tools are
unread); a session is resumed (a new server knows nothing of it); a turn has filled the window, so that it has to be
compacted before the next one. Then a person reads for a while and presses Enter. Without `--read` what is waited for
is the end of the idle work and not the end of 30 seconds: nothing else happens in the rest of them.

Counted on the critical path: what the server evaluated, by its own figures, in every request from Enter to the first
token of the answer. The times are those of random weights that read about 15,000 tokens a second on one core.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.context_work import TASK, make_packages, working_calls
from benchmarks.context_world import Script, Watched, engine, watched
from benchmarks.measuring import Figure, scratch, told
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.speaker import Exchange, Kind, Speaker

LARGE, SMALL = 32_768, 8_192
_FEWER = 0.95
_NEXT = "Now tell me which places are left."
_REPLY = "Two places are left, both in the parser."
_LONG = " ".join(
    f"Place {number} of the packages is renamed, compiled and looked at once more." for number in range(44)
)
_IDLE_LIMIT_S = 60.0
_LOOK_S = 0.02
_TURN_STEPS = 20
_NEARLY_FULL = 0.68
"""Of the window: behind that, a long answer takes it past the high-water mark, and one more step would not."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is there when the person begins to read."""

    name: str
    n_ctx: int
    steps: int
    """Of the turn before; 0: there was none."""

    is_resumed: bool = False
    is_full: bool = False
    """The turn before ends as soon as its last answer takes the window past the high-water mark."""


class _Filling(Script):
    """Ends its turn with a long answer once the window is nearly full."""

    def was_heard(self, exchange: Exchange) -> None:
        """Go on to the next answer, or to the last but one."""
        super().was_heard(exchange)
        used = exchange.cached + exchange.evaluated + exchange.timings["predicted_n"]
        last = len(self.answers) - 2
        if used > SMALL * _NEARLY_FULL and self.place < last:
            self.place = last


SITUATIONS = (
    Situation("session start", LARGE, 0),
    Situation("resumed session", LARGE, _TURN_STEPS, is_resumed=True),
    Situation("full window", SMALL, 40, is_full=True),
)


@dataclass(frozen=True, slots=True)
class Entered:
    """What came between Enter and the first token."""

    evaluated: int
    first_s: float
    ahead: int
    """What was evaluated before Enter, by the idle work."""

    compactions: int


def measure(runs: int, read_s: float | None = None) -> list[Figure]:
    """Measure every situation so many times, with and without the idle work."""
    figures: list[Figure] = []
    with scratch() as folder:
        for kind in ("plain", "hybrid"):
            for situation in SITUATIONS:
                place = folder / f"{kind}-{situation.name}".replace(" ", "-")
                made = Place(place, folder, situation, kind == "hybrid")
                asyncio.run(made.prepare())
                sides = {
                    is_on: [asyncio.run(made.enter(is_on=is_on, read_s=read_s)) for _ in range(runs)]
                    for is_on in (False, True)
                }
                figures.append(_figure(situation, kind, sides[False], sides[True]))
    return figures


def _figure(situation: Situation, kind: str, without: Sequence[Entered], with_it: Sequence[Entered]) -> Figure:
    before, after = (statistics.median(one.evaluated for one in side) for side in (without, with_it))
    fewer = 1 - after / before
    seconds = [statistics.median(one.first_s for one in side) for side in (without, with_it)]
    made = with_it[0].compactions, without[0].compactions
    return Figure(
        name=f"Enter to first token, {situation.name}, {kind} model: tokens evaluated",
        target=f"{_FEWER:.0%} fewer",
        measured=f"{before:,.0f} without idle work, {after:,.0f} with it: {fewer:.1%} fewer",
        is_pass=fewer >= _FEWER,
        notes=(
            f"first token after {seconds[0] * 1000:,.0f} ms without, {seconds[1] * 1000:,.0f} ms with it",
            f"evaluated while idle: {with_it[0].ahead:,}",
            *([f"compactions in all: {made[1]} without, {made[0]} with it"] if any(made) else []),
        ),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """A situation that can be gone into again and again."""

    folder: Path
    models: Path
    situation: Situation
    is_hybrid: bool

    async def prepare(self) -> None:
        """Make the repository; where the session is a resumed one, its first turn too."""
        root = self.folder / "before" / "packages"
        root.mkdir(parents=True)
        make_packages(root)
        if self.situation.is_resumed:
            with self._engine() as running, Speaker(running, self._script(root)) as speaker:
                async with watched(root, speaker, has_person=True) as session:
                    await session.turn(TASK)

    async def enter(self, *, is_on: bool, read_s: float | None) -> Entered:
        """Go into the situation, read, press Enter, and tell what came until the first token."""
        place = self.folder / "run"
        shutil.copytree(self.folder / "before", place, symlinks=True)
        root, situation = place / "packages", self.situation
        script = self._script(self.folder / "before" / "packages")
        if situation.is_resumed:
            script.place = situation.steps + 1
        with self._engine() as running, Speaker(running, script) as speaker:
            resume = "last" if situation.is_resumed else None
            settings = {"context": {"read_ahead": is_on}}
            async with watched(root, speaker, settings, has_person=True, resume=resume) as session:
                if situation.steps and not situation.is_resumed:
                    await session.turn(TASK)
                turns = sum(exchange.kind is Kind.MAIN for exchange in speaker.exchanges)
                await _read(running, speaker, turns, is_on=is_on, read_s=read_s)
                found = await _press_enter(session, speaker, turns)
        shutil.rmtree(place)
        return found

    def _engine(self) -> AbstractContextManager[Engine]:
        return engine(self.models, is_hybrid=self.is_hybrid, n_ctx=self.situation.n_ctx)

    def _script(self, root: Path) -> Script:
        situation = self.situation
        calls = [call.text for call in working_calls(root, situation.steps)]
        if situation.is_full:
            return _Filling([*calls, _LONG, _REPLY], (TASK, _NEXT))
        return Script([*calls, *([_REPLY] if calls else []), _REPLY], (TASK, _NEXT))


async def _read(running: Engine, speaker: Speaker, turns: int, *, is_on: bool, read_s: float | None) -> None:
    """Read for so long, or until the idle work is done."""
    if read_s is not None:
        await asyncio.sleep(read_s)
    elif is_on:
        await asyncio.to_thread(_await_ahead, speaker, turns)
    await asyncio.to_thread(running.await_idle)


def _await_ahead(speaker: Speaker, turns: int) -> None:
    """Wait until something was read ahead behind so many steps.

    Raises:
        TimeoutError: there was no idle work, or no end of it.
    """
    deadline = time.monotonic() + _IDLE_LIMIT_S
    while not any(one.kind is Kind.AHEAD and one.is_whole for one in _behind(speaker, turns)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing was read ahead in {_IDLE_LIMIT_S:.0f} s")
        time.sleep(_LOOK_S)


async def _press_enter(session: Watched, speaker: Speaker, turns: int) -> Entered:
    idle = list(_behind(speaker, turns))
    entered_at = time.monotonic()
    await session.turn(_NEXT)
    later = list(_behind(speaker, turns))[len(idle) :]
    answer = next(one for one in later if one.kind is Kind.MAIN and one.first_at is not None)
    assert answer.first_at is not None
    waited_for = later[: later.index(answer) + 1]
    return Entered(
        evaluated=sum(one.evaluated for one in waited_for),
        first_s=answer.first_at - entered_at,
        ahead=sum(one.evaluated for one in idle),
        compactions=len(session.compactions),
    )


def _behind(speaker: Speaker, turns: int) -> Iterator[Exchange]:
    """Yield the exchanges behind the first so many steps."""
    seen = 0
    for exchange in list(speaker.exchanges):
        if seen >= turns:
            yield exchange
        seen += exchange.kind is Kind.MAIN


def main() -> int:
    """Print the figures; with `--check`, exit 1 when one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often (default 3)")
    parser.add_argument("--read", type=float, metavar="S", help="read for so many seconds, whatever the idle work does")
    parser.add_argument("--check", action="store_true", help="exit 1 when a target is missed")
    options = parser.parse_args()
    figures = measure(options.runs, options.read)
    return told(figures, is_checked=options.check)


if __name__ == "__main__":
    sys.exit(main())
