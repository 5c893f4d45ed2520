"""The benchmarks' own arithmetic, and that what they feed the app is what they say."""

from __future__ import annotations

import os
import random
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks import syntax_alarms
from benchmarks.all import ON_DEMAND, RUNS
from benchmarks.measuring import Figure, Spread, table, take_turns
from benchmarks.odd_files import OddFile, make_file
from benchmarks.rejected_hunks import after_review
from tests.support.terminal import Terminal
from trashclaw.workspace.diff import make_hunks, split_lines
from trashclaw.workspace.files import decode


def test_a_percentile_is_a_value_that_was_measured() -> None:
    spread = Spread(tuple(float(number) for number in range(1, 31)))
    assert (spread.percentile(50), spread.percentile(99), spread.best) == (15.0, 30.0, 1.0)


def test_the_sides_are_measured_in_turns_and_the_first_run_of_each_is_thrown_away() -> None:
    order: list[str] = []

    def side(name: str, value: float) -> float:
        order.append(name)
        return value

    spreads = take_turns({"a": lambda: side("a", 1.0), "b": lambda: side("b", 2.0)}, runs=2)
    assert order == ["a", "b", "a", "b", "a", "b"]
    assert spreads == {"a": Spread((1.0, 1.0)), "b": Spread((2.0, 2.0))}


def test_a_figure_that_misses_its_target_says_so_in_the_table() -> None:
    assert table([Figure("start", "2x or less", "2.1x", is_pass=False)]).splitlines()[-1] == (
        "| start | 2x or less | 2.1x | FAIL |"
    )


@pytest.mark.parametrize("name", [*RUNS, *ON_DEMAND])
def test_every_benchmark_in_the_table_can_be_run(name: str) -> None:
    assert callable(import_module(f"benchmarks.{name}").measure)


def test_every_benchmark_that_measures_is_in_the_table_or_run_on_demand() -> None:
    files = Path(syntax_alarms.__file__).parent.glob("*.py")
    assert {file.stem for file in files if "\ndef measure(" in file.read_text()} == RUNS.keys() | ON_DEMAND.keys()


def test_a_file_that_is_faulty_is_no_false_alarm_of_the_check_of_syntax(tmp_path: Path) -> None:
    (tmp_path / "valid.py").write_text("x = 1\n")
    (tmp_path / "faulty.py").write_text("def f(:\n")
    (tmp_path / "more.py").write_text("y = 1\n")
    (figure,) = syntax_alarms.measure(100, [tmp_path])
    assert (figure.measured, figure.is_pass, "of 3 of" in figure.name) == ("0", True, True)
    assert "of 2 of" in syntax_alarms.measure(2, [tmp_path])[0].name


def test_odd_files_are_read_in_the_encoding_that_they_were_made_in() -> None:
    source = random.Random(1)
    for number in range(100):
        file = make_file(source, number)
        read = decode(file.data, file.path)
        assert (read.text, read.mark) == ("".join(file.lines), file.mark)
        assert read.encoding == file.encoding or file.data.isascii()


def test_what_must_be_in_a_file_after_a_review_mixes_old_bytes_and_accepted_lines() -> None:
    file = OddFile("a.txt", "utf-16-le", b"\xff\xfe", tuple(f"{number}\r\n" for number in range(20)))
    new = [line.replace("3\r\n", "three\r\n") for line in file.lines]
    hunks = make_hunks(split_lines("".join(file.lines)), new)
    assert len(hunks) == 2
    assert after_review(file, hunks, frozenset()) == file.data
    assert after_review(file, hunks, frozenset(hunk.hunk_id for hunk in hunks)) == file.mark + "".join(new).encode(
        "utf-16-le"
    )
    half = after_review(file, hunks, frozenset([hunks[1].hunk_id])).decode("utf-16")
    assert half.count("three") == 1
    assert half.startswith("0\r\n1\r\n2\r\n3\r\n")


def test_keys_typed_before_a_program_listens_are_timed_and_counted(tmp_path: Path) -> None:
    begin = r"printf '§\033[?1049h\033[2;3Hprompt\n'; cat"
    with Terminal(["sh", "-c", begin], tmp_path, os.environ, is_measured=True) as terminal:
        ready_s, typed = terminal.type_until_seen("§", 0.01)
        assert ready_s > 0
        terminal.press("enter")
        terminal.wait_for(lambda: terminal.screen_text().count("§") == typed)
        assert terminal.rows[1].startswith("  prompt")
