"""Rows of a pane in its frame: the same as Textual's own, kept while they look the same, and anew when they do not."""

from __future__ import annotations

import pytest
from rich.text import Text
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets.line_pane import FramedPane, LinePane


class NumberPane(FramedPane):
    """Numbered lines."""

    NAME = "Numbers"

    def lines(self, width: int) -> list[Text]:
        """Return more than are in view."""
        return [Text(f"{number:>4} 漢字 {'word ' * 20}"[:width]) for number in range(200)]


class PaneApp(App[None]):
    """One pane."""

    def __init__(self) -> None:
        super().__init__()
        for name in ("trashclaw-dark", "trashclaw-light"):
            self.register_theme(ThemeShelf(theme_files()).load(name))
        self.theme = "trashclaw-dark"

    def compose(self) -> ComposeResult:
        """Show it."""
        yield NumberPane(widget_id="numbers")


def drawn(strips: list[Strip]) -> list[list[tuple[str, object]]]:
    """Return what is seen of rows: characters with their colours, of a space its ground, not how they are divided."""
    return [
        [
            (character, style and (style.bgcolor if character == " " else style.clear_meta_and_links()))
            for text, style, _ in strip
            for character in text
        ]
        for strip in strips
    ]


@pytest.mark.parametrize("y", [0, 3, 117, 500])
async def test_rows_look_as_textual_draws_them(y: int) -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 12)) as pilot:
        pane = app.query_one(NumberPane)
        pane.scroll_to(y=y, animate=False, force=True)
        await pilot.pause()
        whole = Region(0, 0, *pane.outer_size)
        ours = drawn(pane.render_lines(whole))
        pane._styles_cache.clear()
        theirs = drawn(ScrollView.render_lines(pane, whole))
        assert ours == theirs


async def test_a_row_is_the_same_object_until_the_look_changes() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 12)) as pilot:
        pane = app.query_one(NumberPane)
        framed = pane._framed
        row = Strip.blank(pane.scrollable_content_region.width)

        def of_pane() -> Strip:
            framed.begin(pane, lambda crop: LinePane.__mro__[1].render_lines(pane, crop))
            return framed.rows(Region(0, 2, pane.outer_size.width, 1), lambda _: row)[0]

        first = of_pane()
        assert of_pane() is first
        app.theme = "trashclaw-light"
        await pilot.pause()
        await pilot.pause()
        light = of_pane()
        assert light is not first
        assert of_pane() is light


async def test_a_part_of_the_width_is_cut_out_of_the_whole() -> None:
    app = PaneApp()
    async with app.run_test(size=(50, 12)):
        pane = app.query_one(NumberPane)
        whole = pane.render_lines(Region(0, 0, *pane.outer_size))
        part = pane.render_lines(Region(4, 2, 11, 5))
        assert [strip.text for strip in part] == [strip.crop(4, 15).text for strip in whole[2:7]]
