"""How many colours a terminal has, and what is left of a theme with fewer."""

from __future__ import annotations

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.color import Color

from trashclaw.config.contrast import contrast
from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.colours import Depth, depth_of
from trashclaw.faces.tui.colours_few import FewColours
from trashclaw.faces.tui.colours_many import ManyColours
from trashclaw.faces.tui.drawing.look import look_of_theme
from trashclaw.faces.tui.themes import ThemeShelf

SHELF = ThemeShelf(theme_files())
MIXED = [name for name in SHELF.names if not SHELF.load(name).ansi]
GROUND = Color(0, 0, 0)
STEPS = (0, 95, 135, 175, 215, 255)


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.ALL),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, Depth.ALL),
        ({"TERM": "xterm-256color"}, Depth.MANY),
        ({"TERM": "tmux-256color", "TMUX": "x", "TERM_PROGRAM": "iTerm.app"}, Depth.MANY),
        ({"TERM": "xterm-kitty"}, Depth.ALL),
        ({"TERM": "xterm-ghostty"}, Depth.ALL),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "screen"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "vt100"}, Depth.NONE),
    ],
)
def test_a_terminal_has_the_colours_that_it_says(environ: dict[str, str], depth: Depth) -> None:
    assert depth_of(environ) is depth


def drawn(name: str, style: Style, *, has_hues: bool) -> Style:
    """Return a style as it is drawn with few colours in a theme."""
    app: App[None] = App()
    app.register_theme(SHELF.load(name))
    app.theme = name
    (segment,) = FewColours(app, has_hues=has_hues).apply([Segment("x", style)], GROUND)
    assert segment.style is not None
    return segment.style


@pytest.mark.parametrize("name", SHELF.names)
def test_without_colours_nothing_has_one_and_what_they_meant_is_told_otherwise(name: str) -> None:
    look = look_of_theme(SHELF.load(name), is_ascii=False)
    for style in (look.text, look.muted, look.accent, look.error, look.added, look.cursor, look.added_words):
        plain = drawn(name, style, has_hues=False)
        assert plain.color is None
        assert plain.bgcolor is None
    assert drawn(name, look.cursor, has_hues=False).reverse
    assert drawn(name, look.error, has_hues=False).bold
    assert drawn(name, look.warning, has_hues=False).bold
    words = drawn(name, look.added_words, has_hues=False)
    assert words.underline or words.reverse
    assert not drawn(name, look.text, has_hues=False).bold
    meta = drawn(name, look.text + Style.from_meta({"offset": (1, 2)}), has_hues=False).meta
    assert meta == {"offset": (1, 2)}


@pytest.mark.parametrize("name", MIXED)
def test_with_sixteen_colours_ink_keeps_its_hue_on_the_terminals_own_ground(name: str) -> None:
    look = look_of_theme(SHELF.load(name), is_ascii=False)
    hues = {"error": "red", "success": "green", "warning": "yellow"}
    for field, hue in hues.items():
        plain = drawn(name, getattr(look, field), has_hues=True)
        assert plain.color == RichColor.parse(hue)
        assert plain.bgcolor is None
    assert drawn(name, look.text + Style(bgcolor=look.code.bgcolor), has_hues=True) == Style()


@pytest.mark.parametrize("name", MIXED)
def test_with_256_colours_a_theme_is_as_readable_as_with_all(name: str) -> None:
    theme = SHELF.load(name)
    inks = [theme.foreground, theme.primary, theme.accent, theme.success, theme.warning, theme.error]
    inks += [theme.variables["muted"], theme.variables["cloud"]]
    for ground in (theme.background, theme.surface, theme.panel):
        for ink in inks:
            assert ink is not None
            assert ground is not None
            (segment,) = ManyColours().apply([Segment("x", Style(color=ink, bgcolor=ground))], GROUND)
            assert segment.style is not None
            near = contrast(seen(segment.style.color), seen(segment.style.bgcolor))
            assert near >= min(contrast(ink, ground), 4.5) - 0.01


def seen(colour: RichColor | None) -> str:
    """Return one of the 256 colours as a terminal shows it."""
    assert colour is not None
    assert colour.number is not None
    number = colour.number
    if number >= 232:
        return f"#{8 + 10 * (number - 232):02x}" + f"{8 + 10 * (number - 232):02x}" * 2
    red, rest = divmod(number - 16, 36)
    return "#{:02x}{:02x}{:02x}".format(STEPS[red], *(STEPS[part] for part in divmod(rest, 6)))
