"""Trust on the real screen: the first start in a folder asks, later ones do not, and typing is never lost."""

from __future__ import annotations

from pathlib import Path

from tests.support.screen_app import AppTerminal, write_script
from trashclaw.protocol.events import SessionStarted

ASKED = "y trust"


def test_the_first_start_asks_and_the_second_one_does_not(home: Path, repository: Path, tmp_path: Path) -> None:
    (repository / ".trashclaw").mkdir()
    (repository / ".trashclaw" / "config.yaml").write_text("limits: {steps: 7}\n")
    arguments = ["--provider", "scripted", "--model", str(write_script(tmp_path, [{"text": "I am here."}] * 2))]
    with AppTerminal(arguments, repository, home, gates=tmp_path, is_known=False) as app:
        app.wait_for("Do you trust this folder?")
        app.wait_for(".trashclaw/config.yaml")
        app.wait_for(ASKED)
        app.press("y")
        app.wait_until_ready()
        app.send("hello")
        app.wait_for("I am here.")
        app.wait_until_ready()
        assert app.quit() == 0
        assert {event.mode.value for event in app.events(SessionStarted)} == {"review"}
    with AppTerminal(arguments, repository, home, gates=tmp_path, is_known=False) as app:
        app.wait_until_ready()
        assert "Do you trust" not in app.screen_text()
        assert app.quit() == 0


def test_what_is_typed_from_the_first_picture_on_is_kept(home: Path, repository: Path, tmp_path: Path) -> None:
    arguments = ["--provider", "scripted", "--model", str(write_script(tmp_path, [{"text": "I am here."}]))]
    with AppTerminal(arguments, repository, home, gates=tmp_path, is_known=False) as app:
        app.wait_for("Conversation")
        app.type("you need not answer any")
        app.wait_for("you need not answer any")
        app.wait_for(ASKED)
        app.press("escape")
        app.wait_for("not trusted: /trust")
        app.press("enter")
        app.wait_for("I am here.")
        app.wait_until_ready()
        assert app.quit() == 0
        assert {event.mode.value for event in app.events(SessionStarted)} == {"plan"}


def test_the_demo_asks_nothing(home: Path, repository: Path, tmp_path: Path) -> None:
    with AppTerminal(["--demo"], repository, home, gates=tmp_path, is_known=False) as app:
        app.wait_for("Find SQL built")
        assert "Do you trust" not in app.screen_text()
        assert app.quit() == 0
        assert app.screen_text().strip() == "", "there is nothing to come back to"
