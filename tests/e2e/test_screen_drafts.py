"""What was being written outlives the program, however that ends."""

from __future__ import annotations

import os
import signal
import sys

import pytest

pytestmark = [
    pytest.mark.cut_log,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]


def kept(app) -> list[str]:
    """The drafts on the disk."""
    return [file.read_text() for file in app._home.glob("*/state/workspaces/*/drafts/*.json")]


def wait_for_files(app, is_so) -> None:
    """Wait for something on the disk, of which the terminal says nothing."""
    for _ in range(400):
        if is_so():
            return
        app.read(0.05)
    raise TimeoutError(str(kept(app)))


def test_a_draft_outlives_kill_9_and_is_offered_once(open_app) -> None:
    first = open_app()
    first.type("half a thought")
    first.wait_for("half a thought")
    wait_for_files(first, lambda: any("half a thought" in text for text in kept(first)))
    os.kill(first.pid, signal.SIGKILL)
    second = open_app()
    second.wait_for("half a thought")
    third = open_app()
    assert "half a thought" not in third.screen_text()
    third.quit()
    second.quit()


def test_what_was_sent_before_kill_9_is_history_and_no_draft(open_app) -> None:
    first = open_app([{"text": "Done."}])
    first.send("say hello")
    first.wait_for("Done.")
    wait_for_files(first, lambda: not kept(first))
    os.kill(first.pid, signal.SIGKILL)
    second = open_app([{"text": "Done."}])
    assert "say hello" not in second.screen_text()
    second.press_until("up", "say hello")
    second.quit()


def test_without_a_session_nothing_is_stored(open_app) -> None:
    app = open_app([{"text": "Done."}], "--no-session")
    app.send("say hello")
    app.wait_for("Done.")
    app.type("half a thought")
    app.wait_for("half a thought")
    app.quit()
    assert not kept(app)
    assert not list(app._home.glob("*/state/workspaces/*/prompts.jsonl"))
