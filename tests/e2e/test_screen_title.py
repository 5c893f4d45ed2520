"""The terminal's title: what it says, when it is written, and that the one before comes back."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.plugin import clean_environment
from tests.support.screen_app import ACCEPTS, PROJECT, AppTerminal, edit, vouch_for, write_script
from tests.support.terminal import Terminal
from trashclaw.config.paths import HOME_VARIABLE
from trashclaw.faces.tui.terminal_title import RESTORE, SAVE
from trashclaw.protocol.ids import SessionId
from trashclaw.session.library import Library

OpenApp = Callable[..., AppTerminal]


def titles(app: Terminal) -> Sequence[str]:
    """Return every title that the program has given its terminal, in order; an empty one takes it back."""
    return [title.decode() for title in re.findall(rb"\x1b\]0;(.*?)\x07", bytes(app.output), re.DOTALL)]


def test_it_tells_what_the_session_is_about_and_does(open_app: OpenApp, repository: Path) -> None:
    app = open_app([edit("README.md", "shop", "store"), {"text": "It is mended."}])
    assert titles(app) == [repository.name]
    app.send("mend the door")
    app.wait_for(ACCEPTS)
    app.press("a")
    app.wait_for("It is mended.")
    app.wait_until_ready()
    app.wait_for(lambda: titles(app)[-1].endswith("done"))
    name = "mend the door"
    assert titles(app) == [
        repository.name,
        f"{name} · working",
        f"{name} · waits for you",
        f"{name} · working",
        f"{name} · done",
    ]
    assert app.quit() == 0
    assert app.output.count(SAVE.encode()) == app.output.count(RESTORE.encode()) == 1
    assert app.output.index(SAVE.encode()) < app.output.index(b"\x1b]0;")
    assert app.output.rindex(b"\x1b]0;") == app.output.index(RESTORE.encode())


def test_a_name_cannot_steer_the_terminal(
    open_app: OpenApp, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_app([{"text": "Done."}])
    first.send("mend the door")
    first.wait_for("Done.")
    first.wait_until_ready()
    assert first.quit() == 0
    state = next(first._home.glob("*/state/workspaces/*/log.sqlite3")).parent
    session_id = SessionId(first.envelopes()[0].session_id)
    Library(state, repository).rename(session_id, "a\x07\x1b]52;c;cm0=\x07\x9c\u202eb\x1b\\c")
    app = open_app([], "--resume", session_id)
    app.wait_for("mend the door")
    app.wait_for(lambda: any("b" in title for title in titles(app)))
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", "".join(titles(app)))
    assert b"]52;c;cm0=\x07" not in app.output
    assert app.quit() == 0


@pytest.mark.parametrize("option", [{"TRASHCLAW_UI__TITLE": "off"}, {"TERM": "linux"}], ids=["off", "console"])
def test_who_wants_none_or_has_none_gets_none(open_app: OpenApp, option: dict[str, str]) -> None:
    app = open_app([{"text": "Done."}], environment=option)
    app.send("mend the door")
    app.wait_for("Done.")
    app.wait_until_ready()
    assert app.quit() == 0
    assert not titles(app)
    assert SAVE.encode() not in app.output
    assert RESTORE.encode() not in app.output


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs a shell with job control")
def test_the_shell_has_its_own_while_the_app_is_suspended(home: Path, repository: Path, tmp_path: Path) -> None:
    script = write_script(tmp_path, [])
    environment = clean_environment(home) | {"PYTHONPATH": str(PROJECT), "PS1": "shell> "}
    vouch_for(repository, Path(environment[HOME_VARIABLE]))
    with Terminal(["bash", "--norc", "--noprofile", "-i"], repository, environment) as shell:
        shell.wait_for("shell>")
        shell.type(f"{sys.executable} -m trashclaw --provider scripted --model {script}\n")
        shell.wait_for("ready   review")
        shell.press("ctrl+z")
        shell.wait_for("Stopped")
        assert titles(shell) == [repository.name, ""]
        shell.type("fg\n")
        shell.wait_for("ready   review")
        shell.wait_for(lambda: titles(shell)[-1] == repository.name)
        shell.press("ctrl+q")
        shell.wait_for("shell>")
        shell.type("exit\n")
        assert shell.wait_for_end() == 0
        assert titles(shell) == [repository.name, "", repository.name, ""]
        assert shell.output.count(SAVE.encode()) == 2
