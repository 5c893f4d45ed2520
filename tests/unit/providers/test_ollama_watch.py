"""What is told of others' loads, and how often."""

from __future__ import annotations

from trashclaw.providers.ollama_models import LoadedModel
from trashclaw.providers.ollama_watch import OllamaWatch

OURS = LoadedModel("m:latest", 32768)
SMALL = LoadedModel("m:latest", 4096)


def watch() -> OllamaWatch:
    """Return a watch over a model, by a clock that stands still."""
    return OllamaWatch("m", 32768, "30m", lambda: 1000.0)


def test_another_window_before_the_first_answer_is_told_once_though_the_load_may_fail() -> None:
    watched = watch()
    assert watched.before_first([SMALL]) is not None
    assert watched.before_first([SMALL]) is None


def test_our_own_window_and_an_empty_memory_are_no_news() -> None:
    watched = watch()
    assert watched.before_first([OURS]) is None
    assert watched.before_first([LoadedModel("m:latest", None)]) is None
    assert watched.before_first([]) is None


def test_a_window_that_shrank_is_told_however_soon() -> None:
    watched = watch()
    watched.answered(0.0)
    watched.granted(32768)
    assert watched.answered(2.0)
    assert watched.after_answer([OURS], None, is_anew=True) is not None
    assert watched.answered(2.0)
    assert watched.after_answer([OURS], None, is_anew=True) is None
    assert watched.answered(2.0)
    told = watched.after_answer([SMALL], None, is_anew=True)
    assert told is not None
    assert (told.code, told.limit_tokens) == ("window_changed", 4096)
    assert "So it was once more since" in told.text


def test_the_first_load_is_ours_and_no_news() -> None:
    assert not watch().answered(60.0)
