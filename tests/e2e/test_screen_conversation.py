"""A conversation on the real screen: streaming, questions, steering, queueing, stopping, completing, coming back."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.support.screen_app import RUNS, AppTerminal, command
from trashclaw.protocol.events import StopReason, TurnCompleted
from trashclaw.protocol.items import Origin
from trashclaw.protocol.tools import ToolStatus

OpenApp = Callable[..., AppTerminal]


def test_an_answer_appears_while_it_is_written(open_app: OpenApp) -> None:
    app = open_app([{"text": "First words of **many**.", "hold": True}])
    app.send("hello")
    app.wait_for("First words of many.")
    assert not app.status.startswith("ready")
    app.press("escape")
    app.wait_until_ready()


def test_questions_are_answered_by_number_and_by_words(open_app: OpenApp) -> None:
    first, second = question("Which database?"), question("Are you sure?")
    app = open_app([first, {"expect": "postgres", **second}, {"expect": "a text file", "text": "A file it is."}])
    app.send("store it")
    app.wait_for("1-2 choose")
    app.press("2")
    app.wait_for(lambda: "Are you sure?" in app.screen_text() and "1-2 choose" in app.screen_text())
    app.type("a text file")
    app.wait_for("Enter answer")
    app.press("enter")
    app.wait_for("A file it is.")


def test_a_steer_is_shown_as_queued_and_read_at_the_next_boundary(open_app: OpenApp) -> None:
    listing = {"calls": [{"name": "list_files", "arguments": {}}]}
    app = open_app(
        [{"text": "Looking around.", **listing}, {"wait_file": "go", **listing}, {"expect": "tests", "text": "Yes."}]
    )
    app.send("look")
    app.wait_for("Looking around.")
    app.send("mind the tests")
    app.wait_for("steers next: mind the tests")
    app.open_gate("go")
    app.wait_for("Yes.")
    app.wait_until_ready()
    assert "steers next" not in app.screen_text()
    assert [(item.origin, item.text) for item in app.said()] == [
        (Origin.PROMPT, "look"),
        (Origin.STEER, "mind the tests"),
    ]
    assert app.runs()[-1].status is ToolStatus.SKIPPED


def test_a_follow_up_is_queued_taken_back_and_sent_in_other_words(open_app: OpenApp) -> None:
    app = open_app(
        [{"wait_file": "go", "text": "The first is done."}, {"expect": "write docs", "text": "So are they."}]
    )
    app.send("begin")
    app.wait_for("Tab queues")
    app.type("write tests")
    app.press("tab")
    app.wait_for("queued: write tests")
    app.press("alt+up")
    app.wait_for("❯ write tests")
    app.wait_until_gone("queued:")
    app.press(*["backspace"] * len("tests"))
    app.type("docs")
    app.press("alt+enter")
    app.wait_for("queued: write docs")
    app.open_gate("go")
    app.wait_for("So are they.")
    app.wait_until_ready()
    assert [item.text for item in app.said()] == ["begin", "write docs"]


def test_escape_stops_a_stream_and_keeps_what_was_written(open_app: OpenApp) -> None:
    app = open_app([{"text": "Half of the answer", "hold": True}, {"expect": "go on", "text": "The other half."}])
    app.send("explain")
    app.wait_for("Half of the answer")
    app.press("escape")
    app.wait_until_ready()
    app.send("go on")
    app.wait_for("The other half.")
    app.wait_until_ready()
    assert "Half of the answer" in app.screen_text()
    reasons = [event.stop_reason for event in app.events(TurnCompleted)]
    assert reasons == [StopReason.CANCELLED, StopReason.END_TURN]


def test_escape_stops_a_command_and_its_children(open_app: OpenApp) -> None:
    length = f"300.{os.getpid()}"
    app = open_app([command(f"sleep {length} & wait")])
    app.send("wait for it")
    app.wait_for(lambda: sleeping(length) or RUNS in app.screen_text())
    if not sleeping(length):
        app.press("a")
        app.wait_for(lambda: sleeping(length))
    app.press("escape")
    app.wait_until_ready()
    assert not sleeping(length)
    assert app.runs()[0].status is ToolStatus.CANCELLED


def test_files_and_commands_are_completed(open_app: OpenApp) -> None:
    app = open_app([{"expect": "Hello, {name}", "text": "I have read it."}])
    app.type("explain @ap")
    app.wait_for("src/app.py")
    app.press("tab")
    app.wait_for("❯ explain @src/app.py")
    app.press("enter")
    app.wait_for("I have read it.")
    app.wait_until_ready()
    app.type("/hel")
    app.wait_for("every key and every command")
    app.press("enter")
    app.wait_for("❯ /help")
    app.press("enter")
    app.wait_for("Esc closes")
    app.press("escape")
    app.wait_until_gone("Esc closes")


def test_a_session_goes_on_after_quitting_with_the_line_that_was_printed(open_app: OpenApp) -> None:
    first = open_app([{"text": "Remember the blue door."}])
    first.send("tell me a secret")
    first.wait_for("Remember the blue door.")
    first.wait_until_ready()
    assert first.quit() == 0
    line = first.screen_text().split()
    assert line[:2] == ["trashclaw", "--resume"]

    second = open_app([{"text": "It is still blue."}], "--resume", line[2])
    second.wait_for("Remember the blue door.")
    second.send("and now?")
    second.wait_for("It is still blue.")
    second.wait_until_ready()
    assert second.quit() == 0
    assert len({envelope.session_id for envelope in second.envelopes()}) == 1


def test_an_earlier_session_is_chosen_from_the_list(open_app: OpenApp) -> None:
    app = open_app([{"text": "The door is green."}, {"text": "Another talk."}])
    app.send("which colour is it?")
    app.wait_for("The door is green.")
    app.wait_until_ready()
    app.send("/new")
    app.wait_until_gone("The door is green.")
    app.wait_until_ready()
    app.send("/resume")
    app.wait_for("type to find")
    app.type("colour")
    app.press("enter")
    app.wait_until_gone("Enter goes on")
    app.wait_for("The door is green.")


def question(text: str) -> dict[str, Any]:
    """Return a step that asks the person."""
    return {"calls": [{"name": "ask_user", "arguments": {"question": text, "options": ["sqlite", "postgres"]}}]}


def sleeping(length: str) -> bool:
    """Tell whether a `sleep` of this length runs, in whatever sandbox."""
    wanted = f"sleep\0{length}\0".encode()
    for process in Path("/proc").iterdir():
        with suppress(OSError):
            if process.name.isdigit() and (process / "cmdline").read_bytes() == wanted:
                return True
    return False
