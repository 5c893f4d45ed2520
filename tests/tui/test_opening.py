"""Opening sessions: servers that are not there, models to choose from, the demo, and the line at the end."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.run import needs_ascii
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.screens.first_run import FirstRunScreen, page_lines
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.protocol.errors import ConfigError, ServerUnreachable, UsageError
from trashclaw.session.selection import Choice, ChoiceNeeded, NoServer, Tried
from trashclaw.session.session import Session

LOOK = look_of_theme(ThemeShelf(theme_files()).load("trashclaw-dark"), is_ascii=False)


class Opener:
    """Fails in the given ways, one after another, and keeps what it was asked for."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.asked: list[dict[str, object]] = []

    async def __call__(self, **wanted: object) -> None:
        self.asked.append(wanted)
        if len(self.errors) > 1:
            raise self.errors.pop(0)
        raise self.errors[0]


NOBODY = NoServer([Tried("ollama", "http://127.0.0.1:11434", "connection refused")])


def app_of(opener: Opener) -> TrashclawApp:
    """Return an app over an opener."""
    return TrashclawApp(opener, ThemeShelf(theme_files()), grace_s=0.0)


async def first_page(app: TrashclawApp, pilot) -> FirstRunScreen:
    """Wait for the page, and let its keys count."""
    async with asyncio.timeout(10):
        while not isinstance(app.screen, FirstRunScreen):
            await pilot.pause(0.005)
    app.screen.grace.length_s = 0.0
    app.screen.grace.begin()
    await pilot.pause()
    return app.screen


async def test_without_a_server_the_page_says_what_was_tried_and_what_to_type() -> None:
    app = app_of(Opener(NOBODY))
    async with app.run_test(size=(100, 30)) as pilot:
        await first_page(app, pilot)
        strips = app.screen._compositor.render_strips()
        shown = "\n".join(strip.text for strip in strips)
        for words in ("127.0.0.1:11434", "connection refused", "ollama serve", "try again", "play the demo"):
            assert words in shown


@pytest.mark.parametrize("size", [(60, 16), (80, 24)])
async def test_the_keys_of_the_first_page_are_in_view_on_any_screen(size: tuple[int, int]) -> None:
    tried = [Tried("ollama", f"http://127.0.0.1:{port}", "nobody listens there") for port in range(11434, 11440)]
    app = app_of(Opener(NoServer(tried)))
    async with app.run_test(size=size) as pilot:
        await first_page(app, pilot)
        shown = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
        for words in ("r try again", "d play the demo, no model needed", "q quit", "http://127.0.0.1:11434"):
            assert words in shown


async def test_r_tries_again_and_d_asks_for_the_demo() -> None:
    opener = Opener(NOBODY)
    app = app_of(opener)
    async with app.run_test() as pilot:
        await first_page(app, pilot)
        await pilot.press("r")
        await first_page(app, pilot)
        await pilot.press("d")
        await first_page(app, pilot)
    assert [wanted["is_demo"] for wanted in opener.asked] == [False, False, True]


async def test_a_key_meant_for_the_prompt_does_not_choose_on_the_first_page() -> None:
    app = app_of(Opener(NOBODY))
    async with app.run_test() as pilot:
        page = await first_page(app, pilot)
        page.grace.length_s = 3600.0
        page.grace.begin()
        await pilot.press(*"quit")
        assert app.screen is page
        assert app.is_running


async def test_with_more_than_one_model_the_person_chooses() -> None:
    opener = Opener(ChoiceNeeded([Choice("ollama", "a:1b"), Choice("ollama", "b/c:2b")]), UsageError("enough"))
    app = app_of(opener)
    async with app.run_test() as pilot:
        async with asyncio.timeout(10):
            while not isinstance(app.screen, ChoiceScreen):
                await pilot.pause(0.005)
        await pilot.press("down", "enter")
        await first_page(app, pilot)
    assert opener.asked[-1]["model"] == ("ollama", "b/c:2b")


