"""`kill -9` at 50 random points of a scripted session, then `--resume`.

Points are counted in envelopes, from the first of the turn to the last but one, with up to 5 ms behind each; so they
hit model text, tool runs, checkpoints and writes however fast the machine is. Every third step is a command in the
sandbox whose effects land: new, changed, moved and removed files, commits, ignored files, also in the background.
After each kill:

- every file of the workspace holds its old bytes or those of an unharmed run, and nothing in between; what only
  moves is at its old or at its new place;
- git finds no fault in the repository, and reads its state;
- everything that was told on standard output before the kill is in the log;
- nothing of a sandbox and no temporary file is left once the session was resumed;
- `--resume` opens the session, reads on, changes one more file (which makes a checkpoint) and ends with exit code 0;
- the log keeps every invariant.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring import Figure, run, scratch
from benchmarks.places import make_repository
from benchmarks.work import closing_step, working_steps, write_script
from trashclaw.config.paths import workspace_state
from trashclaw.protocol.ids import SessionId
from trashclaw.session.build import LOG_NAME
from trashclaw.session.invariants import check
from trashclaw.store.log import Log

SEED = 9
FILES, STEPS = 60, 22
COMMANDS = 11
DELAY_S = 0.005
PROBE = {"name": "bash", "arguments": {"command": "true"}}
AFTERWARDS = {"name": "write_file", "arguments": {"path": "notes/afterwards.md", "content": "Resumed.\n"}}


@dataclass(frozen=True, slots=True)
class Bench:
    """A repository, the scripts, and what an unharmed run makes of it."""

    folder: Path
    old: dict[str, bytes]
    new: dict[str, bytes]
    envelopes: int
    turn_begins: int


@dataclass(frozen=True, slots=True)
class Kill:
    """What was found after one kill; empty texts when all was well."""

    is_open: bool
    broken: tuple[str, ...]
    damaged: tuple[str, ...]
    is_told_lost: bool
    left: tuple[str, ...]
    """Temporary files, and what is left of sandboxes."""

    at: str
    """The last event that was told."""

    faults: tuple[str, ...] = ()
    """What git says of the repository, and what only moved and is nowhere."""


def measure(runs: int) -> list[Figure]:
    """Kill and resume as often."""
    source = random.Random(SEED)
    with scratch() as folder:
        bench = _prepare(folder)
        kills = [_kill_and_resume(bench, source, number) for number in range(runs)]
    opened = sum(kill.is_open for kill in kills)
    broken = [line for kill in kills for line in kill.broken]
    damaged = [path for kill in kills for path in kill.damaged]
    faults = [fault for kill in kills for fault in kill.faults]
    left = [path for kill in kills for path in kill.left]
    lost = sum(kill.is_told_lost for kill in kills)
    counts = ", ".join(f"{name} {count}" for name, count in Counter(kill.at for kill in kills).most_common())
    return [
        Figure(
            name=f"`kill -9` at {runs} random points of a session, then `--resume`",
            target=f"{runs} of {runs} open, invariants hold, no file half-written",
            measured=f"{opened} of {runs} open, {len(broken)} invariants broken, {len(damaged)} files half-written",
            is_pass=opened == runs and not (broken or damaged or lost or faults or left),
            notes=(
                f"{lost} sessions had told something that is not in their log",
                f"{len(left)} temporary files were left behind, {len(faults)} faults in repositories",
                f"seed {SEED}; killed after: {counts}",
                *broken[:5],
                *damaged[:5],
                *faults[:5],
                *left[:5],
            ),
        )
    ]


def _prepare(folder: Path) -> Bench:
    template = folder / "template"
    paths = make_repository(template, FILES)
    _prepare_files(template)
    write_script(folder / "work.yaml", [*_steps(working_steps(template, paths, STEPS)), closing_step()])
    write_script(folder / "resume.yaml", [{"text": "Going on.", "calls": [AFTERWARDS, PROBE]}, closing_step()])
    unharmed = folder / "unharmed"
    shutil.copytree(template, unharmed)
    said = _trashclaw(folder, unharmed, "work", "--output", "stream-json", "Sum the totals.")
    events = [json.loads(line)["event"]["type"] for line in said.splitlines()]
    begins = events.index("turn.started") + 1
    return Bench(folder, _contents(template), _contents(unharmed), len(events), begins)


def _kill_and_resume(bench: Bench, source: random.Random, number: int) -> Kill:
    root = bench.folder / f"repository-{number}"
    shutil.copytree(bench.folder / "template", root)
    told = _run_and_kill(bench, root, source.randint(bench.turn_begins, bench.envelopes - 1), source.random() * DELAY_S)
    session_id = SessionId(told[-1]["session_id"])
    found = _contents(root)
    damaged = [path for path, data in found.items() if data not in (bench.old.get(path), bench.new.get(path))]
    gone = [path for path in bench.old if path in bench.new and path not in found]
    faults = list(_faults(root))
    last_seq = max(envelope.get("seq") or 0 for envelope in told)
    log_file = workspace_state(root) / LOG_NAME
    is_told_lost = len(_read(log_file, session_id)) < last_seq
    try:
        _trashclaw(bench.folder, root, "resume", "--resume", session_id, "Go on.")
        is_open = (root / "notes" / "afterwards.md").read_text(encoding="utf-8") == "Resumed.\n"
    except (RuntimeError, OSError) as error:
        is_open, broken = False, [str(error)]
    else:
        broken = check(_read(log_file, session_id))
    at = told[-1]["event"]["type"]
    return Kill(is_open, tuple(broken), tuple(damaged + gone), is_told_lost, _left(root), at, tuple(faults))


def _run_and_kill(bench: Bench, root: Path, envelopes: int, delay_s: float) -> list[dict[str, Any]]:
    """Run the session until so many envelopes were told, wait a little, and kill it; return what was told."""
    command = _command(bench.folder, root, "work", "--output", "stream-json", "Sum the totals.")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        lines = (process.stdout.readline() for _ in range(envelopes))
        told = [json.loads(line) for line in lines if line]
        time.sleep(delay_s)
        process.kill()
        told += [json.loads(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        process.wait(30)
    return told


def _trashclaw(folder: Path, root: Path, script: str, *arguments: str) -> str:
    """Run it to its end; return what it printed.

    Raises:
        RuntimeError: its exit code is not 0.
    """
    command = _command(folder, root, script, *arguments)
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr.strip()[-400:]}")
    return done.stdout


def _command(folder: Path, root: Path, script: str, *arguments: str) -> list[str]:
    provider = ("--provider", "scripted", "--model", str(folder / f"{script}.yaml"))
    return [
        sys.executable,
        "-m",
        "trashclaw",
        "--batch",
        "--allow-write",
        "--allow-shell",
        *provider,
        "-C",
        str(root),
        *arguments,
    ]


def _read(file: Path, session_id: SessionId) -> list[Any]:
    log = Log(file)
    try:
        return list(log.read(session_id))
    finally:
        log.close()


def _contents(root: Path) -> dict[str, bytes]:
    """Return the files of a workspace, git's own and temporary ones left out."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in files
        if not any(map(_is_temporary, (path, *path.relative_to(root).parents)))
    }


