"""How many tests fail is read from the summaries of the usual programs; hostile output takes bounded time."""

from __future__ import annotations

import pytest

from trashclaw.tools.checking.outcomes import LIMIT_CHARS, count_failing, summary_line, worth_reading

SUMMARIES = [
    ("pytest", "FAILED a.py::t - x\n=========== 2 failed, 3 passed in 0.12s ===========\n", 2),
    ("pytest, quiet", "FAILED a.py::t - x\n1 failed, 3 passed, 2 warnings in 0.12s\n", 1),
    ("pytest, errors", "==== 1 failed, 2 passed, 3 errors in 61.20s (0:01:01) ====\n", 4),
    (
        "pytest, in colour",
        "\x1b[31m==== \x1b[31m\x1b[1m2 failed\x1b[0m, \x1b[32m1 passed\x1b[0m in 0.01s ====\x1b[0m\n",
        2,
    ),
    ("pytest, broken", "ERROR a.py\n!!!!! Interrupted: 1 error during collection !!!!!\n== 1 error in 0.05s ==\n", 1),
    ("unittest", "Ran 5 tests in 0.001s\n\nFAILED (failures=2, errors=1, skipped=1)\n", 3),
    ("jest", "Test Suites: 1 failed, 1 total\nTests:       3 failed, 5 passed, 8 total\n", 3),
    ("vitest", " Test Files  1 failed (1)\n      Tests  2 failed | 5 passed (7)\n", 2),
    ("cargo", "test result: FAILED. 1 passed; 2 failed; 0 ignored\n\ntest result: FAILED. 0 passed; 1 failed; 0\n", 3),
    (
        "go",
        "--- FAIL: TestA (0.00s)\n    --- FAIL: TestA/b (0.00s)\n--- FAIL: TestC (0.00s)\nFAIL\nFAIL\tx/y\t0.1s\n",
        2,
    ),
    ("go, broken", "# x\nm.go:1:1: y\nFAIL\tx [build failed]\nok  \tz\t0.1s\nFAIL\n", 1),
    ("unknown", "it went wrong\n", 1),
    ("none failed, but the command did", "3 passed in 0.1s\n", 1),
    ("nothing", "", 1),
]


@pytest.mark.parametrize(
    ("output", "failing"), [(text, count) for _, text, count in SUMMARIES], ids=[s[0] for s in SUMMARIES]
)
def test_failing_tests_are_counted(output: str, failing: int) -> None:
    assert count_failing(output, 1) == failing
    assert count_failing(output, 0) == 0


def test_words_of_a_test_are_no_summary() -> None:
    text = "E   AssertionError: 7 failed in the past\nprint: Tests: none\n===== 1 failed, 2 passed in 3.00s =====\n"
    assert count_failing(text, 1) == 1


def test_a_long_output_keeps_its_failing_lines_and_its_end() -> None:
    noise = "".join(f"collecting {n}\n" for n in range(5_000))
    text = f"{noise}E   assert 1 == 2\n{noise}--- FAIL: TestA\n{noise}1 failed in 0.1s\n"
    told = worth_reading(text)
    assert len(told) <= LIMIT_CHARS + 200
    assert told.startswith("E   assert 1 == 2\n--- FAIL: TestA\n[") and told.endswith(
        "collecting 4999\n1 failed in 0.1s"
    )
    assert worth_reading("short\n") == "short"


def test_the_summary_is_the_line_that_tells_most() -> None:
    assert summary_line("a\n==== 3 passed in 0.1s ====\n") == "3 passed in 0.1s"
    assert summary_line("Tests:       3 passed, 3 total\nTime: 1 s\n") == "Tests:       3 passed, 3 total"
    assert summary_line("all good\n\n") == "all good"
    assert summary_line("") == ""


@pytest.mark.parametrize(
    "piece", ["=", "1 a", "1 a, ", "9", " ", "Tests: ", "\x1b[", "--- FAIL: \n", "FAIL\t", "E  \n", "1 failed "]
)
def test_hostile_output_is_read_in_bounded_time(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    assert count_failing(text, 1) >= 1
    assert len(worth_reading(text)) <= LIMIT_CHARS + 200
    assert len(summary_line(text)) <= 200
