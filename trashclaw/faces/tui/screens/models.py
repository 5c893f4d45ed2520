"""The list of models to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from trashclaw.faces.tui.completion import Candidate
from trashclaw.faces.tui.screens.choice import ChoiceScreen


def models_screen(models: Sequence[tuple[str, str]]) -> ChoiceScreen:
    """Return a screen over (provider, model) pairs that returns `provider/model`."""
    choices = [Candidate(f"{provider}/{model}") for provider, model in models]
    return ChoiceScreen("Which model?", choices, "No model server answers.")
