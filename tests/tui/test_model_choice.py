"""The choice of a model at the first start: what is known of each comes from its server while one chooses."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.support.fake_ollama import FakeModel, FakeOllama
from trashclaw.config.resources import theme_files
from trashclaw.config.schema import Settings
from trashclaw.exam.result import ExamResult, SpeedMarks
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.screens.models import DEMO, ModelScreen, fact_cells
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.providers.pace_memory import Pace, PaceMemory
from trashclaw.session.model_facts import PACE_NAME, ModelFacts
from trashclaw.session.models import ModelSource
from trashclaw.session.selection import Choice, ChoiceNeeded, find_choices

MODELS = [FakeModel(), FakeModel("far:120b-cloud", remote_host="https://far.example"), FakeModel("old:1b")]


class Opener:
    """Asks which model, until one is named."""

    def __init__(self, choices: list[Choice]) -> None:
        self.choices = choices
        self.asked: list[dict[str, object]] = []

    async def __call__(self, **wanted: object) -> None:
        self.asked.append(wanted)
        raise ChoiceNeeded(self.choices)


async def shown(pilot, words: str) -> str:
    """Wait until something stands on the screen."""
    async with asyncio.timeout(20):
        while True:
            await pilot.pause(0.01)
            text = "\n".join(strip.text for strip in pilot.app.screen._compositor.render_strips())
            if words in text:
                return text


async def test_window_speed_and_place_of_each_model_are_shown(tmp_path: Path) -> None:
    PaceMemory(tmp_path / PACE_NAME).write("ollama qwen3:8b", Pace(412.4, 0.3))
    async with FakeOllama(models=MODELS, loaded={"old:1b": 4096}) as server:
        settings = Settings(provider="ollama", base_url=server.url)
        opener = Opener(await find_choices(settings, None))
        app = TrashclawApp(opener, ThemeShelf(theme_files()), scout=ModelSource(settings, tmp_path), grace_s=0.0)
        async with app.run_test(size=(120, 30)) as pilot:
            text = await shown(pilot, "reads 412 tok/s")
            text = await shown(pilot, "elsewhere")
            rows = [line for line in text.splitlines() if "ollama/" in line]
            assert "old:1b" in rows[0] and "loaded" in rows[0], "what is loaded comes first"
            assert any("qwen3:8b" in row and "window 32.8k" in row for row in rows)
            await pilot.press(*"qwen", "enter")
            async with asyncio.timeout(20):
                while len(opener.asked) < 2:
                    await pilot.pause(0.01)
        assert not server.chats and not server.loads, "nothing is loaded to find that out"
    assert opener.asked[1]["model"] == ("ollama", "qwen3:8b")


async def test_the_demo_is_one_of_the_choices(tmp_path: Path) -> None:
    opener = Opener([Choice("ollama", "a:1b"), Choice("ollama", "b:1b")])
    app = TrashclawApp(opener, ThemeShelf(theme_files()), grace_s=0.0)
    async with app.run_test() as pilot:
        await shown(pilot, "throw-away repository")
        assert isinstance(app.screen, ModelScreen)
        await pilot.press(*DEMO, "enter")
        async with asyncio.timeout(20):
            while len(opener.asked) < 2:
                await pilot.pause(0.01)
    assert opener.asked[1]["is_demo"]


NOTHING = ModelFacts(False, None, None, None, None, None, None)
EXAMINED = ExamResult(provider="ollama", model="m", speed=SpeedMarks(read_tokens_per_s=80.0, write_tokens_per_s=9.0))


@pytest.mark.parametrize(
    ("facts", "cells"),
    [
        (NOTHING, ("window unknown", "not measured", "", "", "")),
        (
            ModelFacts(False, 32_768, 412.4, 31.0, 4_900_000_000, True, None),
            ("window 32.8k", "reads 412 tok/s", "writes 31", "4.9 GB", ""),
        ),
        (
            ModelFacts(False, 8192, 80.0, None, 40_000_000_000, False, EXAMINED),
            ("window 8.2k", "reads 80 tok/s", "", "40.0 GB", "too large"),
        ),
        (ModelFacts(True, 8192, None, None, None, None, None), ("window 8.2k", "not measured", "", "", "elsewhere")),
    ],
)
def test_each_fact_has_its_cell(facts: ModelFacts, cells: tuple[str, ...]) -> None:
    assert fact_cells(facts, Choice("ollama", "m")) == cells


class Scout:
    """Knows all about two models."""

    async def facts(self, choice: Choice) -> ModelFacts:
        if choice.model == "small:1b":
            return ModelFacts(False, 8192, 1412.0, 131.0, 900_000_000, True, None)
        return ModelFacts(False, 131_072, 80.0, 9.0, 40_000_000_000, False, None)


@pytest.mark.parametrize("width", [80, 100, 140])
async def test_facts_stand_in_columns_and_none_is_cut(width: int) -> None:
    opener = Opener([Choice("ollama", "small:1b"), Choice("ollama", "a-model-with-a-name:70b-instruct")])
    app = TrashclawApp(opener, ThemeShelf(theme_files()), scout=Scout(), grace_s=0.0)
    async with app.run_test(size=(width, 30)) as pilot:
        text = await shown(pilot, "too large")
        small, large = sorted((line for line in text.splitlines() if "ollama/" in line), key=lambda row: "a-mod" in row)
        assert small.index("window 8.2k") == large.index("window 131k"), "one under the other"
        assert "ollama/a-model-with-a-name:70b-instruct " in large, "a name goes before how fast it is"
        assert "…" not in large
        if width == 140:
            assert small.index("reads 1412 tok/s") == large.index("reads 80 tok/s")
            assert small.index("writes 131") == large.index("writes 9")
            assert small.index("0.9 GB") == large.index("40.0 GB")
