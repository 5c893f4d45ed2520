"""Attempts to escape from inside a command, each looked at from outside: `python -m benchmarks.escapes [backend]`."""

from __future__ import annotations

import argparse
import asyncio
import inspect
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import cast

from benchmarks.escape_cases import READING, WRITING, Case
from benchmarks.escape_system_cases import HOGS, KERNEL, NETWORK, PROCESSES
from benchmarks.escape_world import ESCAPED, World, make_world
from benchmarks.measuring import Figure
from benchmarks.places import clean_state
from trashclaw.sandbox.ports import Confinement, Sandbox, SandboxRun

CASES = (*WRITING, *READING, *PROCESSES, *NETWORK, *KERNEL, *HOGS)
BACKENDS = {
    "overlay": ("trashclaw.sandbox.overlay.sandbox", "OverlaySandbox"),
    "bubblewrap": ("trashclaw.sandbox.bubblewrap", "BubblewrapSandbox"),
    "sandlock": ("trashclaw.sandbox.landlock", "SandlockSandbox"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one attempt."""

    case: Case
    gains: tuple[str, ...]
    """What it reached or changed; empty: nothing."""

    message: str
    """The last that the command saw."""

    def __str__(self) -> str:
        verdict = f"SUCCEEDED ({'; '.join(self.gains)})" if self.gains else "stopped"
        return f"{self.case.name}: {verdict}: {self.message}"


def open_backend(name: str, world: World) -> Sandbox:
    """Return a backend for the workspace of a world."""
    module, kind = BACKENDS[name]
    make = getattr(import_module(module), kind)
    options = {"home": world.home} if "home" in inspect.signature(make).parameters else {}
    return cast(Sandbox, make(world.root, world.state, hidden=world.hidden, **options))


async def attempt(sandbox: Sandbox, world: World, case: Case) -> Outcome:
    """Make one attempt and look at the world."""
    before = world.picture()
    world.reached.clear()
    values = {"home": world.home, "outside": world.outside, "state": world.state, "root": world.root}
    command = case.command.format(**values, pid=os.getpid(), port=world.port, python=sys.executable, mark=world.mark)
    run = await (await sandbox.start(command, Confinement(limits=case.limits))).wait()
    try:
        after = world.picture()
        gains = [f"{path} changed" for path, looks in after.items() if before.get(path) != looks]
        gains += [f"{path} is gone" for path in before.keys() - after.keys()]
        gains += [f"reached {name}" for name in world.reached]
        gains += [f"process {pid} is left" for pid in world.left_processes()]
        gains += ["read a secret"] if world.secret in run.result.output or _holds(run, world.secret) else []
        gains += ["it says so"] if ESCAPED in run.result.output else []
        return Outcome(case, tuple(gains), _message(run))
    finally:
        for branch in run.branches:
            await asyncio.to_thread(branch.discard)


async def attempt_all(name: str, cases: Sequence[Case], world: World) -> list[Outcome]:
    """Make all attempts with one backend, and print each."""
    sandbox = open_backend(name, world)
    outcomes: list[Outcome] = []
    try:
        for case in cases:
            outcomes.append(await attempt(sandbox, world, case))
            print(outcomes[-1], flush=True)
    finally:
        await sandbox.aclose()
    return outcomes


def run_attempts(name: str, cases: Sequence[Case] = CASES) -> list[Outcome]:
    """Make the attempts in a new world."""
    with make_world() as world, clean_state(world.home):
        os.environ["ESCAPES_TOKEN"] = world.secret
        os.environ["SSH_AUTH_SOCK"] = str(world.home / "agent.sock")
        return asyncio.run(attempt_all(name, cases, world))


def measure(runs: int) -> list[Figure]:
    """Make all attempts on the overlay backend; `runs` is how often."""
    outcomes = [outcome for _ in range(runs) for outcome in run_attempts("overlay")]
    won = [outcome for outcome in outcomes if outcome.gains]
    mute = [outcome.case.name for outcome in outcomes if not outcome.message]
    return [
        Figure(
            name="escape attempts from inside a command",
            target="0 succeed, at least 60",
            measured=f"{len(outcomes)} attempts, {len(won)} succeeded",
            is_pass=not won and len(outcomes) >= 60,
            notes=(*map(str, won), f"without a message: {', '.join(mute) or 'none'}"),
        )
    ]


def _holds(run: SandboxRun, secret: str) -> bool:
    """Tell whether a secret is in what was held back: it would land, and could be sent away later."""
    for branch in run.branches:
        for change in branch.changes():
            is_file = change.after is not None and change.after.kind == "file"
            if is_file and change.after.size < 1_000_000 and secret.encode() in branch.read(change.path):
                return True
    return False


def _message(run: SandboxRun) -> str:
    lines = [line for line in run.result.output.splitlines() if line.strip()]
    said = f"[{run.limit} limit] " if run.limit else ""
    ended = f"ended with {run.result.exit_code}" if run.result.exit_code else ""
    return said + (lines[-1][:160] if lines else ended or "no effect outside, what it did is held back")


def main() -> int:
    """Print a line for each attempt, and how many succeeded; exit 1 if one did."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.escapes", description=__doc__)
    parser.add_argument("backend", nargs="?", default="overlay", choices=BACKENDS)
    parser.add_argument("--only", default="", metavar="TEXT", help="only attempts whose name holds this")
    options = parser.parse_args()
    cases = [case for case in CASES if options.only in case.name]
    won = [outcome for outcome in run_attempts(options.backend, cases) if outcome.gains]
    print(f"{len(cases)} attempts, {len(won)} succeeded")
    return 1 if won else 0


if __name__ == "__main__":
    sys.exit(main())
