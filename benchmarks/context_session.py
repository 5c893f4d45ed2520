"""The errand of `context_work`, carried out in one turn of a real session, and what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.context_counts import Totals, count, evaluated_by_metrics
from benchmarks.context_work import FINAL, TASK, make_packages, working_calls
from benchmarks.context_world import Script, Watched, engine, watched
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.speaker import Exchange, Kind, Speaker
from trashclaw.protocol.events import StopReason
from trashclaw.protocol.items import AgentMessage, Compaction
from trashclaw.protocol.tools import ToolStatus

_LISTED_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class Worked:
    """A session that was carried out."""

    totals: Totals
    steps: int
    exchanges: tuple[Exchange, ...]
    compactions: tuple[Compaction, ...]
    steps_compacted: tuple[int, ...]
    ledger_breaks: tuple[str, ...]
    """What the session's own ledger complained of."""

    is_finished: bool
    """Whether every step was done, none of its calls failed, and the last words are the script's."""

    trouble: str
    """Why it is not finished."""

    metrics_tokens: int
    """Prompt tokens evaluated, by the server's `/metrics`."""

    refusals: int
    """Requests that the server did not answer."""

    @property
    def unexplained(self) -> list[int]:
        """Steps whose requests do not begin with the whole of the one before, where nothing was compacted."""
        return [step for step in self.totals.breaks if step not in self.steps_compacted]

    @property
    def notes(self) -> tuple[str, ...]:
        """Where the tokens went."""
        totals = self.totals
        parts = [f"{kind} {sum(one.evaluated for one in totals.counted if one.kind is kind):,}" for kind in self.kinds]
        said = [f"evaluated {totals.evaluated:,} ({', '.join(parts)}; /metrics: {self.metrics_tokens:,})"]
        said.append(
            f"strictly new {totals.new:,}, {self.mean_new:.0f} a step, where the model wrote {self.mean_written:.0f}; "
            f"lenient ratio {totals.lenient_ratio:.2f}"
        )
        if totals.breaks:
            again = [totals.main[place - 1].evaluated - totals.main[place - 1].new for place in totals.breaks]
            after = [totals.main[place - 1].prompt for place in totals.breaks]
            said.append(f"read again by compactions: {_listed(again)} tokens, at steps {_listed(totals.breaks)}")
            said.append(f"windows behind them: {_listed(after)} tokens")
            said.append(f"evaluated / new behind the first compaction: {self.steady_ratio:.2f}")
        return (*said, *([self.trouble] if self.trouble else []))

    @property
    def steady_ratio(self) -> float:
        """Evaluated by strictly new from the first compaction to the last: what it comes to in the long run."""
        first, last = self.totals.breaks[0], self.totals.breaks[-1]
        places = [place for place, one in enumerate(self.totals.counted) if one.kind is Kind.MAIN]
        part = self.totals.counted[places[first - 1] + 1 : places[last - 1] + 1]
        return sum(one.evaluated for one in part) / max(1, sum(one.new for one in part))

    @property
    def kinds(self) -> list[str]:
        """The kinds of requests that there were."""
        return list(dict.fromkeys(one.kind for one in self.totals.counted))

    @property
    def mean_new(self) -> float:
        """Strictly new tokens of a step, the first one left out."""
        later = self.totals.main[1:]
        return sum(one.new for one in later) / max(1, len(later))

    @property
    def mean_written(self) -> float:
        """What the model wrote in a step."""
        return sum(one.written for one in self.totals.main) / max(1, len(self.totals.main))


def work(
    folder: Path, *, is_hybrid: bool, n_ctx: int, steps: int, settings: Mapping[str, object] | None = None
) -> Worked:
    """Carry out the errand on a server of its own; `settings` are the session's, beside the default ones."""
    with engine(folder.parent, is_hybrid=is_hybrid, n_ctx=n_ctx) as running:
        return asyncio.run(_work(folder, running, steps, settings))


async def _work(folder: Path, running: Engine, steps: int, settings: Mapping[str, object] | None) -> Worked:
    root = folder / "packages"
    root.mkdir(parents=True)
    make_packages(root)
    answers = [*(call.text for call in working_calls(root, steps)), FINAL]
    with Speaker(running, Script(answers, (TASK,))) as speaker:
        async with watched(root, speaker, settings) as session:
            done = await session.turn(TASK)
            trouble = "" if done.stop_reason is StopReason.END_TURN else f"{done.stop_reason}: {done.error}"
            made = _seen(session, steps, trouble)
        running.await_idle()
        exchanges = tuple(speaker.exchanges)
    return Worked(
        totals=Totals(tuple(count(running, exchanges))),
        steps=done.steps,
        exchanges=exchanges,
        compactions=tuple(session.compactions),
        steps_compacted=tuple(session.steps_compacted),
        ledger_breaks=tuple(notice.text for notice in session.notices("ledger_break")),
        is_finished=not made,
        trouble=made,
        metrics_tokens=evaluated_by_metrics(running),
        refusals=sum(exchange.status not in (0, 200) for exchange in exchanges),
    )


def _listed(values: Sequence[int]) -> str:
    if len(values) <= _LISTED_AT_MOST:
        return ", ".join(f"{value:,}" for value in values)
    return f"{min(values):,} to {max(values):,} (mean {sum(values) / len(values):,.0f}, {len(values)} times)"


def _seen(session: Watched, steps: int, trouble: str) -> str:
    """Return why the errand is not done; empty if it is."""
    failed = [run for run in session.runs if run.status is not ToolStatus.DONE]
    said = [item.text for item in session.items if isinstance(item, AgentMessage)]
    if trouble:
        return trouble
    if failed:
        return f"{len(failed)} calls failed, the first: {failed[0].title}"
    if len(session.runs) != steps or not said or said[-1] != FINAL:
        return f"{len(session.runs)} of {steps} calls were made, and the last words are {said[-1:]}"
    return ""
