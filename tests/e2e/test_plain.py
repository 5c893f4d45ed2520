"""The face of plain lines as a program: in a pipe and in a terminal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.support.plugin import clean_environment
from tests.support.screen_app import PROJECT, AppTerminal, edit, vouch_for, write_script
from tests.support.terminal import Size
from trashclaw.protocol.events import StopReason, TurnCompleted

ESCAPE = b"\x1b"
TWO = [{"text": "First answer."}, {"text": "Second answer."}]
HELD = {"text": "A long answer.\nIt goes on.", "hold": True}
CHANGE = [edit("src/app.py", "Hello", "Good day"), {"text": "Changed."}]


@pytest.fixture
def plain(home: Path, repository: Path, tmp_path: Path) -> Any:
    """Run the program over a script with some lines on its standard input; return what it said."""

    def run(
        steps: Sequence[Mapping[str, Any]], *lines: str, arguments: Sequence[str] = (), is_known: bool = True
    ) -> str:
        script = write_script(tmp_path, steps)
        environment = clean_environment(home) | {"PYTHONPATH": str(PROJECT)}
        if is_known:
            vouch_for(repository, Path(environment["TRASHCLAW_HOME"]))
        model = ["--provider", "scripted", "--model", str(script)]
        done = subprocess.run(
            [sys.executable, "-m", "trashclaw", "--plain", *model, *arguments],
            cwd=repository,
            env=environment,
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return done.stdout

    return run


def test_each_line_of_a_pipe_is_a_prompt_of_its_own(plain: Any) -> None:
    said = plain(TWO, "one", "two")
    assert said.index("Agent: First answer.") < said.index("Agent: Second answer.")
    assert said.splitlines()[-1].startswith("trashclaw --plain --resume ")


@pytest.mark.parametrize("arguments", [["--no-session"], ["--demo"]])
def test_what_is_gone_at_the_end_is_not_offered_to_come_back_to(plain: Any, arguments: Sequence[str]) -> None:
    said = plain(TWO, "one", arguments=arguments)
    assert "You: " in said or "Agent: " in said
    assert "--resume" not in said


def test_a_change_is_asked_about_and_lands(plain: Any, repository: Path) -> None:
    said = plain(CHANGE, "greet otherwise", "y")
    assert "Question: Change src/app.py, 1 hunk?" in said
    assert "Good day" in (repository / "src" / "app.py").read_text(encoding="utf-8")


def test_a_reason_rejects_and_reaches_the_model(plain: Any, repository: Path) -> None:
    said = plain(CHANGE, "greet otherwise", "leave it as it is", "/output")
    assert "leave it as it is" in said
    assert "Hello" in (repository / "src" / "app.py").read_text(encoding="utf-8")


def test_nothing_lands_that_nobody_could_answer(plain: Any, repository: Path) -> None:
    assert "Stopped by you" in plain(CHANGE, "greet otherwise")
    assert "Hello" in (repository / "src" / "app.py").read_text(encoding="utf-8")


def test_a_session_is_gone_on_with(plain: Any) -> None:
    name = plain(TWO, "one").split()[-1]
    said = plain(TWO[1:], "two", arguments=("--resume", name))
    assert "You: one" in said
    assert "Agent: First answer." in said
    assert "Agent: Second answer." in said


def test_an_unknown_folder_is_asked_about_first(plain: Any) -> None:
    said = plain(TWO, "y", "one", is_known=False)
    assert "Question: Do you trust" in said
    assert "Mode review" in said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/help", "/undo: bring files back"),
        ("/status", "Nothing runs."),
        ("/mode plan", "Mode plan."),
        ("/mode nonsense", "There is no mode nonsense."),
        ("/plan", "There is no plan."),
        ("/diff", "This session has changed no file."),
        ("/context", "The window holds"),
        ("/sessions", "Nothing was said in this workspace yet."),
        ("/resume", "needs the id of a session"),
        ("/resume nonsense", "That did not work"),
        ("/later", "needs words"),
        ("/no-such", "That did not work"),
        ("/undo", "Error: There is nothing to undo"),
    ],
)
def test_a_command_says_what_came_of_it(plain: Any, line: str, words: str) -> None:
    assert words in plain([], line)


def test_another_session_takes_the_place(plain: Any) -> None:
    said = plain(TWO, "one", "/new", "two", "/quit")
    assert said.count("trashclaw --plain --resume") == 2


def test_nothing_that_the_model_says_is_obeyed(plain: Any) -> None:
    said = plain([{"text": "a\x1b[2Jb\x1b]52;c;QUJD\x07c"}], "say it")
    assert not {"\x1b", "\x07"} & set(said)


@pytest.fixture
def talk(home: Path, repository: Path, tmp_path: Path) -> Iterator[Any]:
    """Open the face in a terminal."""
    with ExitStack() as stack:

        def open_it(steps: Sequence[Mapping[str, Any]]) -> AppTerminal:
            script = write_script(tmp_path, steps)
            arguments = ["--plain", "--provider", "scripted", "--model", str(script)]
            app = AppTerminal(arguments, repository, home, gates=tmp_path, size=Size(80, 24))
            stack.enter_context(app)
            app.wait_for("> ")
            return app

        yield open_it


def test_a_terminal_gets_lines_and_no_sequences(talk: Any) -> None:
    app = talk(TWO)
    app.send("one")
    app.wait_for("Agent: First answer.")
    app.wait_for("Done, 1 step")
    app.write(b"\x04")
    assert app.wait_for_end() == 0
    assert ESCAPE not in bytes(app.output)


def test_ctrl_c_stops_a_turn_and_twice_leaves(talk: Any) -> None:
    app = talk([HELD, TWO[1]])
    app.send("one")
    app.wait_for("Agent: A long answer.")
    app.write(b"\x03")
    app.wait_for("Stopped by you")
    app.write(b"\x03")
    app.wait_for("Ctrl+C again leaves.")
    app.write(b"\x03")
    assert app.wait_for_end() == 0


def test_a_hang_up_ends_it_in_order(talk: Any) -> None:
    app = talk([HELD])
    app.send("one")
    app.wait_for("Agent: A long answer.")
    assert app.hang_up() == 0
    assert [event.stop_reason for event in app.events(TurnCompleted)] == [StopReason.CANCELLED]


def test_a_paste_of_several_lines_is_one_message(talk: Any) -> None:
    app = talk(TWO)
    app.write(b"first line\nsecond line\nthird line\n")
    app.wait_for("Agent: First answer.")
    app.wait_for("Done, 1 step")
    assert [message.text for message in app.said()] == ["first line\nsecond line\nthird line"]
