"""The list of models to choose from, with what is known of each: window, speed, size, whether it fits."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.drawing.lines import cut, plain, spread
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.wording.figures import tokens

if TYPE_CHECKING:
    from trashclaw.faces.ports import ModelScout
    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.session.model_facts import ModelFacts
    from trashclaw.session.selection import Choice

DEMO = "demo"
"""What is returned for the demo."""

_GAP = 2
_FIRST_TO_GO = (2, 3, 1, 0)
"""Places of the facts that are left out where a name needs their room, the first one first."""

Cells = tuple[str, str, str, str, str]
"""Window, reading, writing, size, standing; what is not known is empty."""


class ModelScreen(ChoiceScreen):
    """Returns `provider/model`, or `DEMO`. What is known of a model is shown as soon as its server has told it."""

    DEFAULT_CSS = """
    ModelScreen > OverlayFrame {
        width: 96%;
        max-width: 120;
    }
    """

    def __init__(self, choices: Sequence[Choice], scout: ModelScout | None, *, has_demo: bool = False) -> None:
        ordered = sorted(choices, key=lambda choice: not choice.is_loaded)
        self._offers = {f"{choice.provider}/{choice.model}": choice for choice in ordered}
        self._scout = scout
        demo = [Candidate(DEMO, "a scripted model in a throw-away repository")] if has_demo else []
        self._cells: dict[str, Cells] = {
            name: ("", "", "", "", _standing(choice)) for name, choice in self._offers.items()
        }
        rows = [Candidate(name) for name in self._offers]
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
            self._cells[name] = fact_cells(facts, choice)
            self.replace_choice(Candidate(name))

    def row(self, choice: Candidate, width: int, look: Look) -> Text:
        """Return the line of a model, whose facts stand below those of the others."""
        cells = self._cells.get(choice.text)
        if cells is None:
            return super().row(choice, width, look)
        sizes = self._sizes(width)
        said = (" " * _GAP).join(set_cell_size(cell, size) for cell, size in zip(cells, sizes, strict=True) if size)
        name = cut(choice.text, width - cell_len(said) - _GAP, look)
        return spread(plain(name, look.text), plain(said, look.muted), width, look)

    def _sizes(self, width: int) -> list[int]:
        """Return how many cells each column takes; a column has none where the names need its room."""
        sizes = [max(map(cell_len, column)) for column in zip(*self._cells.values(), strict=True)]
        longest = max(map(cell_len, self._cells))
        for place in _FIRST_TO_GO:
            if longest + sum(size + _GAP for size in sizes if size) > width:
                sizes[place] = 0
        return sizes


def fact_cells(facts: ModelFacts, choice: Choice) -> Cells:
    """Return what is known of a model: `window 32.8k`, `reads 410 tok/s`, `writes 31`, `4.9 GB`, `loaded`."""
    return (
        f"window {tokens(facts.limit_tokens)}" if facts.limit_tokens else "window unknown",
        f"reads {facts.read_tokens_per_s:.0f} tok/s" if facts.read_tokens_per_s else "not measured",
        f"writes {facts.write_tokens_per_s:.0f}" if facts.write_tokens_per_s else "",
        facts.size_text,
        _standing(replace(choice, is_remote=choice.is_remote or facts.is_remote), has_room=facts.fits is not False),
    )


def _standing(choice: Choice, *, has_room: bool = True) -> str:
    if choice.is_remote:
        return "elsewhere"
    return "loaded" if choice.is_loaded else "" if has_room else "too large"
