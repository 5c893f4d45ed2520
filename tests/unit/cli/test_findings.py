"""What `trashclaw doctor` says of the model, its memory and its window."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trashclaw.agent.messages import ModelProfile
from trashclaw.cli.findings import canary_finding, memory_finding, model_finding
from trashclaw.exam.result import WindowMarks, WindowVerdict
from trashclaw.faces.batch.exit_codes import ExitCode
from trashclaw.providers.kv_cost import KvCost
from trashclaw.providers.memory_fit import MemoryFit

GIGA = 10**9
FIT = MemoryFit(32768, 5 * GIGA, KvCost(131072), 12 * GIGA)


def marks(verdict: WindowVerdict, *, proven: int = 0, failed: int | None = None, recalled: bool = False) -> WindowMarks:
    return WindowMarks(verdict=verdict, proven_tokens=proven, failed_tokens=failed, has_recalled=recalled)


def test_the_window_of_the_model_is_told_with_its_reason_and_what_may_go_wrong() -> None:
    profile = ModelProfile("ollama", "m", 8192, limit_reason="asked for", limit_warning="Tight.", limit_hint="Less.")
    finding = model_finding(profile)
    assert finding.text == "model: ollama m, window 8192 tokens, native tool calls"
    assert finding.hint.split("\n      ") == ["The window: asked for.", "Tight.", "Less.", "Ready: trashclaw"]


def test_a_model_that_fits_is_good() -> None:
    finding = memory_finding(replace(FIT, notes=("A card.",)))
    assert finding.is_good
    assert finding.text.startswith("memory: weights 5.0 GB + 32,768 tokens x 131 kB")
    assert finding.hint == "A card."


@pytest.mark.parametrize(
    ("free", "hint"), [(8, "A window that fits: --num-ctx 18792."), (3, "Free memory, or take a smaller model.")]
)
def test_one_that_does_not_fit_is_not_and_says_what_to_do(free: int, hint: str) -> None:
    finding = memory_finding(replace(FIT, free_bytes=free * GIGA))
    assert (finding.is_good, finding.hint, finding.code) == (False, hint, ExitCode.DONE)


def test_what_cannot_be_told_is_no_fault() -> None:
    finding = memory_finding(MemoryFit(8192))
    assert finding.is_good
    assert finding.text.endswith("cannot be told")


def test_a_head_that_was_read_is_said_plainly() -> None:
    finding = canary_finding(marks(WindowVerdict.HELD, proven=29440, recalled=True))
    assert (finding.is_good, finding.text) == (True, "window: the head of a 29,440-token prompt was read")


def test_a_count_without_the_word_is_told_for_what_it_is() -> None:
    finding = canary_finding(marks(WindowVerdict.HELD, proven=29440))
    assert finding.is_good
    assert "by the server's own count" in finding.text
    assert "did not find the word" in finding.hint


@pytest.mark.parametrize(
    ("proven", "hint"), [(4000, "Sessions keep to 4,000 tokens."), (0, "Ask for less: --num-ctx 14720")]
)
def test_a_cut_is_a_no_with_the_next_thing_to_do(proven: int, hint: str) -> None:
    finding = canary_finding(marks(WindowVerdict.CUT, proven=proven, failed=29440))
    assert (finding.is_good, finding.code) == (False, ExitCode.FAILED)
    assert finding.text == "window: the head of a prompt of about 29,440 tokens was cut without a word"
    assert hint in finding.hint
    assert "--num-ctx" in finding.hint


@pytest.mark.parametrize(("proven", "is_good"), [(4000, True), (0, False)])
def test_a_refusal_is_honest_and_good_where_something_was_proven(proven: int, is_good: bool) -> None:
    finding = canary_finding(marks(WindowVerdict.REFUSED, proven=proven, failed=9000))
    assert (finding.is_good, finding.text) == (is_good, "window: about 9,000 tokens were refused, not cut")


def test_what_was_not_proven_says_why_and_how_to_try_again() -> None:
    finding = canary_finding(WindowMarks(error="The server hung up."))
    assert (finding.is_good, finding.code) == (False, ExitCode.DONE)
    assert finding.hint.startswith("The server hung up.")
    assert "models exam --full" in finding.hint
