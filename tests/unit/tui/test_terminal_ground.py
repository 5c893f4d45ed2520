"""The answer of a terminal about its background is told from keys, in whatever pieces both come."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.faces.tui.terminal_ground import GroundAnswer, can_be_asked
from trashclaw.faces.tui.themes import DARK_THEME, LIGHT_THEME, twin_of

ANSWERS = {
    "\x1b]11;rgb:ffff/ffff/ffff\x1b\\": True,
    "\x1b]11;rgb:fdfd/f6f6/e3e3\x07": True,
    "\x1b]11;rgb:f/f/f\x07": True,
    "\x1b]11;rgba:ffff/ffff/ffff/8000\x07": True,
    "\x1b]11;rgb:0000/0000/0000\x1b\\": False,
    "\x1b]11;rgb:1e/1e/2e\x07": False,
    "\x1b]11;rgb:80/80/80\x07": True,
    "\x1b]11;rgb:60/60/60\x07": False,
    "\x1b]11;rgb:0000/0000/ffff\x07": False,
}
PASTE, PASTE_END = "\x1b[200~", "\x1b[201~"
KEYS = ("", "a", "word ", "\x1b]", "\x1b[A", "\x1b", "漢字", "\r", "\x1b[<0;3;4M", "1;")


@given(
    st.sampled_from(sorted(ANSWERS)),
    st.sampled_from([keys for keys in KEYS if not keys.endswith("\x1b")]),
    st.sampled_from(KEYS),
    st.lists(st.integers(min_value=0, max_value=60), max_size=4),
)
def test_it_is_found_in_pieces_with_keys_around_it(answer: str, before: str, after: str, cuts: list[int]) -> None:
    text = before + answer + after
    # The first two characters come together, as a terminal writes them: alone they are Alt+].
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text) and text[cut - 2 : cut] != "\x1b]")})
    places = [place for place in places if not len(before) < place < len(before) + 3]
    ground = GroundAnswer()
    keys = "".join(ground.take(text[first:end]) for first, end in pairwise(places))
    assert ground.is_light is ANSWERS[answer]
    assert keys + ground.give_up() == before + after


@given(st.lists(st.text(alphabet="\x1b]1;rgb:/fF0\x07\\a", max_size=12), max_size=8))
def test_what_is_no_answer_stays_keys_in_their_order(pieces: list[str]) -> None:
    ground = GroundAnswer()
    keys = ""
    for piece in pieces:
        keys += ground.take(piece)
    keys += ground.give_up()
    if ground.is_light is None and "\x1b]11;" not in "".join(pieces):
        assert keys == "".join(pieces)


@pytest.mark.parametrize("answer", ["\x1b]11;rgb:12345/0/0\x07", "\x1b]11;rgb:ff/ff\x1b\\ ", "\x1b]11;rgb://///\x07"])
def test_a_colour_that_is_none_says_nothing(answer: str) -> None:
    ground = GroundAnswer()
    ground.take(answer)
    assert ground.is_light is None


@given(
    st.sampled_from(sorted(ANSWERS)),
    st.sampled_from(["", "word ", "漢字", "\x1b[A", "\x1b"]),
    st.lists(st.integers(min_value=0, max_value=80), max_size=6),
    st.booleans(),
)
def test_what_is_pasted_is_no_answer(answer: str, around: str, cuts: list[int], is_answered: bool) -> None:
    pasted = f"{PASTE}{around}{answer}{around}{PASTE_END}"
    text = f"a{pasted}b" + (answer if is_answered else "")
    last = len(text) - len(answer) if is_answered else len(text)
    ground = GroundAnswer()
    keys = "".join(
        ground.take(text[first:end]) for first, end in pairwise(sorted({0, last, *(c for c in cuts if c < last)}))
    )
    keys += ground.take(text[last:])
    assert keys + ground.give_up() == f"a{pasted}b"
    assert ground.is_light is (ANSWERS[answer] if is_answered else None)


def test_a_paste_that_looks_like_an_answer_is_kept_around_the_real_one() -> None:
    dark, light = "\x1b]11;rgb:0/0/0\x07", "\x1b]11;rgb:f/f/f\x07"
    ground = GroundAnswer()
    assert ground.take(f"{PASTE}{dark}{PASTE_END}{light}x{PASTE}{dark}") == f"{PASTE}{dark}{PASTE_END}x{PASTE}{dark}"
    assert ground.is_light is True


def test_what_does_not_go_on_is_given_back() -> None:
    ground = GroundAnswer()
    assert ground.take("a\x1b]1") == "a"
    assert (ground.is_begun, ground.give_up(), ground.is_begun) == (True, "\x1b]1", False)
    assert ground.take("\x1b]") == "\x1b]"


def test_with_the_answer_nothing_is_held_back_any_more() -> None:
    ground = GroundAnswer()
    assert ground.take("\x1b]11;rgb:f/f/f\x07\x1b]1") == "\x1b]1"
    assert (ground.is_light, ground.is_begun) == (True, False)


def test_a_console_that_may_draw_the_question_is_not_asked() -> None:
    assert can_be_asked({"TERM": "xterm-256color"})
    assert not can_be_asked({"TERM": "linux"})
    assert not can_be_asked({"TERM": "xterm", "COLORFGBG": "0;15"})


def test_only_themes_that_nobody_has_to_choose_have_a_twin() -> None:
    assert twin_of(DARK_THEME, is_light=True) == LIGHT_THEME
    assert twin_of(LIGHT_THEME, is_light=True) == LIGHT_THEME
    assert twin_of("ansi-light", is_light=False) == "ansi-dark"
    assert twin_of("nord", is_light=True) == "nord"
