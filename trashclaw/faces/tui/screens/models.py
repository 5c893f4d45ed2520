"""The list of models to choose from, with what is known of each: window, speed, size, whether it fits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.wording.figures import tokens

if TYPE_CHECKING:
    from trashclaw.faces.ports import ModelScout
    from trashclaw.session.model_facts import ModelFacts
    from trashclaw.session.selection import Choice

DEMO = "demo"
"""What is returned for the demo."""


class ModelScreen(ChoiceScreen):
    """Returns `provider/model`, or `DEMO`. What is known of a model is shown as soon as its server has told it."""

    DEFAULT_CSS = """
    ModelScreen > Vertical {
        width: 96%;
        max-width: 120;
    }
    """

    def __init__(self, choices: Sequence[Choice], scout: ModelScout | None, *, has_demo: bool = False) -> None:
        ordered = sorted(choices, key=lambda choice: not choice.is_loaded)
        self._offers = {f"{choice.provider}/{choice.model}": choice for choice in ordered}
        self._scout = scout
        demo = [Candidate(DEMO, "a scripted model in a throw-away repository")] if has_demo else []
        rows = [Candidate(name, _standing(choice)) for name, choice in self._offers.items()]
        super().__init__("Which model?", [*rows, *demo], "No model server answers.")

    def on_mount(self) -> None:
        """Ask about every model, beside the person's choosing."""
        if self._scout is not None:
            self.run_worker(self._find_out(self._scout), group="facts")

    async def _find_out(self, scout: ModelScout) -> None:
        async with asyncio.TaskGroup() as group:
            for name, choice in self._offers.items():
                group.create_task(self._tell(scout, name, choice))

    async def _tell(self, scout: ModelScout, name: str, choice: Choice) -> None:
        facts = await scout.facts(choice)
        if facts is not None:
            known = replace(choice, is_remote=choice.is_remote or facts.is_remote)
            words = "   ".join(part for part in (fact_words(facts), _standing(known)) if part)
            self.replace_choice(Candidate(name, words))


def fact_words(facts: ModelFacts) -> str:
    """Return what is known of a model in a line: `window 32.8k   reads 410 tok/s   4.9 GB`."""
    window = f"window {tokens(facts.limit_tokens)}" if facts.limit_tokens else "window unknown"
    speed = f"reads {facts.read_tokens_per_s:.0f} tok/s" if facts.read_tokens_per_s else "speed not measured yet"
    if facts.write_tokens_per_s:
        speed += f", writes {facts.write_tokens_per_s:.0f}"
    size = f"{facts.size_text}, more than is free" if facts.fits is False and facts.size_text else facts.size_text
    return "   ".join(part for part in (window, speed, size) if part)


def _standing(choice: Choice) -> str:
    return "runs elsewhere" if choice.is_remote else "loaded" if choice.is_loaded else ""
