"""The same commands in each sandbox that works here against plain ones: the time on the wall from start to end.

All sides run in turns, in the same clone of this repository; plain is what runs commands where there is no sandbox. The
verdict is that of the strongest backend that works; the others are told below it.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import Figure, Spread, run, scratch, take_turns
from trashclaw.sandbox.choose import Bounds, known_probes, make_sandbox
from trashclaw.sandbox.overlay.hidden import default_hidden
from trashclaw.sandbox.ports import Backend, CommandLimits, Confinement, Sandbox

PLAIN = Backend.ASK_FIRST
ADDED_LIMIT_MS = 10.0
RATIO_LIMIT = 1.5
REPOSITORY = Path(__file__).resolve().parents[1]
WRITES = "import pathlib; [pathlib.Path(f'written-{n}').write_text('x' * 100) for n in range(3000)]"
IMPORTS = "import asyncio, email, http.client, json, sqlite3, unittest, xml.dom.minidom, pydantic, httpx, rich.console"
TESTS = "tests/unit/agent tests/unit/directives"


@dataclass(frozen=True, slots=True)
class Case:
    """A command."""

    name: str
    line: str
    share: float = 1.0
    """How often it runs, for each run that is asked for."""

    added_limit_ms: float | None = None
    ratio_limit: float | None = None

    def verdict(self, plain: Spread, confined: Spread) -> bool:
        """Tell whether its target is met; without one it is."""
        is_short = self.added_limit_ms is None or confined.median - plain.median <= self.added_limit_ms
        return is_short and (self.ratio_limit is None or confined.median / plain.median <= self.ratio_limit)

    @property
    def target(self) -> str:
        """Its target in words."""
        if self.added_limit_ms is not None:
            return f"+{self.added_limit_ms:g} ms or less"
        return f"{self.ratio_limit:g}x or less" if self.ratio_limit is not None else "none"


CASES = (
    Case("`true`", "true", added_limit_ms=ADDED_LIMIT_MS),
    Case("`git status`", "git status --short"),
    Case("a Python start with many imports", f'{sys.executable} -c "{IMPORTS}"'),
    Case("3,000 small files written", f'{sys.executable} -c "{WRITES}"', 0.5),
    Case("`pytest` on a real project", f"{sys.executable} -m pytest -q {TESTS}", 0.15, ratio_limit=RATIO_LIMIT),
)


@dataclass(slots=True)
class Bench:
    """A folder, the sandboxes bound to it, and which commands ended badly in which."""

    project: Path
    sandboxes: Mapping[Backend, Sandbox]
    runner: asyncio.Runner
    failures: dict[tuple[Backend, str], int | None] = field(default_factory=dict)

    def timer(self, backend: Backend, case: Case) -> Callable[[], float]:
        """Return what runs a command once and tells how many milliseconds it took."""
        return lambda: self.runner.run(self._run(backend, case))

    async def _run(self, backend: Backend, case: Case) -> float:
        """Run a command; what it wrote is let go of outside of the time.

        Bytecode is written and read where Python keeps it, as in daily use.
        """
        env = {"PYTHONPATH": os.fspath(self.project), "PYTHONPYCACHEPREFIX": ""}
        confinement = Confinement(CommandLimits(time_s=600.0), env=env)
        began = time.perf_counter()
        running = await self.sandboxes[backend].start(case.line, confinement)
        done = await running.wait()
        spent_ms = (time.perf_counter() - began) * 1000
        for branch in done.branches:
            branch.discard()
        if done.result.exit_code != 0:
            self.failures[backend, case.name] = done.result.exit_code
            if backend is PLAIN:
                raise RuntimeError(f"{case.name} fails without a sandbox: {done.result.output[-800:]}")
        await asyncio.to_thread(_tidy, self.project)
        return spent_ms


def measure(runs: int) -> list[Figure]:
    """Measure every command in turns, in every sandbox that works."""
    with scratch() as folder, asyncio.Runner() as runner:
        project, state = folder / "project", folder / "state"
        subprocess.run(["git", "clone", "-q", "--no-hardlinks", str(REPOSITORY), str(project)], check=True, timeout=120)
        missing = {backend: probe() for backend, probe in known_probes(state).items()}
        bounds = Bounds(project, state, hidden=default_hidden(Path.home()))
        works = [backend for backend in Backend if missing[backend] is None]
        bench = Bench(project, {backend: make_sandbox(backend, bounds) for backend in works}, runner)
        absent = tuple(f"not measured: {name}, {reason}" for name, reason in missing.items() if reason is not None)
        try:
            return [_measured(bench, case, runs, absent) for case in CASES]
        finally:
            for sandbox in bench.sandboxes.values():
                runner.run(sandbox.aclose())


def _tidy(project: Path) -> None:
    """Remove what a plain command wrote."""
    subprocess.run(["git", "clean", "-q", "-f", "written-*"], cwd=project, check=True, timeout=60)


def _measured(bench: Bench, case: Case, runs: int, absent: tuple[str, ...]) -> Figure:
    sides = {backend.value: bench.timer(backend, case) for backend in bench.sandboxes}
    spreads = take_turns(sides, max(1, round(runs * case.share)))
    strongest = next(iter(bench.sandboxes))
    notes = [f"{backend}: {_compared(spreads, backend)}{_failed(bench, backend, case)}" for backend in bench.sandboxes]
    return Figure(
        name=f"{case.name}, sandboxed ({strongest}) against plain",
        target=case.target,
        measured=_compared(spreads, strongest).partition(";")[0],
        is_pass=strongest is not PLAIN and case.verdict(spreads[PLAIN], spreads[strongest]),
        notes=(*notes, *absent),
    )


def _compared(spreads: Mapping[str, Spread], backend: Backend) -> str:
    plain, side = spreads[PLAIN], spreads[backend]
    if backend is PLAIN:
        return f"plain; {side}"
    return f"{side.median / plain.median:.2f}x, {side.median - plain.median:+.1f} ms; {side}"


def _failed(bench: Bench, backend: Backend, case: Case) -> str:
    code = bench.failures.get((backend, case.name), 0)
    return f"; it ends badly there, with {code}" if code else ""


if __name__ == "__main__":
    sys.exit(run(measure, runs=14, description=__doc__))
