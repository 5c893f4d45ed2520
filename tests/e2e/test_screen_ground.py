"""The terminal's background: who chose no theme has a light one on a light background, and the answer is no keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.screen_app import AppTerminal
from trashclaw.faces.tui.terminal_ground import QUERY

OpenApp = Callable[..., AppTerminal]
LIGHT, DARK = "faf9f6", "15171c"
"""The ground of the two usual themes."""

TRUE_COLOUR = {"COLORTERM": "truecolor"}


@pytest.mark.parametrize("end", [b"\x07", b"\x1b\\"])
def test_the_theme_fits_a_light_background(open_app: OpenApp, end: bytes) -> None:
    app = open_app([], environment=TRUE_COLOUR)
    assert app.output.count(QUERY.encode()) == 1
    assert DARK in app.colours()
    app.write(b"a\x1b]11;rgb:fdfd/f6f6")
    app.write(b"/e3e3" + end + b"b")
    app.wait_for(lambda: LIGHT in app.colours() and DARK not in app.colours())
    app.wait_for("❯ ab ")
    app.press("backspace", "backspace")
    assert app.quit() == 0


def test_a_dark_background_changes_nothing(open_app: OpenApp) -> None:
    app = open_app([], environment=TRUE_COLOUR)
    app.write(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\word")
    app.wait_for("❯ word ")
    assert DARK in app.colours()


def test_a_theme_that_was_chosen_is_kept_and_nothing_is_asked(open_app: OpenApp) -> None:
    app = open_app([], environment={"TRASHCLAW_UI__THEME": "trashclaw-dark"})
    assert QUERY.encode() not in app.output
