"""The first minute on the real screen: no server, the demo, more models than one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama, OllamaStep
from tests.support.loopback import in_thread
from tests.support.screen_app import AppTerminal
from trashclaw.protocol.events import SessionStarted

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def closing() -> Iterator[ExitStack]:
    """A stack on which a test puts what has to be closed."""
    with ExitStack() as stack:
        yield stack


def test_without_a_server_the_first_page_says_what_was_tried_and_d_plays_the_demo(
    home: Path, repository: Path, tmp_path: Path
) -> None:
    with AppTerminal(["--provider", "ollama"], repository, home, gates=tmp_path, environment=at(NOWHERE)) as app:
        app.wait_for("play the demo")
        assert "cannot be reached" in app.screen_text()
        app.press_until("d", "shop-api")
        app.wait_until_ready()
        assert app.quit() == 0


def test_among_several_models_the_person_chooses_and_is_not_asked_again(
    home: Path, repository: Path, tmp_path: Path, closing: ExitStack
) -> None:
    models = [FakeModel("small:1b"), FakeModel("large:70b")]
    ollama = FakeOllama([OllamaStep(text="I am large."), OllamaStep(text="Still large.")], models)
    closing.enter_context(in_thread(ollama))
    for prompt, answer, is_first in (("who?", "I am large.", True), ("and now?", "Still large.", False)):
        with AppTerminal([], repository, home, gates=tmp_path, environment=at(ollama.url)) as app:
            if is_first:
                app.wait_for("small:1b")
                app.wait_for("large:70b")
                app.type("large")
                app.wait_until_gone("small:1b")
                app.press("enter")
            app.wait_until_ready()
            app.send(prompt)
            app.wait_for(answer)
            app.wait_until_ready()
            assert app.quit() == 0
            assert {event.model for event in app.events(SessionStarted)} == {"large:70b"}


def test_a_shared_command_is_seen_by_the_model_and_a_private_one_is_not(
    home: Path, repository: Path, tmp_path: Path, closing: ExitStack
) -> None:
    ollama = FakeOllama([OllamaStep(text="I see it.")])
    closing.enter_context(in_thread(ollama))
    with AppTerminal([], repository, home, gates=tmp_path, environment=at(ollama.url)) as app:
        app.wait_until_ready()
        app.send("!!echo for me $((40 + 1))")
        app.wait_for(lambda: len(app.runs()) == 1)
        app.send("!echo for both $((40 + 2))")
        app.wait_for(lambda: len(app.runs()) == 2)
        app.send("do you see it?")
        app.wait_for("I see it.")
        app.wait_until_ready()
        assert app.quit() == 0
    heard = ollama.chats[-1].model_dump_json()
    assert "for both 42" in heard
    assert "for me" not in heard


def at(url: str) -> dict[str, str]:
    """Return the environment that says where Ollama is."""
    return {"OLLAMA_HOST": url}
