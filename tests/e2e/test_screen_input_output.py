"""What goes in and out of the terminal when the machine is busy: keys keep their order, frames come whole."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.plugin import clean_environment
from tests.support.screen_app import ACCEPTS, PROJECT, AppTerminal, edit
from tests.support.terminal import Terminal
from trashclaw.protocol.approvals import Verdict
from trashclaw.protocol.events import ApprovalResolved

OpenApp = Callable[..., AppTerminal]
FRAME = "0123456789abcdef" * 4096
FRAMES = 12
DRAW = f"""
import signal, sys, threading
from trashclaw.faces.tui.terminal import prepare
prepare()
signal.signal(signal.SIGUSR1, lambda *_: None)
def draw():
    for _ in range({FRAMES}):
        sys.__stderr__.write("{FRAME}")
        sys.__stderr__.flush()
writer = threading.Thread(target=draw)
writer.start()
while writer.is_alive():
    signal.pthread_kill(writer.ident, signal.SIGUSR1)
    writer.join(0.001)
"""


def test_keys_that_come_together_count_in_their_order(open_app: OpenApp) -> None:
    app = open_app([{"text": "First."}, {"text": "Second."}])
    app.write(b"wrong\x7f\x7f\x7f\x7f\x7fright")
    app.wait_for("❯ right")
    app.write(b" way\rand more")
    app.wait_for("First.")
    app.wait_for("❯ and more")
    assert [item.text for item in app.said()] == ["right way"]


def test_a_reason_that_is_typed_at_once_never_answers_by_its_letters(open_app: OpenApp) -> None:
    app = open_app([edit("src/app.py", "Hello", "Hi"), {"expect": "already fine", "text": "Then it stays."}])
    app.send("greet")
    app.wait_for(ACCEPTS)
    app.write(b"nalready fine")
    app.wait_for("already fine")
    app.press("enter")
    app.wait_for("Then it stays.")
    (answer,) = app.events(ApprovalResolved)
    assert (answer.verdict, answer.note) == (Verdict.REJECTED, "already fine")


def test_frames_come_whole_whatever_interrupts_them(home: Path, tmp_path: Path) -> None:
    environment = clean_environment(home) | {"PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    with Terminal([sys.executable, "-c", DRAW], tmp_path, environment) as terminal:
        assert terminal.wait_for_end() == 0
        assert terminal.output.decode() == FRAME * FRAMES
