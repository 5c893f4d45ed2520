"""The benchmarks of streaming, small, on the real program before a real server: what they count is so."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.measuring import scratch
from benchmarks.places import make_repository
from benchmarks.stream import measure_one
from benchmarks.stream_screen import processor_s, program, read_until_quiet, turn
from benchmarks.stream_server import stream_server
from benchmarks.stream_text import markdown
from benchmarks.stream_widget import compared
from tests.support.pacing import pieces

TOKENS = 120


def test_the_text_has_as_many_tokens_and_is_the_same_each_time() -> None:
    assert [len(pieces(markdown(tokens))) for tokens in (1, TOKENS, 2_000)] == [1, TOKENS, 2_000]
    assert markdown(TOKENS) == markdown(TOKENS)
    for sign in ("\n## ", "\n- **", "\n```python\n", "\n| ", "\n1. "):
        assert sign in markdown(2_000)


@pytest.mark.parametrize("protocol", ["ollama", "openai"])
def test_a_turn_is_measured_until_its_last_words_are_drawn(protocol: str) -> None:
    last = pieces(markdown(TOKENS))[-1].strip()
    with scratch() as folder:
        make_repository(folder / "repository", files=3)
        with program(folder / "repository", protocol, TOKENS) as terminal:
            measured = turn(terminal)
            assert last in terminal.screen_text()
            assert "1 step" in terminal.screen_text()
    assert 0 < measured.processor_s < 60
    assert measured.written > TOKENS


def test_after_a_turn_nothing_is_written() -> None:
    with scratch() as folder:
        make_repository(folder / "repository", files=3)
        with program(folder / "repository", "openai", TOKENS) as terminal:
            turn(terminal)
            read_until_quiet(terminal, 2.0)
            assert not terminal.read(2.0)
            assert processor_s(terminal.pid) > 0


def test_ours_and_textuals_own_widget_show_the_same_text() -> None:
    figure = compared(TOKENS, 1)
    assert figure.measured.endswith("x less")
    assert len(figure.notes) == 2


def test_a_server_ends_with_its_benchmark(tmp_path: Path) -> None:
    with stream_server("openai", TOKENS) as url:
        assert url.startswith("http://127.0.0.1:")
    with scratch() as folder:
        make_repository(folder / "repository", files=3)
        assert measure_one(folder / "repository", "openai", TOKENS, 2_000.0).elapsed_s > 0
