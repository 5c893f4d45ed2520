"""The main job without a screen, on a real engine: a file is read, edited and tested by what a model really says."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.tinymodel.engine import Engine
from tests.support.tinymodel.weights import TRAINED, write_random
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import StepCompleted

TASK = "The add function in calc.py gives wrong answers. Please fix it."
WRONG = "def add(a, b):\n    return a - b\n"
RIGHT = "def add(a, b):\n    return a + b\n"
TEST = "from calc import add\n\n\ndef test_add():\n    assert add(2, 3) == 5\n"
WORKING = ("--allow-write", "--allow-shell")
EMBEDDED = ("--provider", "embedded", "--model", str(TRAINED))


@dataclass(frozen=True)
class Run:
    """How a batch run ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def report(self) -> dict[str, Any]:
        """The object that `--output json` printed."""
        return dict(json.loads(self.stdout))


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine(TRAINED) as running:
        yield running


@pytest.fixture
def over_http(engine: Engine) -> tuple[str, ...]:
    return ("--provider", "llamacpp", "--base-url", engine.url)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A git repository with a wrong function and the test that shows it."""
    folder = tmp_path / "sums"
    folder.mkdir()
    (folder / "calc.py").write_text(WRONG)
    (folder / "test_calc.py").write_text(TEST)
    (folder / ".gitignore").write_text("__pycache__/\n.pytest_cache/\n")
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", *arguments], cwd=folder, check=True, timeout=30)
    return folder


def batch(folder: Path, *arguments: str, prompt: str = TASK) -> Run:
    """Run one task; `python` is the one that runs the tests."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [sys.executable, "-m", "trashclaw", "--batch", *arguments, prompt],
        cwd=folder,
        env={**os.environ, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert "Traceback" not in done.stderr
    return Run(done.returncode, done.stdout, done.stderr)


def changed_files(folder: Path) -> list[str]:
    shown = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True, timeout=30)
    return shown.stdout.splitlines()


def steps(run: Run) -> Sequence[StepCompleted]:
    events = [Envelope.model_validate_json(line).event for line in run.stdout.splitlines()]
    return [event for event in events if isinstance(event, StepCompleted)]


def test_a_wrong_function_is_put_right_over_http(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http, *WORKING, "--output", "json")
    assert (run.exit_code, (project / "calc.py").read_text()) == (0, RIGHT)
    assert run.report["summary"] == "Fixed: `add` in calc.py now returns `a + b`, and the tests pass."
    assert run.report["stop_reason"] == "end_turn"
    assert run.report["timings"]["steps"] == 4
    (artifact,) = run.report["artifacts"]
    assert (artifact["path"], artifact["added"], artifact["removed"]) == ("calc.py", 1, 1)
    assert artifact["sha256"] == hashlib.sha256(RIGHT.encode()).hexdigest()
    assert changed_files(project) == [" M calc.py"]


def test_a_wrong_function_is_put_right_by_the_embedded_engine(project: Path) -> None:
    run = batch(project, *EMBEDDED, *WORKING)
    assert (run.exit_code, (project / "calc.py").read_text()) == (0, RIGHT)
    assert run.stdout == "Fixed: `add` in calc.py now returns `a + b`, and the tests pass.\n"


def test_each_step_reads_only_what_was_added_to_the_conversation(project: Path, over_http: tuple[str, ...]) -> None:
    done = steps(batch(project, *over_http, *WORKING, "--output", "stream-json"))
    usages = [step.usage for step in done]
    assert len(usages) == 4
    for before, after in itertools.pairwise(usages):
        assert after.cached_tokens is not None
        assert after.cached_tokens >= before.prompt_tokens + before.completion_tokens - 2


def test_without_the_shell_the_file_is_fixed_and_not_tested(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http, "--allow-write")
    assert (run.exit_code, (project / "calc.py").read_text()) == (0, RIGHT)
    assert "cannot run the tests" in run.stdout


def test_without_any_ability_nothing_is_touched(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http)
    assert (run.exit_code, changed_files(project)) == (0, [])
    assert "cannot change files" in run.stdout


def test_two_calls_in_one_message_are_both_answered(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http, prompt="Look around and tell me what this project does.")
    assert (run.exit_code, run.stdout) == (0, "It is a small calculator with an `add` function.\n")


def test_a_new_file_is_written(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http, "--allow-write", prompt="Write a greeting to hello.txt.")
    assert (run.exit_code, (project / "hello.txt").read_text()) == (0, "Hello, world!\n")


def test_the_plan_of_the_model_is_in_the_report(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http, "--output", "json", prompt="Make a plan to add a subtract function.")
    assert [entry["text"] for entry in run.report["plan"]] == ["Read calc.py", "Add subtract", "Run the tests"]


def test_an_answer_without_end_is_cut_and_told(project: Path) -> None:
    with Engine(TRAINED, n_ctx=4096) as small:
        run = batch(project, "--provider", "llamacpp", "--base-url", small.url, prompt="Sing until I stop you.")
    assert set(run.stdout.split()) == {"la"}
    assert "cut" in run.stderr


def test_a_limit_of_tokens_ends_an_answer_without_end(project: Path, over_http: tuple[str, ...]) -> None:
    run = batch(project, *over_http, "--max-tokens", "20", prompt="Sing until I stop you.")
    assert run.exit_code == 3
    assert 0 < len(run.stdout.split()) <= 20


def test_a_missing_model_file_is_no_server(project: Path) -> None:
    run = batch(project, "--provider", "embedded", "--model", "absent.gguf")
    assert run.exit_code == 5
    assert "absent.gguf" in run.stderr


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_model_that_talks_nonsense_changes_nothing(project: Path, tmp_path: Path, seed: int) -> None:
    model = write_random(tmp_path / "random.gguf", seed)
    run = batch(
        project, "--provider", "embedded", "--model", str(model), *WORKING, "--max-steps", "3", "--max-tokens", "300"
    )
    assert run.exit_code in {0, 1, 3}
    assert changed_files(project) == []
