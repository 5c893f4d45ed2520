"""What stands in the terminal's title."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from trashclaw.faces.tui.terminal_title import NAME_CHARS, title_of

STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


@given(st.text(st.characters(), max_size=80), st.sampled_from(["", "working", "waits for you"]))
def test_nothing_in_it_steers_a_terminal_and_the_state_stays(name: str, state: str) -> None:
    title = title_of(name, state, "·")
    assert not STEERING.search(title)
    assert title.endswith(state)
    assert len(title) <= NAME_CHARS + len(" · waits for you")


def test_a_long_name_is_cut() -> None:
    assert title_of("x" * 50, "working", "·") == "x" * 37 + "... · working"
    assert title_of("short", "", "·") == "short"
