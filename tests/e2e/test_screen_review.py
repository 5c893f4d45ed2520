"""Changes and commands on the real screen: shown, taken, left, and what reaches the disk and the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.screen_app import ACCEPTS, RUNS, AppTerminal, command, edit
from trashclaw.protocol.approvals import Verdict
from trashclaw.protocol.events import ApprovalRequested, ApprovalResolved, SettingsChanged
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolStatus

OpenApp = Callable[..., AppTerminal]
APP = "src/app.py"
LINES = "".join(f"line {number}\n" for number in range(1, 31))


def test_an_early_key_goes_to_the_prompt_and_an_accepted_change_to_the_disk(
    open_app: OpenApp, repository: Path
) -> None:
    app = open_app([edit(APP, "Hello", "Good day"), {"text": "It is done.", "expect": "Changed src/app.py"}])
    before = (repository / APP).read_bytes()
    app.send("be polite")
    app.wait_for("keys count in a moment")
    app.type("ayy")
    app.wait_for("❯ ayy")
    app.wait_for(ACCEPTS)
    assert (repository / APP).read_bytes() == before
    assert not app.events(ApprovalResolved)
    app.press("a")
    app.wait_for("It is done.")
    app.wait_until_ready()
    assert (repository / APP).read_bytes() == before.replace(b"Hello", b"Good day")
    assert "❯ ayy" in app.screen_text()


def test_a_rejected_change_leaves_every_byte_and_the_reason_reaches_the_model(
    open_app: OpenApp, repository: Path
) -> None:
    app = open_app(
        [
            edit(APP, "Hello", "Yo"),
            {"expect": "too casual", **edit(APP, "Hello", "Hey")},
            {"expect": "rejected", "text": "I leave it as it is."},
        ]
    )
    file = repository / APP
    before, written_at = file.read_bytes(), file.stat().st_mtime_ns
    app.send("another greeting")
    app.wait_for(ACCEPTS)
    app.press("n")
    app.wait_for("Enter reject with this reason")
    app.send("too casual")
    app.wait_for("Hey")
    app.wait_for(ACCEPTS)
    app.press("r")
    app.wait_for("I leave it as it is.")
    app.wait_until_ready()
    assert (file.read_bytes(), file.stat().st_mtime_ns) == (before, written_at)
    assert [run.status for run in app.runs()] == [ToolStatus.REJECTED] * 2
    assert [event.note for event in app.events(ApprovalResolved)] == ["too casual", ""]


def test_a_hunk_that_is_switched_off_does_not_land_and_the_model_is_told(open_app: OpenApp, repository: Path) -> None:
    (repository / "long.txt").write_text(LINES)
    wanted = LINES.replace("line 3\n", "LINE 3\n").replace("line 27\n", "LINE 27\n")
    write = {"calls": [{"name": "write_file", "arguments": {"path": "long.txt", "content": wanted}}]}
    read = {"calls": [{"name": "read_file", "arguments": {"path": "long.txt"}}]}
    app = open_app([read, write, {"expect": "1 of 2 hunks", "text": "Only the second one, then."}])
    app.send("shout")
    app.wait_for("hunk 1 of 2")
    app.wait_for(ACCEPTS)
    app.press("space")
    app.wait_for("[□] line 1")
    app.press("]")
    app.wait_for("hunk 2 of 2")
    app.press("a")
    app.wait_for("Only the second one, then.")
    assert (repository / "long.txt").read_text() == LINES.replace("line 27\n", "LINE 27\n")


def test_what_a_command_did_lands_when_it_is_accepted_and_not_when_it_is_rejected(
    open_app: OpenApp, repository: Path
) -> None:
    app = open_app(
        [
            command("echo one > one.txt && cat one.txt"),
            {"expect": "one", **command("echo two > two.txt")},
            {"expect": "rejected", "text": "Only the first one landed."},
        ]
    )
    app.send("run both")
    app.wait_for(lambda: ACCEPTS in app.screen_text() or RUNS in app.screen_text())
    if RUNS in app.screen_text():
        pytest.skip("there is no sandbox here, so commands are asked about before they run")
    app.wait_for("new file")
    assert not (repository / "one.txt").exists()
    app.press("a")
    app.wait_for("echo two > two.txt")
    app.wait_for(ACCEPTS)
    app.press("r")
    app.wait_for("Only the first one landed.")
    assert (repository / "one.txt").read_text() == "one\n"
    assert not (repository / "two.txt").exists()
    assert [event.verdict for event in app.events(ApprovalResolved)] == [Verdict.ACCEPTED, Verdict.REJECTED]


def test_the_mode_goes_round_by_key_and_plan_refuses_an_edit(open_app: OpenApp, repository: Path) -> None:
    app = open_app([edit(APP, "Hello", "Bye"), {"expect": "mode plan", "text": "Then I only say it."}])
    before = (repository / APP).read_bytes()
    modes = [Mode.ACCEPT, Mode.AUTO, Mode.PLAN]
    for mode in modes:
        app.press("shift+tab")
        app.wait_for(lambda mode=mode: app.rows[0].rstrip().endswith(mode))
    app.send("say goodbye")
    app.wait_for("Then I only say it.")
    assert (repository / APP).read_bytes() == before
    assert [event.mode for event in app.events(SettingsChanged)] == modes
    assert not app.events(ApprovalRequested)


def test_undo_brings_the_file_back(open_app: OpenApp, repository: Path) -> None:
    app = open_app([edit(APP, "Hello", "Bye"), {"text": "Changed."}])
    before = (repository / APP).read_bytes()
    app.send("change it")
    app.wait_for(ACCEPTS)
    app.press("a")
    app.wait_for("Changed.")
    app.wait_until_ready()
    assert (repository / APP).read_bytes() != before
    app.send("/undo")
    app.wait_for("Undone: src/app.py")
    assert (repository / APP).read_bytes() == before


def test_the_proposed_file_is_edited_in_the_persons_editor_and_lands_as_they_left_it(
    open_app: OpenApp, repository: Path, tmp_path: Path
) -> None:
    editor = tmp_path / "editor.sh"
    editor.write_text('printf "in the editor, say a word: "; read word; sed -i "s/Good day/$word/" "$2"\n')
    told = {"expect": "The user edited the proposal for src/app.py", "text": "As you like."}
    app = open_app([edit(APP, "Hello", "Good day"), told], environment={"VISUAL": f"sh '{editor}' --wait"})
    before = (repository / APP).read_bytes()
    app.send("be polite")
    app.wait_for(ACCEPTS)
    app.press("enter")
    app.wait_for("Esc back")
    app.wait_for(ACCEPTS)
    app.press("e")
    app.wait_for("in the editor, say a word:")
    app.send("Ahoy")
    app.wait_for('return f"Ahoy')
    assert (repository / APP).read_bytes() == before
    app.press("a")
    app.wait_for("As you like.")
    app.wait_until_ready()
    assert (repository / APP).read_bytes() == before.replace(b"Hello", b"Ahoy")
