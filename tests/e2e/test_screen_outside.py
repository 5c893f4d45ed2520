"""What the app does outside its own screen: notifications, the clipboard, colours, and a terminal that changes."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.screen_app import ACCEPTS, AppTerminal, edit

OpenApp = Callable[..., AppTerminal]
FOCUS_OUT, FOCUS_IN = b"\x1b[O", b"\x1b[I"
MOUSE = {1000, 1003, 1006}
COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;[0-9;]*)?m")
RICH_COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?[34]8;[0-9;]*m")
TRUE_COLOUR = re.compile(rb"\x1b\[(?:[0-9;]*;)?[34]8;2;[0-9;]*m")
ANSWER = "An answer **worth** keeping."
HELD_EDIT = {**edit("src/app.py", "Hello", "Good day"), "wait_file": "gate"}


def ask_behind_ones_back(app: AppTerminal) -> None:
    """Have a question come up while the terminal has no focus."""
    app.send("greet")
    app.wait_for("Enter steers")
    app.write(FOCUS_OUT)
    app.open_gate("gate")
    app.wait_for(ACCEPTS)


@pytest.mark.parametrize(
    ("environment", "sequence"),
    [
        ({"TERM_PROGRAM": "WezTerm"}, b"\x1b]9;trashclaw: repository asks for your approval\x07"),
        ({"TERM": "foot"}, b"\x1b]777;notify;trashclaw;repository asks for your approval\x07"),
        ({"TRASHCLAW_UI__NOTIFY": "osc777"}, b"\x1b]777;notify;trashclaw;repository asks for your approval\x07"),
    ],
    ids=["by program", "by terminal", "by setting"],
)
def test_who_looks_elsewhere_is_told_once_that_something_waits(
    open_app: OpenApp, environment: dict[str, str], sequence: bytes
) -> None:
    app = open_app([HELD_EDIT, {"text": "Done."}], environment=environment)
    ask_behind_ones_back(app)
    app.wait_for(lambda: sequence in app.output)
    app.write(FOCUS_IN)
    app.press("a")
    app.wait_for("Done.")
    app.wait_until_ready()
    assert app.output.count(sequence) == 1
    assert b"Good day" not in sequence


@pytest.mark.parametrize("is_off", [False, True], ids=["focus unknown", "off"])
def test_nobody_is_told_who_may_be_looking_or_does_not_want_to_be(open_app: OpenApp, is_off: bool) -> None:
    environment = {"TERM_PROGRAM": "WezTerm", **({"TRASHCLAW_UI__NOTIFY": "off"} if is_off else {})}
    app = open_app([HELD_EDIT, {"text": "Done."}], environment=environment)
    app.send("greet")
    app.wait_for("Enter steers")
    if is_off:
        app.write(FOCUS_OUT)
    app.open_gate("gate")
    app.wait_for(ACCEPTS)
    app.press("a")
    app.wait_for("Done.")
    app.wait_until_ready()
    assert b"\x1b]9;" not in app.output
    assert b"\x07" not in re.sub(rb"\x1b\][^\x07]*\x07", b"", bytes(app.output))


def fake_program(folder: Path, name: str, body: str) -> dict[str, str]:
    """Put a program in front of the search path, and return the surroundings in which it is asked."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    file.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "WAYLAND_DISPLAY": "wayland-0"}


def test_an_answer_is_copied_by_the_terminal_and_by_a_program_and_the_notice_says_so(
    open_app: OpenApp, tmp_path: Path
) -> None:
    environment = fake_program(tmp_path / "bin", "wl-copy", f"cat > {tmp_path}/copied")
    app = open_app([{"text": ANSWER}], environment=environment)
    app.send("talk")
    app.wait_for("worth keeping")
    app.wait_until_ready()
    app.press("ctrl+y")
    app.wait_for("(OSC 52, wl-copy)")
    assert (tmp_path / "copied").read_text(encoding="utf-8") == ANSWER
    assert b"\x1b]52;c;" + base64.b64encode(ANSWER.encode()) + b"\x07" in app.output


@pytest.mark.parametrize("case", ["fails", "over ssh"])
def test_where_no_program_helps_the_terminal_alone_copies(open_app: OpenApp, tmp_path: Path, case: str) -> None:
    environment = fake_program(tmp_path / "bin", "wl-copy", "exit 1" if case == "fails" else f"cat > {tmp_path}/copied")
    if case == "over ssh":
        environment["SSH_CONNECTION"] = "10.0.0.1 22 10.0.0.2 22"
    app = open_app([{"text": ANSWER}], environment=environment)
    app.send("talk")
    app.wait_for("worth keeping")
    app.wait_until_ready()
    app.press("ctrl+y")
    app.wait_for("(OSC 52)")
    assert not (tmp_path / "copied").exists()


def test_what_is_too_large_for_a_terminal_is_not_sent_and_not_said_to_be_copied(open_app: OpenApp) -> None:
    app = open_app([{"text": "word " * 20_000 + "end"}])
    app.send("talk")
    app.wait_for("word end")
    app.wait_until_ready()
    app.press("ctrl+y")
    app.wait_for("Not copied: 100 KB")
    assert b"\x1b]52;" not in app.output


def test_without_colours_there_are_none_and_what_waits_is_still_told(open_app: OpenApp) -> None:
    app = open_app([edit("src/app.py", "Hello", "Good day"), {"text": "Done."}], environment={"NO_COLOR": "1"})
    app.send("greet")
    app.wait_for(ACCEPTS)
    assert "waits for you" in app.screen_text()
    app.press("a")
    app.wait_for("Done.")
    app.wait_until_ready()
    assert COLOUR.search(app.output) is None
    assert b"\x1b[7m" in app.output
    assert b"\x1b[1m" in app.output


@pytest.mark.parametrize(
    ("environment", "too_many"),
    [
        ({"TERM": "xterm", "COLORTERM": ""}, RICH_COLOUR),
        ({"TERM": "screen", "COLORTERM": ""}, RICH_COLOUR),
        ({"TERM": "xterm-256color", "COLORTERM": ""}, TRUE_COLOUR),
    ],
    ids=["16", "screen", "256"],
)
def test_no_more_colours_are_asked_for_than_the_terminal_has(
    open_app: OpenApp, environment: dict[str, str], too_many: re.Pattern[bytes]
) -> None:
    app = open_app([edit("src/app.py", "Hello", "Good day"), {"text": "Done."}], environment=environment)
    app.send("greet")
    app.wait_for(ACCEPTS)
    app.press("a")
    app.wait_for("Done.")
    app.wait_until_ready()
    assert too_many.search(app.output) is None
    assert COLOUR.search(app.output) is not None


def test_the_mouse_is_left_to_the_terminal_that_keeps_it(open_app: OpenApp) -> None:
    app = open_app(environment={"TRASHCLAW_UI__MOUSE": "false"})
    assert not app.modes & MOUSE


def test_two_hundred_sizes_while_an_answer_streams_end_in_the_last_one(open_app: OpenApp) -> None:
    app = open_app([{"text": "word " * 400, "tokens_per_s": 200.0}], size=(120, 40))
    app.send("talk")
    app.wait_for("word word")
    for number in range(200):
        app.resize(60 + number % 80, 16 + number % 24)
        app.read(0.0)
    app.resize(100, 30)
    app.wait_for(lambda: app.rows[-2].startswith("╰") and app.rows[-2].rstrip().endswith("╯"))
    app.wait_until_ready()
    assert len(app.rows[-2].rstrip()) == 100
    assert "Traceback" not in app.screen_text()
    assert app.quit() == 0
