"""The app and its terminal: sizes, hostile text, colours, and every way to end."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.plugin import clean_environment
from tests.support.screen_app import ACCEPTS, PROJECT, AppTerminal, edit, vouch_for, write_script
from tests.support.terminal import Terminal
from trashclaw.protocol.events import SessionEnded, StopReason, TurnCompleted

OpenApp = Callable[..., AppTerminal]
MOUSE, FOCUS, PASTE, SYNCHRONIZED = {1000, 1003, 1006, 1015}, 1004, 2004, 2026
WORDS = {"text": "word " * 4000, "tokens_per_s": 300.0}
HOSTILE = (
    "\x1b]52;c;cm0gLXJm\x07",
    "\x1b[2J",
    "\x1b[31;5m",
    "\x1bP+q544e\x1b\\",
    "\x9b2J",
    "\x9d0;title\x9c",
    "\u202egnp.exe",
    "\u2066isolate",
    "\u200b",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
)
WIDE = "漢字かな交じり文\u3000ｆｕｌｌ 한국어 🎉🚀 e\u0301 [red]no markup[/red]"


def test_a_storm_of_sizes_while_an_answer_streams_leaves_the_frames_straight(open_app: OpenApp) -> None:
    app = open_app([WORDS], size=(140, 40))
    app.send("talk")
    app.wait_for("word word word")
    for columns, lines in ((80, 24), (60, 16), (120, 40), (60, 16), (140, 40), (80, 24), (120, 40)):
        app.resize(columns, lines)
        app.wait_for(lambda: has_straight_frames(app))
    app.wait_for(lambda: "Conversation" in app.rows[1] and "Plan" in app.rows[1])
    app.press("escape")
    app.wait_until_ready()
    assert "Traceback" not in app.screen_text()
    assert app.quit() == 0


def has_straight_frames(app: AppTerminal) -> bool:
    """Tell whether the frames close in the first and the last column, around the panes and around the prompt."""
    left, right = app.column(0), app.column(app.size.columns - 1)
    return all(
        column[-4:-1] == prompt and column[-5] == corner
        for column, prompt, corner in ((left, "╭│╰", "╰"), (right, "╮│╯", "╯"))
    )


def test_hostile_text_is_shown_and_never_obeyed(open_app: OpenApp, repository: Path) -> None:
    text = "\n\n".join([*HOSTILE, WIDE])
    (repository / "src" / "evil.py").write_text(f"first = 1\n# {WIDE}\n# {' '.join(HOSTILE)}\n", encoding="utf-8")
    read = {"calls": [{"name": "read_file", "arguments": {"path": "src/evil.py"}}]}
    shell = {"calls": [{"name": "bash", "arguments": {"command": f"printf '%s' '{HOSTILE[0]}{HOSTILE[1]}'"}}]}
    app = open_app([{"text": text, **read}, edit("src/evil.py", "first = 1", "second = 2"), shell, {"text": "Over."}])
    app.send("look at evil.py")
    app.wait_for(ACCEPTS)
    app.wait_for(lambda: is_closed(app))
    assert "[red]no markup" in app.screen_text()
    assert "<U+202E>gnp.exe" in app.screen_text()
    app.press("a")
    app.wait_for("Over.")
    app.wait_until_ready()
    app.press("ctrl+o")
    app.wait_for(lambda: "1   first = 1" in app.screen_text() and is_closed(app))
    assert app.quit() == 0
    for sequence in HOSTILE:
        assert sequence.encode() not in app.output
    drawn = app.output.decode()
    assert not [character for character in drawn if 0x80 <= ord(character) < 0xA0]
    assert b"\x1b[2J" not in app.output
    assert b"\x1b]52;" not in app.output


def is_closed(app: AppTerminal) -> bool:
    """Tell whether the columns of the frames hold nothing but frame, from the first pane row to the prompt."""
    edges = "│╭╰┃┏┗╮╯┓┛"
    first, last = app.column(0)[1:-1], app.column(app.size.columns - 1)[1:-1]
    middle = app.rows[1].index("╮")
    return all(set(column) <= set(edges) for column in (first, last, app.column(middle)[1:-4]))


@pytest.mark.parametrize("keys", [("ctrl+q",), ("ctrl+c", "ctrl+c")], ids=["ctrl+q", "ctrl+c twice"])
def test_quitting_restores_the_terminal_and_says_how_to_come_back(open_app: OpenApp, keys: tuple[str, ...]) -> None:
    app = open_app([{"text": "Half an answer", "hold": True}])
    assert app.is_alternate
    assert app.modes >= MOUSE | {FOCUS, PASTE}
    app.send("hello")
    app.wait_for("Half an answer")
    app.press(*keys)
    assert app.wait_for_end() == 0
    assert not app.is_alternate
    assert app.has_cursor
    assert not app.modes & (MOUSE | {FOCUS, PASTE, SYNCHRONIZED})
    session_id = app.envelopes()[0].session_id
    assert app.screen_text().strip() == f"trashclaw --resume {session_id}"
    assert [event.stop_reason for event in app.events(TurnCompleted)] == [StopReason.CANCELLED]
    assert app.events(SessionEnded)


def test_a_first_ctrl_c_only_says_that_a_second_one_quits(open_app: OpenApp) -> None:
    app = open_app()
    app.press("ctrl+c")
    app.wait_for("Ctrl+C again quits.")
    app.type("still here")
    app.wait_for("❯ still here")


def test_a_terminal_that_goes_away_leaves_a_whole_log(open_app: OpenApp) -> None:
    app = open_app([WORDS])
    app.send("talk")
    app.wait_for("word word word")
    assert app.hang_up() != 0
    assert [event.stop_reason for event in app.events(TurnCompleted)] == [StopReason.CANCELLED]
    assert app.events(SessionEnded)


def test_sigterm_ends_in_order(open_app: OpenApp) -> None:
    app = open_app([{"text": "Half an answer", "hold": True}])
    app.send("hello")
    app.wait_for("Half an answer")
    os.kill(app.pid, signal.SIGTERM)
    assert app.wait_for_end() == 128 + signal.SIGTERM
    assert not app.is_alternate
    assert app.has_cursor
    assert "trashclaw --resume" in app.screen_text()
    assert app.events(SessionEnded)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_the_app_is_suspended_to_the_shell_and_taken_up_again(home: Path, repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [{"text": "I am back."}])
    environment = clean_environment(home) | {"PYTHONPATH": str(PROJECT), "PS1": "shell> "}
    vouch_for(repository, Path(environment["TRASHCLAW_HOME"]))
    with Terminal(["bash", "--norc", "--noprofile", "-i"], repository, environment) as shell:
        shell.wait_for("shell>")
        shell.type(f"{sys.executable} -m trashclaw --provider scripted --model {script}\n")
        shell.wait_for("ready   review")
        shell.press("ctrl+z")
        shell.wait_for("Stopped")
        assert not shell.is_alternate
        shell.type("fg\n")
        shell.wait_for("ready   review")
        shell.type("hello")
        shell.press("enter")
        shell.wait_for("I am back.")
        shell.press("ctrl+q")
        shell.wait_for("trashclaw --resume")
        shell.type("exit\n")
        assert shell.wait_for_end() == 0
