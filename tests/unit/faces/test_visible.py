"""What is done to text that comes from elsewhere before it is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from wcwidth import wcwidth

from trashclaw.faces.visible import visible, visible_line

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]52;c;eA==\x07", "␛]52;c;eA==␇"),
        ("\x9b2J\x7f\0", "<U+009B>2J␡␀"),
        ("a\u200db", "a<U+200D>b"),
        ("x\u200cy", "x<U+200C>y"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\u0915\u200d\u0937", "\u0915\u0937"),
        (FAMILY, "\U0001f468\U0001f469\U0001f467"),
        ("\U0001f44d\U0001f3fd", "\U0001f44d"),
        ("\U0001f3fd", "<U+1F3FD>"),
        ("\u261d\U0001f3fb\ufe0f\u200d\u2642\ufe0f", "\u261d\u2642"),
        ("\U0001f1e9\U0001f1ea \U0001f1eb", "DE F"),
        ("1\ufe0f\u20e3 \u00a9\ufe0f", "1\u20e3 \u00a9"),
        ("\u845b\U000e0100", "\u845b"),
        ("\U0001f600\ufe01\ufe02", "\U0001f600<U+FE01><U+FE02>"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "\U0001f3f4"),
        ("\U0001f3f4\U000e0069\U000e0067\U000e007f", "\U0001f3f4<U+E0069><U+E0067><U+E007F>"),
        ("\u3164\u115f\uffa0", "<U+3164><U+115F><U+FFA0>"),
        ("a\u20dd\u20dd\u20dd\u20dd\u20dd\u20dd", "a\u20dd\u20dd\u20dd\u20dd"),
        ("\u0301x\n\u0301", "\u25cc\u0301x\n\u25cc\u0301"),
        ("\u2028\u2029\u206a\ud800\ufffe", "<U+2028><U+2029><U+206A>\ufffd<U+FFFE>"),
        ("line\r\nline\rback", "line\nline␍back"),
    ],
)
def test_what_terminals_obey_or_disagree_about_is_shown_otherwise(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_line_has_no_line_feeds() -> None:
    assert visible_line("a\nb\r\n\tc") == "a⏎b⏎    c"


def test_a_pile_of_marks_is_four_high_however_many_there_are() -> None:
    assert visible("o" + "\u0336\u0489" * 50_000 + "k") == "o\u0336\u0489\u0336\u0489k"


@given(st.text(st.characters(codec=None, exclude_categories=["Cn", "Co"]), max_size=80))
def test_what_is_shown_is_as_wide_as_it_is_counted(text: str) -> None:
    for line in visible(text).split("\n"):
        assert cell_len(line) == sum(wcwidth(character) for character in line)
