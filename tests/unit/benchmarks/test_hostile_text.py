"""The benchmark of hostile text finds what it looks for."""

from __future__ import annotations

from benchmarks.hostile_stream import foreign, plain_text, sequences
from benchmarks.hostile_strings import all_strings, markup_strings
from benchmarks.hostile_text import literal, obeyed_markup

USUAL = b"\x1b[?1049h\x1b[1;1H\x1b[31mwords\x1b[0m\r\n"


def test_there_are_enough_strings_of_every_kind() -> None:
    strings = all_strings()
    assert len(strings) >= 200
    assert len(strings) == len(set(strings))
    assert set(markup_strings()) < set(strings)
    for kind in ("\x1b[", "\x1b]52", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x9b", "\u202e", "\ud800", "\u2028", "\0"):
        assert any(kind in text for text in strings), kind


def test_every_control_sequence_that_reaches_a_terminal_is_found() -> None:
    usual = sequences(USUAL)
    assert foreign(USUAL + b"\x1b[5;7H\x1b[1mmore\x1b[0m", usual) == []
    for text in all_strings():
        if text.startswith(("\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1bX", "\x9b", "\x9d")):
            reached = USUAL + text.encode("utf-8", "replace")
            assert foreign(reached, usual), text
            assert len(text) < 3 or literal(reached, [text], USUAL) == [text]
    assert foreign(USUAL + b"\x1b[?1049l", usual) == ["CSI ?1049l (1x)"]


def test_markup_that_is_obeyed_is_missing_from_what_was_written() -> None:
    shown = b"\x1b[1mfirst\x1b[0m [red]markup[/red] \x1b[3;4H[/]"
    assert obeyed_markup(shown, ["[red]markup[/red]", "[/]"]) == []
    assert obeyed_markup(b"\x1b[31mmarkup\x1b[0m", ["[red]markup[/red]"]) == ["[red]markup[/red]"]
    assert "words" in plain_text(USUAL)
