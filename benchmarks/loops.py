"""Loop scripts of 30 steps and six kinds, played in real sessions with real tools; and long turns of honest work.

A loop counts as turned when the model is told what repeats, and as stopped when the turn ends as stalled. The scripted
model cannot be turned: it goes on to the stop. Honest turns must be told nothing and end by themselves.
"""

from __future__ import annotations

import asyncio
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.loop_scripts import STEPS, Loop, honest, loops
from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from benchmarks.work import Step, closing_step
from trashclaw.config.schema import Settings
from trashclaw.protocol.approvals import Approval, Verdict
from trashclaw.protocol.events import ApprovalRequested, Notice, StepStarted, StopReason, TurnCompleted
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.ops import ApprovalAnswer, TurnStart
from trashclaw.providers.script import Script, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.session.session import Session

MOST_REPEATS = 6
NOTICE_CODES = ("loop",)


@dataclass(frozen=True, slots=True)
class Played:
    """How a turn went."""

    told: tuple[int, ...]
    """The steps after which the model was told that it goes in circles."""

    steps: int
    reason: StopReason


def measure(runs: int) -> list[Figure]:
    """Play every kind that many times, each on other files, and every honest turn once."""
    with scratch() as folder:
        template = folder / "template"
        paths = make_repository(template, files=40)
        made = [loop for seed in range(runs) for loop in loops(template, paths, seed)]
        played = [(loop, _play(folder, loop.steps)) for loop in made]
        worked = {name: _play(folder, [*steps, closing_step()]) for name, steps in honest(template, paths).items()}
    return [_loop_figure(played, runs), _honest_figure(worked)]


def _play(folder: Path, steps: Sequence[Step]) -> Played:
    root = folder / "repository"
    shutil.copytree(folder / "template", root)
    try:
        return asyncio.run(_turn(root, folder / "sessions", steps))
    finally:
        shutil.rmtree(root)


async def _turn(root: Path, state: Path, steps: Sequence[Step]) -> Played:
    script = Script(limit_tokens=1_000_000, steps=tuple(ScriptedStep.model_validate(one) for one in steps))
    settings = Settings.model_validate({"mode": Mode.REVIEW, "limits": {"steps": len(steps) + 1}})
    session = await open_session(Opening(root, settings, provider=ScriptedProvider(script), state=state))
    try:
        return await _watch(session)
    finally:
        await session.aclose()


async def _watch(session: Session) -> Played:
    subscription = session.subscribe()
    session.submit(TurnStart(text="Sum the totals."))
    step, told = 0, []
    async for envelope in subscription:
        match envelope.event:
            case StepStarted(step=step):
                pass
            case Notice(to_model=True, code=code) if code in NOTICE_CODES:
                told.append(step)
            case ApprovalRequested(request=request):
                approval = Approval(verdict=Verdict.ACCEPTED)
                session.submit(ApprovalAnswer(approval_id=request.approval_id, approval=approval))
            case TurnCompleted(stop_reason=reason):
                return Played(tuple(told), step, reason)
            case _:
                pass
    raise RuntimeError("The session ended within the turn.")


def _loop_figure(played: Sequence[tuple[Loop, Played]], runs: int) -> Figure:
    good, notes = 0, []
    for kind in dict.fromkeys(loop.kind for loop, _ in played):
        of_kind = [(loop, how) for loop, how in played if loop.kind == kind]
        held = [pair for pair in of_kind if _is_held(*pair)]
        good += len(held)
        turned = [loop.round_of(how.told[0]) for loop, how in of_kind if how.told]
        stopped = [loop.round_of(how.steps) for loop, how in of_kind if how.reason is StopReason.STALLED]
        at = sorted(how.steps for _, how in of_kind)
        notes.append(
            f"{kind}: turned in round {_range(turned)}, stopped in round {_range(stopped)} (step {_range(at)}); "
            f"{len(held)} of {len(of_kind)}"
        )
    return Figure(
        name=f"loop scripts of {STEPS} steps, six kinds, {runs} of each, in real sessions",
        target=f"all stopped or turned within {MOST_REPEATS} repeats",
        measured=f"{good} of {len(played)}",
        is_pass=good == len(played),
        notes=tuple(notes),
    )


def _is_held(loop: Loop, how: Played) -> bool:
    """Whether the model was told in time, and the turn stopped in time, too."""
    is_turned = bool(how.told) and loop.round_of(how.told[0]) <= MOST_REPEATS
    return is_turned and how.reason is StopReason.STALLED and loop.round_of(how.steps) <= MOST_REPEATS


def _range(numbers: Sequence[int]) -> str:
    if not numbers:
        return "none"
    least, most = min(numbers), max(numbers)
    return str(least) if least == most else f"{least}-{most}"


def _honest_figure(worked: dict[str, Played]) -> Figure:
    wrong = [name for name, how in worked.items() if how.told or how.reason is not StopReason.END_TURN]
    lengths = [how.steps for how in worked.values()]
    return Figure(
        name=f"honest turns of {_range(lengths)} steps, {len(worked)} of them",
        target="0 false alarms",
        measured=f"{len(wrong)} in {sum(lengths)} steps",
        is_pass=not wrong,
        notes=tuple(f"{name}: {how.steps} steps, {how.reason}, told {len(how.told)}" for name, how in worked.items()),
    )


if __name__ == "__main__":
    sys.exit(run(measure, runs=5, description=__doc__))
