"""How a terminal is told that somebody is needed, by what it says of itself."""

from __future__ import annotations

import pytest

from trashclaw.faces.tui.multiplexer import through_screen, through_tmux
from trashclaw.faces.tui.notifying import MOST_CHARS, Way, said, sequence_of, way_of


@pytest.mark.parametrize(
    ("environ", "way"),
    [
        ({"TERM_PROGRAM": "iTerm.app", "TERM": "xterm-256color"}, Way.OSC_9),
        ({"TERM_PROGRAM": "ghostty", "TERM": "xterm-ghostty"}, Way.OSC_9),
        ({"TERM": "xterm-kitty"}, Way.OSC_99),
        ({"TERM": "foot"}, Way.OSC_777),
        ({"TERM": "rxvt-unicode-256color"}, Way.OSC_777),
        ({"TERM": "xterm-256color"}, Way.BELL),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, Way.BELL),
        ({"TERM": "tmux-256color", "TMUX": "/tmp/x,1,0", "TERM_PROGRAM": "iTerm.app"}, Way.BELL),
        ({"TERM": "screen.xterm-256color", "STY": "1.x"}, Way.BELL),
        ({}, Way.BELL),
    ],
)
def test_a_terminal_is_told_in_the_way_that_it_knows(environ: dict[str, str], way: Way) -> None:
    assert way_of(environ) is way


def test_what_is_told_is_one_short_line_without_anything_that_is_obeyed() -> None:
    text = said("shop\x1b]52;c;eA==\x07\n" + "x" * 300, "asks for your approval")
    assert len(text) <= MOST_CHARS
    assert text.endswith("… asks for your approval")
    for way in Way:
        sequence = sequence_of(way, text)
        body = sequence.removesuffix("\a").removesuffix("\x1b\\")
        assert "\n" not in body
        assert "]52" not in body.replace("␛]52", "")
    assert sequence_of(Way.OSC_777, said("a;b", "is over: done")) == "\x1b]777;notify;trashclaw;a,b is over: done\a"


def test_a_sequence_goes_through_tmux_with_its_escapes_doubled_and_through_screen_in_pieces() -> None:
    assert through_tmux("\x1b]9;hello\a") == "\x1bPtmux;\x1b\x1b]9;hello\a\x1b\\"
    pieces = through_screen("\x1b]52;c;" + "A" * 1500 + "\a")
    assert all(len(piece) <= 768 for piece in pieces.split("\x1b\\"))
    assert pieces.replace("\x1bP", "").replace("\x1b\\", "") == "\x1b]52;c;" + "A" * 1500 + "\a"
