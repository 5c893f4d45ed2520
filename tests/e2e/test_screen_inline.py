"""The app below the terminal's own scrollback: `--inline`."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.plugin import clean_environment
from tests.support.screen_app import ACCEPTS, PROJECT, AppTerminal, edit, vouch_for, write_script
from tests.support.terminal import LIMIT_S, Terminal

OpenApp = Callable[..., AppTerminal]
MOUSE = {1000, 1003}
ENTER, LEAVE = b"\x1b[?1049h", b"\x1b[?1049l"
LONG = "\n\n".join(f"Paragraph {number} of a long answer." for number in range(60))


def said(app: Terminal) -> list[str]:
    """Return the rows that are not empty, without the lines that end turns."""
    return [row.strip() for row in app.rows if row.strip() and not row.startswith("─ done")]


def frames(app: Terminal) -> int:
    """Return how many frames of a prompt are on the screen."""
    return sum(row.startswith("╭") for row in app.rows)


def test_what_is_finished_stays_and_the_prompt_is_below_it(open_app: OpenApp) -> None:
    app = open_app([{"text": "The **first** answer."}, {"text": "The second one."}], "--inline")
    assert not app.is_alternate
    assert not app.modes & MOUSE
    for words, answer in (("one", "The first answer."), ("two", "The second one.")):
        app.send(words)
        app.wait_for(answer)
        app.wait_until_ready()
    assert frames(app) == 1
    assert app.quit() == 0
    session_id = app.envelopes()[0].session_id
    back = f"trashclaw --resume {session_id}"
    assert said(app)[1:] == ["▌ one", "The first answer.", "▌ two", "The second one.", back]
    assert app.has_cursor
    assert ENTER not in app.output


def test_a_long_answer_is_whole_and_once_in_what_was_written(open_app: OpenApp) -> None:
    app = open_app([{"text": LONG, "tokens_per_s": 400.0}], "--inline", size=(80, 24))
    app.send("talk")
    app.wait_for("Paragraph 59")
    app.wait_until_ready()
    assert frames(app) == 1
    assert [row for row in said(app) if row.startswith("Paragraph")][-1] == "Paragraph 59 of a long answer."


def test_what_waits_for_the_person_comes_with_its_hunks_and_goes_when_it_is_answered(
    open_app: OpenApp, repository: Path
) -> None:
    app = open_app([edit("src/app.py", "Hello", "Good day"), {"text": "Done with it."}], "--inline", size=(100, 30))
    app.send("greet")
    app.wait_for(ACCEPTS)
    assert "Good day" in app.screen_text()
    app.press("a")
    app.wait_for("Done with it.")
    app.wait_until_ready()
    assert "Good day" in (repository / "src" / "app.py").read_text(encoding="utf-8")
    assert frames(app) == 1
    assert "┏" not in app.screen_text()


def test_an_overlay_has_the_whole_screen_and_leaves_no_trace(open_app: OpenApp) -> None:
    app = open_app([{"text": "An answer."}], "--inline", size=(100, 30))
    app.send("one")
    app.wait_for("An answer.")
    app.wait_until_ready()
    before = said(app)
    app.press("f1")
    app.wait_for(lambda: app.is_alternate and "type to search" in app.screen_text())
    app.press("escape")
    app.wait_for(lambda: not app.is_alternate and app.status.startswith("ready"))
    assert said(app) == before
    app.press("ctrl+f")
    app.wait_for(lambda: app.is_alternate and "Conversation" in app.rows[1])
    app.press("ctrl+f")
    app.wait_for(lambda: not app.is_alternate and app.status.startswith("ready"))
    assert said(app) == before
    app.type("still typing")
    app.wait_for("❯ still typing")
    assert app.quit() == 0
    assert app.output.count(ENTER) == app.output.count(LEAVE) == 2


@pytest.mark.parametrize("size", [(60, 16), (140, 40), (100, 16), (60, 30)], ids=str)
def test_after_another_size_there_is_one_region_and_what_was_said_above_it(
    open_app: OpenApp, size: tuple[int, int]
) -> None:
    app = open_app([{"text": LONG}, {"text": "Over."}], "--inline", size=(100, 30))
    app.send("talk")
    app.wait_for("Paragraph 59")
    app.wait_until_ready()
    app.resize(*size)
    app.wait_for(
        lambda: frames(app) == 1 and app.rows[-1].strip().startswith("ready") and "Paragraph 59" in said_all(app)
    )
    app.send("again")
    app.wait_for("Over.")
    app.wait_until_ready()
    assert frames(app) == 1
    assert "Traceback" not in app.screen_text()


def said_all(app: Terminal) -> str:
    """Return the rows as one text."""
    return "\n".join(said(app))


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_it_steps_aside_for_the_shell_and_comes_back(home: Path, repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "Before."}, {"text": "I am back."}])
    environment = clean_environment(home) | {"PYTHONPATH": str(PROJECT), "PS1": "shell> "}
    vouch_for(repository, Path(environment["TRASHCLAW_HOME"]))
    with Terminal(["bash", "--norc", "--noprofile", "-i"], repository, environment) as shell:
        shell.wait_for("shell>")
        shell.type(f"{sys.executable} -m trashclaw --inline --provider scripted --model {script}\n")
        shell.wait_for("ready   review")
        shell.type("one\r")
        shell.wait_for("Before.")
        shell.wait_for("ready   review")
        shell.press("ctrl+z")
        shell.wait_for("Stopped")
        assert frames(shell) == 0
        assert shell.has_cursor
        shell.type("echo from the shell\n")
        shell.wait_for(lambda: said(shell).count("from the shell") == 1)
        shell.type("fg\n")
        shell.wait_for("ready   review")
        shell.type("two\r")
        shell.wait_for("I am back.")
        shell.wait_for("ready   review")
        shell.press("ctrl+q")
        shell.wait_for("trashclaw --resume")
        rows = said(shell)
        assert rows.index("Before.") < rows.index("from the shell") < rows.index("I am back.")
        assert frames(shell) == 0
        shell.type("exit\n")
        assert shell.wait_for_end() == 0


class Tmux:
    """A tmux of its own with one pane; its answers are the terminal's scrollback."""

    def __init__(
        self, command: Sequence[str], folder: Path, environment: dict[str, str], size: tuple[int, int]
    ) -> None:
        self._name = f"test-{uuid.uuid4().hex}"
        self._environment = environment
        columns, lines = map(str, size)
        start = ["-f", "/dev/null", "new-session", "-d", "-x", columns, "-y", lines, "-c", str(folder), *command]
        self.run(*start)

    def run(self, *arguments: str) -> str:
        """Ask tmux for something."""
        done = subprocess.run(
            ["tmux", "-L", self._name, *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=LIMIT_S,
        )
        return done.stdout

    def history(self) -> list[str]:
        """Return all rows that are not empty, from the first that was written."""
        return [row.rstrip() for row in self.run("capture-pane", "-p", "-S", "-").splitlines() if row.strip()]

    def wait_for(self, claim: Callable[[list[str]], bool]) -> list[str]:
        """Return the rows as soon as something holds of them."""
        deadline = time.monotonic() + LIMIT_S
        rows = self.history()
        while not claim(rows):
            if time.monotonic() > deadline:
                raise TimeoutError("\n".join(rows))
            rows = self.history()
        return rows


@pytest.fixture
def open_tmux(home: Path, repository: Path, tmp_path: Path) -> Iterator[Callable[..., Tmux]]:
    """Open the app inline in a tmux."""
    opened: list[Tmux] = []
    environment = clean_environment(home) | {"PYTHONPATH": str(PROJECT)}
    vouch_for(repository, Path(environment["TRASHCLAW_HOME"]))

    def open_it(steps: list[dict[str, Any]], size: tuple[int, int]) -> Tmux:
        script = write_script(tmp_path, steps)
        command = [sys.executable, "-m", "trashclaw", "--inline", "--provider", "scripted", "--model", str(script)]
        opened.append(Tmux(command, repository, environment, size))
        return opened[-1]

    yield open_it
    for tmux in opened:
        tmux.run("kill-server")


def is_ready(rows: list[str]) -> bool:
    """Tell whether the last row is that of an app in which nothing runs."""
    return bool(rows) and rows[-1].strip().startswith("ready")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_the_scrollback_of_tmux_has_every_line_once_and_in_order(open_tmux: Callable[..., Tmux]) -> None:
    tmux = open_tmux([{"text": LONG}, {"text": "The end."}], (90, 20))
    tmux.wait_for(is_ready)
    for words, answer in (("talk", "Paragraph 59"), ("more", "The end.")):
        tmux.run("send-keys", words, "Enter")
        tmux.wait_for(lambda rows, answer=answer: is_ready(rows) and any(answer in row for row in rows))
    rows = tmux.history()
    told = [row.strip() for row in rows if row.strip().startswith(("Paragraph", "The end", "▌"))]
    assert told == ["▌ talk", *LONG.split("\n\n"), "▌ more", "The end."]
    assert sum(row.startswith("╭") for row in rows) == 1


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_a_tmux_that_wraps_lines_anew_has_one_region_after_any_sizes(open_tmux: Callable[..., Tmux]) -> None:
    tmux = open_tmux([{"text": LONG}, {"text": "The end."}], (100, 30))
    tmux.wait_for(is_ready)
    tmux.run("send-keys", "talk", "Enter")
    tmux.wait_for(lambda rows: is_ready(rows) and any("Paragraph 59" in row for row in rows))
    for columns, lines in ((60, 30), (120, 40), (70, 18), (100, 30), (41, 24), (100, 30)):
        tmux.run("resize-window", "-x", str(columns), "-y", str(lines))
        tmux.wait_for(lambda rows, columns=columns: is_ready(rows) and len(rows[-2]) == columns)
    tmux.run("send-keys", "more", "Enter")
    rows = tmux.wait_for(lambda rows: is_ready(rows) and any("The end." in row for row in rows))
    assert sum("╭" in row for row in rows) == 1
    told = [row.strip() for row in rows if row.strip().startswith("Paragraph")]
    assert [row for row in LONG.split("\n\n") if row not in told] == []
    assert told[-10:] == LONG.split("\n\n")[-10:]
