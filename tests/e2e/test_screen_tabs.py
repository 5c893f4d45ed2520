"""Several sessions on the real screen: leaving in order with more than one open, and a replay of one afterwards."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from tests.support.screen_app import AppTerminal
from trashclaw.protocol.events import SessionEnded, SessionStarted

STEPS = [{"text": "It is mended."}]


def two_tabs(open_app) -> AppTerminal:
    """Open the app with two sessions in which something was said."""
    app = open_app(STEPS)
    app.send("mend the door")
    app.wait_for("It is mended.")
    app.wait_until_ready()
    app.send("/tab paint the wall")
    app.wait_for("2 paint the wall")
    app.wait_for("It is mended.")
    app.wait_until_ready()
    return app


def test_quitting_ends_both_sessions_and_says_how_to_come_back_to_each(open_app) -> None:
    app = two_tabs(open_app)
    assert app.quit() == 0
    said = app.screen_text()
    ids = {envelope.session_id for envelope in app.envelopes()}
    assert len(ids) == 2
    for session_id in ids:
        assert f"trashclaw --resume {session_id}" in said
    assert said.index("mend the door") < said.index("paint the wall")
    assert len(app.events(SessionEnded)) == len(app.events(SessionStarted)) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_signal_ends_both_sessions_in_order(open_app) -> None:
    app = two_tabs(open_app)
    os.kill(app.pid, signal.SIGTERM)
    assert app.wait_for_end() == 128 + signal.SIGTERM
    assert app.screen_text().count("trashclaw --resume") == 2
    assert len(app.events(SessionEnded)) == 2


def test_keys_of_old_terminals_go_from_tab_to_tab(open_app) -> None:
    app = two_tabs(open_app)
    app.type("\x1b1")
    app.wait_for("mend the door")
    app.type("one")
    app.wait_for("one")
    app.type("\x1b[6;5~")
    app.wait_until_gone("❯ one")
    app.type("\x1b[5;5~")
    app.wait_for("❯ one")
    assert app.quit() == 0


def test_a_stored_session_is_replayed_without_a_model(open_app, home: Path, repository: Path, tmp_path: Path) -> None:
    first = two_tabs(open_app)
    assert first.quit() == 0
    count = len(first.envelopes())
    session_id = first.envelopes()[0].session_id
    with AppTerminal(["replay", session_id, "--speed", "0"], repository, home, gates=tmp_path) as app:
        app.wait_for("replay, at its end")
        app.wait_for("It is mended.")
        assert "forks" not in app.screen_text()
        app.press("q")
        assert app.wait_for_end() == 0
        assert len(app.envelopes()) == count