def test_the_first_picture_needs_no_library_that_only_a_session_needs() -> None:
    code = "import sys, trashclaw.cli.screen, trashclaw.faces.tui.run, trashclaw.faces.tui.quiet_driver"
    code += "; from trashclaw.faces.tui.screens.main import MainScreen; MainScreen(0.0); print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    heavy = {"pydantic", "markdown_it", "pygments", "httpx", "git", "sqlite3", "rich.markdown", "rich.syntax"}
    heavy |= {"json", "hashlib", "secrets", "trashclaw.cli.demo", "trashclaw.workspace.git_process"}
    heavy |= {"trashclaw.session.transcript", "trashclaw.protocol.events", "trashclaw.faces.tui.bridge"}
    assert not heavy & set(loaded.stdout.split())


@pytest.mark.parametrize(("old", "new"), [("cloud:", "clod:"), ('cloud: "#', 'cloud: "no colour ')])
def test_a_theme_with_a_missing_or_odd_colour_is_refused_by_name(tmp_path: Path, old: str, new: str) -> None:
    shipped = next(file for file in theme_files() if file.stem == "trashclaw-dark").read_text(encoding="utf-8")
    assert old in shipped
    (tmp_path / "mine.yaml").write_text(shipped.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.yaml.*cloud"):
        ThemeShelf([tmp_path / "mine.yaml"]).load("mine")


@pytest.mark.parametrize("name", ThemeShelf(theme_files()).names)
def test_every_shipped_theme_can_be_used(name: str) -> None:
    assert ThemeShelf(theme_files()).load(name).name == name


def test_ascii_is_chosen_where_the_terminal_has_nothing_else() -> None:
    assert needs_ascii({"LANG": "C", "TERM": "xterm"})
    assert needs_ascii({"LANG": "en_US.UTF-8", "TERM": "linux"})
    assert not needs_ascii({"LANG": "en_US.UTF-8", "TERM": "xterm-256color"})


def test_what_was_tried_stands_in_columns_and_every_server_has_a_command_to_type() -> None:
    tried = [Tried("ollama", "http://127.0.0.1:11434", "refused"), Tried("vllm", "http://127.0.0.1:8000", "refused")]
    shown = [line.plain for line in page_lines(NoServer(tried), 80, LOOK)]
    rows = [line for line in shown if "127.0.0.1" in line]
    assert len({(row.index("http"), row.index("refused")) for row in rows}) == 1
    for command in ("ollama pull qwen3:8b", "lms server start", "llama-server -m model.gguf --jinja"):
        assert any(command in line for line in shown)
    assert not any("`" in line for line in shown)


def test_a_named_server_that_does_not_answer_is_told_with_what_to_type() -> None:
    error = ServerUnreachable("Nobody answers at http://127.0.0.1:1234.", "Start LM Studio.")
    shown = "\n".join(line.plain for line in page_lines(error, 80, LOOK))
    for words in ("Nobody answers at", "Start LM Studio.", "lms server start"):
        assert words in shown
    assert "ollama serve" not in "\n".join(line.plain for line in page_lines(UsageError("no"), 80, LOOK))


async def test_a_sandbox_that_does_not_work_is_told_and_stays_in_view(stage, monkeypatch) -> None:
    async def fail(self: Session) -> str:
        raise ConfigError("The sandbox `bubblewrap` does not work here.", "Say `sandbox.backend: auto`.")

    monkeypatch.setattr(Session, "find_sandbox", fail)
    async with stage(size=(80, 24)) as play:
        await play.told("`bubblewrap` does not work here")
        await play.until(lambda: "no sandbox: no commands" in play.text())


async def test_what_holds_commands_stands_in_the_header_and_policy_lists_the_rules(stage, monkeypatch) -> None:
    async def find(self: Session) -> str:
        return "ask-first"

    monkeypatch.setattr(Session, "find_sandbox", find)
    monkeypatch.setattr(Session, "policy", lambda self: (["deny: {path: a/**}"], ["allow: make"]))
    async with stage(size=(80, 24)) as play:
        await play.until(lambda: "no sandbox: asks first   review" in play.text().splitlines()[0])
        await play.say("/policy")
        await play.until(lambda: "deny: {path: a/**}" in play.text() and "allow: make" in play.text())
