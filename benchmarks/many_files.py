"""One sandboxed command rewrites 5,000 tracked files, in a real session: how long each part takes, and what freezes.

The command runs in mode accept, what it did lands, and the turn is undone. Next to the work a probe asks the event
loop every few milliseconds whether it answers: while it does not, a screen on it would stand still. A second command,
in mode review, is asked about, so that its whole patch passes the session as an event, and is accepted.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.accepted_turns import run_accepted
from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import commit_all
from trashclaw.config.schema import Settings
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.ops import CheckpointRestore, SettingsSet
from trashclaw.providers.script import Script, ScriptedCall, ScriptedStep
from trashclaw.providers.scripted import ScriptedProvider
from trashclaw.session.build import Opening, open_session
from trashclaw.tools import settling

FILES = 5_000
IN_A_FOLDER = 25
LINES = 30
PART_LIMIT_S = 1.0
FREEZE_LIMIT_MS = 50.0
PROBE_S = 0.002
PARTS = ("gather", "land")
REWRITE = (
    "import pathlib\n"
    "for place in pathlib.Path('src').rglob('*.txt'):\n"
    "    text = place.read_text()\n"
    "    place.write_text(text.replace('line 7 ', 'Line 7 '))\n"
)


@dataclass
class Run:
    """What one session took, in seconds; `freezes` are the longest times without an answer, in milliseconds."""

    seconds: dict[str, float] = field(default_factory=dict)
    freezes: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def measure(runs: int) -> list[Figure]:
    """Rewrite, land and undo as many times."""
    found: list[Run] = []
    for _ in range(runs):
        with scratch() as folder:
            found.append(asyncio.run(_run(folder)))
    wrong = [text for one in found for text in one.wrong]
    parts = {name: [one.seconds[name] for one in found] for name in found[0].seconds}
    freezes = {name: [one.freezes[name] for one in found] for name in found[0].freezes}
    slowest = max(statistics.median(parts[name]) for name in PARTS)
    frozen = max(statistics.median(values) for values in freezes.values())
    return [
        Figure(
            name=f"{FILES:,} files rewritten by a command: gathered, and landed",
            target=f"{PART_LIMIT_S:g} s each, the files right",
            measured=", ".join(f"{name} {statistics.median(parts[name]):.2f} s" for name in PARTS),
            is_pass=slowest <= PART_LIMIT_S and not wrong,
            notes=(
                *(f"{name}: {_spread(values)} s" for name, values in parts.items()),
                f"wrong: {'; '.join(wrong[:5]) or 'nothing'}",
            ),
        ),
        Figure(
            name="longest time for which the event loop did not answer meanwhile",
            target=f"{FREEZE_LIMIT_MS:g} ms",
            measured=f"{frozen:.0f} ms",
            is_pass=frozen <= FREEZE_LIMIT_MS,
            notes=tuple(f"{name}: {_spread(values, 0)} ms" for name, values in freezes.items()),
        ),
    ]


def _spread(values: Sequence[float], digits: int = 2) -> str:
    return f"median {statistics.median(values):.{digits}f}, worst {max(values):.{digits}f}, {len(values)} runs"


async def _run(folder: Path) -> Run:
    root, took = folder / "repository", Run()
    await asyncio.to_thread(_make_repository, root)
    command = f"{sys.executable} - <<'EOF'\n{REWRITE}EOF\n"
    steps = [
        ScriptedStep(calls=(ScriptedCall(name="bash", arguments={"command": command}),)),
        ScriptedStep(text="Done."),
    ]
    provider = ScriptedProvider(Script(limit_tokens=1_000_000, steps=(*steps, *steps)))
    settings = Settings.model_validate({"mode": Mode.ACCEPT})
    session = await open_session(Opening(root, settings, provider=provider, state=folder / "state"))
    try:
        async with _part(took, "the whole turn, mode accept"):
            with _timed(took):
                await run_accepted(session, "Rewrite them all.")
        _compare(root, "Line 7 ", "landed", took)
        async with _part(took, "undo"):
            session.submit(CheckpointRestore())
            await session.wait_idle()
        _compare(root, "line 7 ", "undone", took)
        session.submit(SettingsSet(mode=Mode.REVIEW))
        async with _part(took, "the whole turn, mode review"):
            with _timed(took, prefix="in mode review: "):
                await run_accepted(session, "Rewrite them all.")
        _compare(root, "Line 7 ", "landed", took)
    finally:
        await session.aclose()
    return took


def _make_repository(root: Path) -> None:
    for number in range(FILES):
        place = root / f"src/part{number // 500}/unit{number // IN_A_FOLDER}/file_{number}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("".join(f"line {line} of file {number}, as it was\n" for line in range(LINES)))
    commit_all(root)


@asynccontextmanager
async def _part(took: Run, name: str) -> AsyncIterator[None]:
    """Time a part of the work, and ask the event loop meanwhile how long it takes to answer."""
    longest = 0.0

    async def probe() -> None:
        nonlocal longest
        while True:
            asked = time.perf_counter()
            await asyncio.sleep(PROBE_S)
            longest = max(longest, time.perf_counter() - asked - PROBE_S)

    task = asyncio.create_task(probe(), name="probe")
    began = time.perf_counter()
    try:
        yield
    finally:
        took.seconds[name] = time.perf_counter() - began
        await asyncio.sleep(2 * PROBE_S)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        took.freezes[name] = longest * 1000


@contextmanager
def _timed(took: Run, *, prefix: str = "") -> Iterator[None]:
    """Note how long what a command did is gathered and landed; both run beside the event loop."""

    def timed(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run_timed(*arguments: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                took.seconds[f"{prefix}{name}"] = time.perf_counter() - began

        return run_timed

    gather, land = timed("gather", settling.gather_effects), timed("land", settling.land_effects)
    with patch.object(settling, "gather_effects", gather), patch.object(settling, "land_effects", land):
        yield


def _compare(root: Path, text: str, done: str, took: Run) -> None:
    for place in (root / "src").rglob("*.txt"):
        if text not in place.read_text():
            took.wrong.append(f"{place.name} is not {done}")


if __name__ == "__main__":
    sys.exit(run(measure, runs=3, description=__doc__))
