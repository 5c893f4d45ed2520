"""A case of a fault: a repository, a model that misbehaves, the real program as a process, and what must come of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fault_servers import Play, RoughOllama, RoughOpenAI
from benchmarks.places import commit_all
from tests.support.fake_ollama import FakeModel
from tests.support.loopback import in_thread
from tests.support.tinymodel.director import Director
from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import TRAINED
from trashclaw.protocol.envelope import Envelope
from trashclaw.providers.script import ScriptedStep
from trashclaw.session.build import LOG_NAME
from trashclaw.store.log import Log

LIMIT_S = 60.0
_GONE_S = 3.0
CALC = b"def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"
FILES = {"calc.py": CALC, "README.md": b"# Shop\n\nA small shop.\n", "data/rows.txt": b"one\ntwo\nthree\n"}


@dataclass(frozen=True, slots=True)
class Scripted:
    """A script: its steps, and what its model can do."""

    steps: tuple[Mapping[str, Any], ...]
    traits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rough:
    """A fake of llama.cpp, or of Ollama, that plays these."""

    plays: tuple[Play | ScriptedStep, ...]
    is_ollama: bool = False
    facts: tuple[Play, ...] = ()
    """Answers to the first questions that are no chats."""

    n_ctx: int = 8192
    fake: FakeModel = field(default_factory=FakeModel)


@dataclass(frozen=True, slots=True)
class Directed:
    """The real llama.cpp server with tiny weights, which is left no choice."""

    steps: tuple[Any, ...]
    """As `Director` takes them, or `Held` of `fault_cases_engine`."""


Model = Scripted | Rough | Directed


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is played, and the right end of it."""

    section: str
    name: str
    model: Model
    files: Mapping[str, bytes] = field(default_factory=dict)
    """Beside `FILES`."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    after: Mapping[str, bytes | None] = field(default_factory=dict)
    """Files that are another one then, or gone; every other keeps its bytes."""

    code: int = 0
    stop: str = "end_turn"
    said: str | None = "Done."
    """The last words; `None` for any."""

    error: str = ""
    """Stands in the error of the turn, and on standard error."""

    runs: tuple[str, ...] | None = None
    """How the calls ended, in order; `None` for any."""

    rungs: tuple[str, ...] | None = None
    """How calls were mended, in order; `None` for any."""

    told: tuple[str, ...] = ()
    """The model read this, in results and notes."""

    untold: tuple[str, ...] = ()
    """The model did not read this, and it is in no words of its own."""

    notices: tuple[str, ...] = ()
    """Codes of notices that were given."""

    sent: tuple[str, ...] = ()
    """Stands in the last request to a fake server."""

    unsent: tuple[str, ...] = ()
    """Stands in no request to a fake server."""

    requests: int | None = None
    """How many came to a fake server."""


@dataclass(slots=True)
class Seen:
    """What came of a case."""

    code: int | None = None
    """`None`: it had not ended in time."""

    out: str = ""
    err: str = ""
    log: list[Envelope] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)
    """Processes and temporary files."""

    sent: list[str] = field(default_factory=list)
    """The bodies of requests to a server."""

    trouble: list[str] = field(default_factory=list)
    """What a strict server, or the log, complains of."""

    seconds: float = 0.0


@dataclass(slots=True)
class World:
    """Where cases are played; `with World(folder) as world`."""

    folder: Path
    _stack: ExitStack = field(default_factory=ExitStack)
    _engine: Engine | None = None

    def __enter__(self) -> World:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def start_engine(self) -> None:
        """Start the real server, once for all cases that need it."""
        if self._engine is None:
            self._engine = self._stack.enter_context(Engine(TRAINED))

    def play_all(self, cases: list[Case], at_a_time: int = 2) -> Iterator[tuple[Case, Seen]]:
        """Play cases, so many at a time, and give them in their order."""
        if any(isinstance(case.model, Directed) for case in cases):
            self.start_engine()
        with ThreadPoolExecutor(at_a_time) as pool:
            yield from zip(cases, pool.map(self.play, cases), strict=True)

    def play(self, case: Case) -> Seen:
        """Play one case."""
        place = self.folder / f"{case.section}-{case.name}".replace(" ", "-").replace("/", "-")
        root = place / "shop"
        root.mkdir(parents=True)
        for path, data in {**FILES, **case.files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
            if data.startswith(b"#!"):
                (root / path).chmod(0o755)
        commit_all(root)
        if case.settings:
            (place / "home" / "config").mkdir(parents=True)
            (place / "home" / "config" / "config.yaml").write_text(json.dumps(case.settings), encoding="utf-8")
        seen = Seen()
        try:
            self._with_model(case, place, seen)
        except (AssertionError, LookupError, TypeError, ValueError) as error:
            seen.trouble.append(f"the fake server refuses: {error}"[:400])
        seen.files = contents(root)
        seen.left += [f"file {path.name}" for path in (*root.rglob(".trashclaw-*"), *_sandboxes(place))]
        _read_log(place, seen)
        shutil.rmtree(place, ignore_errors=True)
        return seen

    def _with_model(self, case: Case, place: Path, seen: Seen) -> None:
        model = case.model
        if isinstance(model, Scripted):
            script = place / "script.yaml"
            steps = {"limit_tokens": 32768, **model.traits, "steps": list(model.steps)}
            script.write_text(json.dumps(steps), encoding="utf-8")
            _run(case, place, ("--provider", "scripted", "--model", str(script)), seen)
        elif isinstance(model, Directed):
            assert self._engine is not None
            with Director(self._engine, model.steps) as director:
                _run(case, place, ("--provider", "llamacpp", "--base-url", director.url), seen)
                seen.sent = [json.dumps(body, ensure_ascii=False) for body in director.requests]
        else:
            server: RoughOllama | RoughOpenAI
            if model.is_ollama:
                server = RoughOllama(plays=model.plays, facts=model.facts, models=(model.fake,))
                named = ("--provider", "ollama", "--model", model.fake.name)
            else:
                server = RoughOpenAI(plays=model.plays, facts=model.facts, n_ctx=model.n_ctx)
                named = ("--provider", "llamacpp", "--model", "tiny")
            with in_thread(server):
                _run(case, place, (*named, "--base-url", server.url), seen)
                seen.sent = [chat.model_dump_json() for chat in server.chats]


def _run(case: Case, place: Path, model: tuple[str, ...], seen: Seen) -> None:
    """Run the program to its end, or to the limit of time."""
    allowed = ("--allow-write", "--allow-shell")
    command = [sys.executable, "-m", "trashclaw", "--batch", "--output", "stream-json", *allowed, *model]
    began = time.monotonic()
    with subprocess.Popen(
        [*command, *case.options, "-C", str(place / "shop"), "Mend the sums."],
        env={**os.environ, "TRASHCLAW_HOME": str(place / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=LIMIT_S)
            seen.code = process.returncode
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
    seen.out, seen.err = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
    seen.seconds = time.monotonic() - began
    seen.left += _processes(place) if seen.code is not None else []


def contents(root: Path) -> dict[str, bytes]:
    """Return the files of a workspace, git's own left out."""
    files = (path for path in root.rglob("*") if path.is_file() and ".git" not in path.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in files}


def _sandboxes(place: Path) -> list[Path]:
    return [path for path in place.glob("home/state/workspaces/*/sandbox/*/*") if path.exists()]


def _read_log(place: Path, seen: Seen) -> None:
    files = list(place.glob(f"home/state/workspaces/*/{LOG_NAME}"))
    if not files:
        return
    log = Log(files[0])
    try:
        seen.log = [envelope for session_id in log.session_ids() for envelope in log.read(session_id)]
    finally:
        log.close()
    stored = {envelope.seq for envelope in seen.log}
    told = (json.loads(line).get("seq") for line in seen.out.split("\n")[:-1])
    lost = [seq for seq in told if seq is not None and seq not in stored]
    seen.trouble += [f"{len(lost)} events were told that are not in the log"] if lost else []


def _processes(place: Path) -> list[str]:
    """Return what still runs for a case, a moment after its end; nothing where the system does not tell."""
    wanted, deadline = os.fsencode(place), time.monotonic() + _GONE_S
    while True:
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            if int(entry.name) == os.getpid():
                continue
            try:
                if wanted in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                    found.append(f"process {(entry / 'cmdline').read_bytes()[:80]!r}")
            except OSError:
                continue
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.1)
