"""An edit finds the one place that it means, and keeps the form of everything around it."""

from __future__ import annotations

import random
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.protocol.errors import ToolError
from trashclaw.tools.editing.replace import replace
from trashclaw.tools.line_ends import adopt


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("a\nb\nc\n", "b", "x", "a\nx\nc\n"),
        ("a\nb\nc", "c", "x\ny", "a\nb\nx\ny"),
        ("a\nb\n", "a\n", "", "b\n"),
        ("a\r\nb\r\nc\r\n", "a\nb\n", "a\nx\ny\n", "a\r\nx\r\ny\r\nc\r\n"),
        ("a\r\nb\r\nc\r\n", "b", "x\ny", "a\r\nx\r\ny\r\nc\r\n"),
        ("a\r\nb\r\n", "a\r\nb", "x\r\ny", "x\r\ny\r\n"),
        ("a\nb\n", "a\r\nb\r\n", "x\r\nb\r\n", "x\nb\n"),
        (
            "def f():  \n\treturn 1\t\nend\n",
            "def f():\n\treturn 1\nend",
            "def f():\n\treturn 2\nend",
            "def f():  \n\treturn 2\nend\n",
        ),
        ("a\nb\nc\n", "a  \nb", "x\nb", "x\nb\nc\n"),
        ("one\r\ntwo\nthree\r\n", "one\ntwo\nthree\n", "one\nzwei\nthree\n", "one\r\nzwei\r\nthree\r\n"),
        ("x = 1\ny = 2\n", "1\tx = 1\n2\ty = 2", "1\tx = 1\n2\ty = 3", "x = 1\ny = 3\n"),
        ("a\x0cb\n", "a\x0cb", "c", "c\n"),
        ("u\u2028v\n", "u\u2028v", "w", "w\n"),
    ],
)
def test_an_edit_is_made_in_the_form_of_the_file(text: str, old: str, new: str, expected: str) -> None:
    assert replace(text, old, new, "f").text == expected


def test_the_exact_text_wins_over_one_that_is_nearly_the_same() -> None:
    done = replace("a \nb\n--\na\nb\n", "a\nb", "x", "f")
    assert done.text == "a \nb\n--\nx\n"
    assert done.note == ""


def test_how_the_place_was_found_is_told() -> None:
    assert "trailing blanks" in replace("a \nb\n", "a\nb", "x\nb", "f").note
    assert "line numbers" in replace("a\n", "1\ta\n", "1\tb\n", "f").note


@pytest.mark.parametrize(("text", "old"), [("a\na\n", "a"), ("a \nb\na  \nb\n", "a\nb"), ("aXaXa\n", "a")])
def test_a_text_that_comes_several_times_is_refused_with_its_lines(text: str, old: str) -> None:
    with pytest.raises(ToolError, match="times, at lines 1"):
        replace(text, old, "z", "f")


def test_every_occurrence_is_replaced_when_asked() -> None:
    done = replace("a\r\nb\r\na\r\n", "a", "x\ny", "f", replace_all=True)
    assert (done.text, done.count) == ("x\r\ny\r\nb\r\nx\r\ny\r\n", 2)


def test_a_text_that_is_not_there_shows_the_nearest_and_the_difference() -> None:
    text = "import os\n\n\ndef total(prices):\n    return sum(prices)\n"
    with pytest.raises(ToolError) as raised:
        replace(text, "def total(prices):\n    return sum(price)\n", "x", "shop.py")
    assert "shop.py" in raised.value.text
    assert "4\tdef total(prices):\n5\t    return sum(prices)\n" in raised.value.hint
    assert "Line 5 differs in its text" in raised.value.hint


def test_a_text_that_resembles_nothing_is_said_so() -> None:
    with pytest.raises(ToolError) as raised:
        replace("alpha\nbeta\n", "zzzzzzzz", "x", "f")
    assert "Nothing similar" in raised.value.hint


def test_a_search_for_the_nearest_in_a_large_file_is_bounded() -> None:
    text = "".join(f"value_{at} = compute({at})\n" for at in range(60_000)) + "x" * 100_000
    with pytest.raises(ToolError) as raised:
        replace(text, "value_77 = compute(7777777)\nvalue", "x", "f")
    assert len(raised.value.hint) < 3_000


def test_a_search_among_lines_that_all_look_alike_compares_a_few_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[str] = []
    ratio = SequenceMatcher.ratio
    monkeypatch.setattr(SequenceMatcher, "ratio", lambda matcher: compared.append("") or ratio(matcher))
    shuffler = random.Random(1)
    letters = list("abcdefghij" * 2)
    lines = ["".join(shuffler.sample(letters, len(letters))) for _ in range(5_000)]
    with pytest.raises(ToolError):
        replace("\n".join(lines), "".join(letters), "x", "f")
    assert len(compared) <= 200


BLANKLESS = st.text(st.sampled_from("abc \n"), min_size=1, max_size=30)


@given(BLANKLESS, BLANKLESS, BLANKLESS, st.booleans())
def test_only_the_place_that_is_meant_changes(before: str, old: str, after: str, is_windows: bool) -> None:
    text = f"{before}<{old}>{after}"
    wanted = f"{before}<NEW>{after}"
    if is_windows:
        text, wanted = text.replace("\n", "\r\n"), wanted.replace("\n", "\r\n")
    assert replace(text, f"<{old}>", "<NEW>", "f").text == wanted


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["\n", "\r\n", " \n"])), max_size=20))
def test_unchanged_lines_keep_their_very_bytes(lines: list[tuple[str, str]]) -> None:
    old = "".join(text + end for text, end in lines)
    assert adopt(old, "".join(f"{text}\n" for text, _ in lines), "\r\n") == old


@pytest.mark.parametrize("text", [" ", "\r", "a", "\na"], ids=["blanks", "returns", "letters", "lines"])
def test_a_strange_large_file_is_searched_without_delay(text: str) -> None:
    with pytest.raises(ToolError):
        replace(text * 1_000_000 + "x", "value = 1\nvalue = 2", "x", "f")
