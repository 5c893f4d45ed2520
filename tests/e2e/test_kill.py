"""`kill -9` at any moment: every file is old or new, and the session goes on."""

from __future__ import annotations

import asyncio
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.support.program import run_program, scripted, start_program, write_script
from tests.support.sessions import bash, edit, write
from tests.support.waiting import until
from trashclaw.protocol.envelope import Envelope
from trashclaw.session.build import LOG_NAME
from trashclaw.session.invariants import check
from trashclaw.session.repair import closing_events
from trashclaw.store.log import Log

pytestmark = [
    pytest.mark.cut_log,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

FILES = 4
ROUNDS = 3
BODY = "".join(f"line {number} of a file that takes more than one block to write\n" for number in range(150))


def content(file: int, round_: int) -> str:
    return f"file {file}, round {round_}\n{BODY}"


def steps() -> Iterator[dict[str, object]]:
    """Each round rewrites every file; a command in between, too."""
    for number in range(1, ROUNDS + 1):
        calls = [write(f"f{file}.txt", content(file, number)) for file in range(FILES)]
        yield {"text": f"Round {number}.", "calls": [*calls, edit("README.md", "shop", "shop"), bash("echo hi")]}
    yield {"text": "Done."}


def stored(home: Path) -> list[Envelope]:
    """Return what is in the log now."""
    files = list(home.glob(f"*/state/workspaces/*/{LOG_NAME}"))
    if not files:
        return []
    log = Log(files[0])
    try:
        return list(log.read(log.session_ids()[0])) if log.session_ids() else []
    finally:
        log.close()


def count(home: Path) -> int:
    """Return how many events are in the log, without holding it up."""
    files = list(home.glob(f"*/state/workspaces/*/{LOG_NAME}"))
    if not files:
        return 0
    db = sqlite3.connect(f"{files[0].as_uri()}?mode=ro", uri=True)
    try:
        return int(db.execute("SELECT COUNT(*) FROM outbox").fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        db.close()


async def kill_when(repository: Path, script: str, condition: Callable[[], bool]) -> None:
    """Start the run and kill it as soon as the condition holds, or let it end if that comes first."""
    arguments = (*scripted(script), "--allow-write", "--allow-shell", "--max-steps", "99", "go")
    async with start_program(repository, *arguments) as process:
        output = asyncio.ensure_future(process.communicate())
        await until(lambda: output.done() or condition(), limit_s=60)
        if not output.done():
            process.send_signal(signal.SIGKILL)
        await output


def assert_whole(repository: Path) -> None:
    """Every file has the whole content of one round, or is not there."""
    for file in range(FILES):
        path = repository / f"f{file}.txt"
        if path.exists():
            assert path.read_text() in {content(file, number) for number in range(ROUNDS + 1)}, path
    assert (repository / "README.md").read_text() == "# Shop\n\nA small shop.\n"


async def assert_goes_on(repository: Path, tmp_path: Path, home: Path) -> None:
    before = stored(home)
    assert_whole(repository)
    script = write_script(tmp_path, [{"calls": [write("f0.txt", content(0, 0))]}, {"text": "Back."}], name="back")
    ran = await run_program(repository, *scripted(script), "--allow-write", "--resume", "last", "go on")
    assert (ran.code, ran.out) == (0, "Back.\n"), ran.err
    after = stored(home)
    assert after[: len(before)] == before
    assert check(after) == []
    assert closing_events(after) == (None, [])
    assert (repository / "f0.txt").read_text() == content(0, 0)
    assert_whole(repository)


@pytest.fixture
def files(repository: Path) -> Path:
    for file in range(FILES):
        (repository / f"f{file}.txt").write_text(content(file, 0))
    return repository


@pytest.mark.parametrize("seed", range(3))
async def test_a_killed_run_leaves_whole_files_and_a_session_that_goes_on(
    files: Path, tmp_path: Path, home: Path, seed: int
) -> None:
    events = Random(seed).randrange(6, 60)
    await kill_when(files, write_script(tmp_path, list(steps())), lambda: count(home) >= events)
    await assert_goes_on(files, tmp_path, home)


async def test_a_run_killed_between_two_writes_of_one_step(files: Path, tmp_path: Path, home: Path) -> None:
    def is_between() -> bool:
        return (files / "f2.txt").read_text() == content(2, 1)

    await kill_when(files, write_script(tmp_path, list(steps())), is_between)
    await assert_goes_on(files, tmp_path, home)


async def test_a_run_killed_while_a_command_runs(files: Path, tmp_path: Path, home: Path) -> None:
    script = write_script(tmp_path, [{"calls": [bash("touch started; exec sleep 2")]}])
    await kill_when(files, script, (files / "started").exists)
    await assert_goes_on(files, tmp_path, home)


async def test_a_run_killed_while_the_model_speaks(files: Path, tmp_path: Path, home: Path) -> None:
    script = write_script(tmp_path, [{"text": "Hm", "hold": True}])
    await kill_when(files, script, lambda: count(home) >= 6)
    await assert_goes_on(files, tmp_path, home)