def _is_temporary(path: Path) -> bool:
    return path.name.startswith(".trashclaw-") and path.name.endswith(".tmp")


def _left(root: Path) -> tuple[str, ...]:
    """Return the temporary files, and what is left of sandboxes."""
    state = workspace_state(root)
    sandboxes = (path.relative_to(state) for path in (state / "sandbox").glob("*/*"))
    return tuple(map(str, [*filter(_is_temporary, root.rglob(".trashclaw-*")), *sandboxes]))


def _prepare_files(root: Path) -> None:
    """Make the files that the commands work on, and commit them."""
    for number in range(COMMANDS):
        for kind in ("change", "move", "remove"):
            for name in "abcde":
                file = root / kind / str(number) / f"{name}.txt"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(f"{kind} {number} {name}\n" * 200, encoding="utf-8")
    (root / ".gitignore").write_text("build/\n", encoding="utf-8")
    owner = (("user.name", "Bench"), ("user.email", "bench@example.com"))
    for command in (*(("config", *pair) for pair in owner), ("add", "-A"), ("commit", "-qm", "Files")):
        subprocess.run(["git", *command], cwd=root, check=True, timeout=60)


def _steps(steps: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield steps with commands among them, each about files that no other step touches."""
    numbers = iter(range(COMMANDS))
    for place, step in enumerate(steps):
        yield step
        number = next(numbers, None) if place % 2 else None
        if number is not None:
            yield from _commands(number)


def _commands(number: int) -> Iterator[dict[str, Any]]:
    made = f"mkdir -p made/{number}; for f in a b c d e; do seq 500 > made/{number}/$f.txt; done"
    kinds = (
        f"{made}; sed -i s/change/changed/ change/{number}/*.txt; rm -r remove/{number}",
        f"mkdir -p moved; mv move/{number} moved/{number}; mkdir -p build; seq {number} 900 > build/{number}.o",
        f"{made}; git add -A made; git commit -qm 'Number {number}'",
    )
    arguments: dict[str, Any] = {"command": kinds[number % len(kinds)]}
    if number % 4 == 3:
        arguments |= {"command": f"{arguments['command']}; sleep 1.2", "background": True}
    yield {"calls": [{"name": "bash", "arguments": arguments}]}
    if number % 4 == 3:
        look = {"id": f"bg{number // 4 + 1}", "wait_s": 20}
        yield {"calls": [{"name": "background", "arguments": look}]}


def _faults(root: Path) -> Iterator[str]:
    """Yield what is wrong with the repository, and which files that only move are nowhere."""
    for command in (("fsck", "--strict", "--no-dangling"), ("status", "--porcelain")):
        done = subprocess.run(["git", *command], cwd=root, capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            yield f"git {command[0]}: {done.stderr.strip()[:200]}"
    for number in range(COMMANDS):
        for name in "abcde":
            if not any((root / folder / str(number) / f"{name}.txt").is_file() for folder in ("move", "moved")):
                yield f"move/{number}/{name}.txt is nowhere"


if __name__ == "__main__":
    sys.exit(run(measure, runs=50, description=__doc__))
