"""Ollama's window: chosen once for a session, from what was asked for, the model, and the memory there is."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence

from trashclaw.providers.chosen_window import ChosenWindow, be_careful, obey
from trashclaw.providers.memory_fit import MemoryFit, size_text
from trashclaw.providers.ollama_models import LoadedModel, OllamaFacts, full_name

MAX_DEFAULT_NUM_CTX = 32768
"""The largest window asked for without being told to: more costs memory and time that may not be there."""

_ELSEWHERE = "The model runs on another machine, whose memory cannot be seen from here."
_UNTOLD = "Ollama does not tell what a token of this model's window costs."


def choose_window(
    asked: int | None, facts: OllamaFacts, fit: MemoryFit, loaded: LoadedModel | None = None
) -> ChosenWindow:
    """Return a session's window: what was asked for, else the Modelfile's, else what the model and memory allow.

    `fit` has the figures of the memory; its own window does not count. What is `loaded` already, large enough and no
    longer than the model was made for, is taken as it is: another one would be loaded anew, and take it away from
    whoever loaded it.
    """
    if asked is not None:
        chosen = obey(asked, "asked for", fit, "Ollama")
    elif facts.num_ctx is not None:
        chosen = obey(facts.num_ctx, "its Modelfile asks for it", fit, "Ollama")
    else:
        chosen = be_careful(fit, MAX_DEFAULT_NUM_CTX)
    there = loaded.limit_tokens if loaded is not None else None
    if asked is None and there is not None and chosen.tokens <= there <= (fit.limit_tokens or there):
        return ChosenWindow(there, "it is in memory with this window already; another one would be loaded anew")
    return chosen


def memory_facts(
    facts: OllamaFacts,
    weights_bytes: int | None,
    free_bytes: int | None,
    loaded: Sequence[LoadedModel],
    *,
    is_here: bool = True,
    system: str = "",
) -> MemoryFit:
    """Return the figures for a model, as far as they are known, without a window.

    `loaded` is all that Ollama has in memory; what the model itself holds of it would be free for it. `is_here` says
    that it runs on this machine, of which `free_bytes` are to spare (`None` where that is not known), and whose
    `system` is called like that; by default it is asked.
    """
    system = system or platform.system()
    is_shared = system == "Darwin" and platform.machine() != "x86_64"
    notes = [] if facts.cost is not None else [_UNTOLD]
    is_hidden = False
    for model in loaded:
        if full_name(model.name) == full_name(facts.model) and free_bytes is not None:
            held = max(0, model.size_bytes - (0 if is_shared else model.graphics_bytes))
            # On Linux weights are files that are mapped, which count as free already.
            mapped = weights_bytes or 0 if system == "Linux" else 0
            free_bytes = max(held, free_bytes + max(0, held - mapped))
        if is_here and model.graphics_bytes and not is_shared:
            is_hidden = True
            part = f"{size_text(model.graphics_bytes)} of its {size_text(model.size_bytes)} in graphics memory"
            notes.append(f"{model.name} has {part}, which is not counted: how much of it is free cannot be seen.")
    if not is_here:
        notes.append(_ELSEWHERE)
    return MemoryFit(
        window_tokens=0,
        weights_bytes=weights_bytes,
        cost=facts.cost,
        free_bytes=free_bytes,
        parallel=_parallel(),
        limit_tokens=facts.max_tokens,
        notes=tuple(notes),
        has_hidden_memory=is_hidden,
    )


def _parallel() -> int:
    """Return how many windows Ollama keeps at once, if our environment is like its own."""
    told = os.environ.get("OLLAMA_NUM_PARALLEL", "").strip()
    return max(1, int(told)) if told.isdecimal() and len(told) < 4 else 1
