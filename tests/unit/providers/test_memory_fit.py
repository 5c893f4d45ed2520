"""Whether a model and its window fit into memory."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trashclaw.providers.kv_cost import KvCost
from trashclaw.providers.memory_fit import MemoryFit, fit_text, size_text

GIGA = 10**9
FIT = MemoryFit(32768, int(4.9 * GIGA), KvCost(131072), int(11.2 * GIGA), limit_tokens=131072)


def test_what_is_needed_is_said_with_its_parts_and_the_largest_window() -> None:
    assert fit_text(FIT) == (
        "weights 4.9 GB + 32,768 tokens x 131 kB + 0.5 GB to compute in = 9.7 GB; "
        "11.2 GB free: fits (at most 43,969 tokens)"
    )
    assert FIT.fits()
    assert not FIT.fits(65536)


def test_what_does_not_fit_is_said_to() -> None:
    assert fit_text(replace(FIT, window_tokens=65536)).endswith("11.2 GB free: does not fit (at most 43,969 tokens)")
    tight = replace(FIT, free_bytes=3 * GIGA)
    assert tight.holds_weights is False
    assert fit_text(tight).endswith("3.0 GB free: does not fit (the weights alone do not)")


def test_parallel_windows_and_a_smaller_cache_are_reckoned_and_said() -> None:
    fit = replace(FIT, parallel=2, cost=KvCost(69632, 50_000_000, "q8_0"))
    assert fit.needed_bytes(32768) == int(4.9 * GIGA) + 2**29 + 2 * (50_000_000 + 32768 * 69632)
    assert "2 x (32,768 tokens x 70 kB (q8_0)) + 0.1 GB whatever the window" in fit_text(fit)


@pytest.mark.parametrize(
    ("fit", "text"),
    [
        (MemoryFit(8192), "weights unknown, what a token costs is not told; free memory unknown: cannot be told"),
        (replace(FIT, free_bytes=None), "0.5 GB to compute in = 9.7 GB; free memory unknown"),
        (replace(FIT, weights_bytes=None), "weights unknown, 131 kB a token; 11.2 GB free: cannot be told"),
        (replace(FIT, cost=replace(FIT.cost or KvCost(1), is_at_most=True)), "= at most 9.7 GB; 11.2 GB free: fits"),
        (replace(FIT, cost=KvCost(0.0), limit_tokens=None), "11.2 GB free: fits"),
    ],
)
def test_what_is_not_known_is_said(fit: MemoryFit, text: str) -> None:
    assert text in fit_text(fit)


@pytest.mark.parametrize(
    ("free", "most", "expected"),
    [
        (11.2, 32768, 32768),
        (11.2, 40960, 40960),
        (11.2, 65536, 32768),
        (7.0, 32768, 8192),
        (5.5, 32768, 4096),
        (3.0, 32768, 4096),
        (3.0, 2048, 2048),
    ],
)
def test_the_largest_step_that_fits_is_taken_and_never_less_than_the_least(
    free: float, most: int, expected: int
) -> None:
    assert replace(FIT, free_bytes=int(free * GIGA)).step_below(most) == expected


def test_without_the_facts_nothing_is_taken_away() -> None:
    assert MemoryFit(0).step_below(32768) == 32768
    assert MemoryFit(0).largest_tokens is None


@pytest.mark.parametrize(
    ("size", "text"),
    [(9.2e9, "9.2 GB"), (131072, "131 kB"), (4e6, "4 MB"), (99.6e6, "0.1 GB"), (1536, "1.5 kB"), (999_600, "1 MB")],
)
def test_sizes_are_told_in_two_or_three_figures(size: float, text: str) -> None:
    assert size_text(size) == text
