"""What Ollama's models hold of the memory, and what that leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trashclaw.providers.kv_cost import KvCost
from trashclaw.providers.ollama_models import LoadedModel, OllamaFacts
from trashclaw.providers.ollama_window import choose_window, memory_facts

GIGA = 10**9
FACTS = OllamaFacts("m", has_tools=True, has_thinking=False, is_remote=False, max_tokens=40960, cost=KvCost(100_000))
OURS = LoadedModel("m:latest", 4096, size_bytes=6 * GIGA)
OTHER = LoadedModel("n:latest", 4096, size_bytes=3 * GIGA)


@pytest.mark.parametrize(
    ("system", "free", "expected"),
    [("Linux", 8, 9), ("Linux", 2, 6), ("Darwin", 8, 14), ("Windows", 8, 14)],
)
def test_what_our_model_holds_would_be_free_for_it_and_mapped_weights_are_not_counted_twice(
    system: str, free: int, expected: int
) -> None:
    fit = memory_facts(FACTS, 5 * GIGA, free * GIGA, [OTHER, OURS], system=system)
    assert fit.free_bytes == expected * GIGA


def test_what_another_model_holds_is_not_ours_to_take() -> None:
    assert memory_facts(FACTS, 5 * GIGA, 8 * GIGA, [OTHER], system="Linux").free_bytes == 8 * GIGA


def test_what_lies_in_graphics_memory_of_its_own_frees_no_other() -> None:
    card = replace(OURS, graphics_bytes=6 * GIGA)
    fit = memory_facts(FACTS, 5 * GIGA, 8 * GIGA, [card], system="Windows")
    assert (fit.free_bytes, fit.has_hidden_memory) == (8 * GIGA, True)


def test_a_model_that_is_there_fits_and_its_weights_are_no_reason_to_be_careful() -> None:
    fit = memory_facts(FACTS, 5 * GIGA, 1 * GIGA, [OURS], system="Linux")
    chosen = choose_window(None, FACTS, fit, OURS)
    assert (chosen.tokens, "already" in chosen.reason) == (4096, True)


def test_without_what_a_token_costs_nothing_is_taken_away_and_it_is_said() -> None:
    facts = replace(FACTS, cost=None)
    fit = memory_facts(facts, 5 * GIGA, 1 * GIGA, [])
    assert choose_window(None, facts, fit).tokens == 32768
    assert fit.notes == ("Ollama does not tell what a token of this model's window costs.",)
