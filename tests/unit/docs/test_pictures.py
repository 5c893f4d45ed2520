"""The pictures are those of the table, and need nothing from anywhere."""

from __future__ import annotations

import importlib
import pkgutil
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from textual.screen import Screen

from screenshots.picture import standalone
from screenshots.shots import SHOTS
from screenshots.stage import Shot, take
from tests.support.tree import ROOT
from trashclaw.config.resources import theme_files
from trashclaw.faces import tui
from trashclaw.faces.tui.screens.choice import ChoiceScreen
from trashclaw.faces.tui.screens.main import MainScreen
from trashclaw.faces.tui.themes import ThemeShelf

FOLDER = ROOT / "screenshots"
GROUND = re.compile(r'<rect fill="(#[0-9a-f]{6})"')
NAMES = [name for shot in SHOTS for name in shot.themes]
NOT_PICTURED = {"InlineScreen"}
"""The region below a scrollback: its picture is the terminal's own."""

FOLDER_BYTES, FILM_BYTES = 6_000_000, 1_000_000


def words(svg: str) -> str:
    return " ".join("".join(ET.fromstring(svg).itertext()).split())


def screen_classes() -> set[str]:
    """Every screen of the app that is no mere base of others, found by importing all of it."""
    for module in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        importlib.import_module(module.name)
    found = {MainScreen.__name__, ChoiceScreen.__name__}
    rest: list[type] = [Screen]
    while rest:
        kind = rest.pop()
        rest += (below := kind.__subclasses__())
        if kind.__module__.startswith(tui.__name__) and not below:
            found.add(kind.__name__)
    return found


def screen_of(svg: str) -> str:
    return ET.fromstring(svg).get("data-screen", "")


def test_every_screen_is_in_front_in_a_picture() -> None:
    pictured = {screen_of((FOLDER / f"{name}.svg").read_text(encoding="utf-8")) for name in NAMES}
    assert screen_classes() - pictured == NOT_PICTURED


def test_every_picture_is_there_once_dark_and_once_light() -> None:
    shelf = ThemeShelf(theme_files())
    for shot in SHOTS:
        dark, light = (shelf.load(theme) for theme in shot.themes.values())
        assert (dark.dark, light.dark) == (True, False), shot.name
        grounds = [GROUND.findall((FOLDER / f"{name}.svg").read_text(encoding="utf-8")) for name in shot.themes]
        assert all(grounds), shot.name
        assert grounds[0] != grounds[1], shot.name


def test_the_pictures_are_no_load() -> None:
    sizes = {file.stem: file.stat().st_size for file in FOLDER.glob("*.svg")}
    assert sum(sizes.values()) < FOLDER_BYTES
    assert max(sizes["tour"], sizes["tour-light"]) < FILM_BYTES


@pytest.mark.parametrize("name", ["tour", "tour-light"])
def test_the_tour_is_a_walk_of_half_a_minute_to_the_end_of_the_task(name: str) -> None:
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    seconds = {float(length) for length in re.findall(r"animation:w\d+ ([\d.]+)s", svg)}
    assert len(seconds) == 1
    assert 30 <= seconds.pop() <= 45
    assert len(set(re.findall(r"([\d.]+)%\{", svg))) >= 20
    shown = words(svg)
    for part in ("Find SQL built", "waits for you", "left out", "steers next:", "What do you want to do?", "Sessions"):
        assert part in shown


def test_every_picture_of_the_table_is_there_and_no_other() -> None:
    assert {file.stem for file in FOLDER.glob("*.svg")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_fetches_nothing(name: str) -> None:
    svg = (FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    root = ET.fromstring(svg)
    assert "@font-face" not in svg
    assert "url(http" not in svg
    assert not [element for element in root.iter() for key in element.attrib if key.endswith("href")]
    assert {f"{{{space}}}" for space in re.findall(r'xmlns="([^"]+)"', svg)} == {root.tag.removesuffix("svg")}


def test_pieces_of_a_text_stand_in_their_columns() -> None:
    text = '<text class="r" x="12.2" y="20" textLength="85.4" clip-path="c">&#160;a&#160;&#160;&lt;b&#160;</text>'
    drawn = ET.fromstring(standalone(f'<svg x="1">{text}</svg>', "a & b"))
    assert [(text.get("x"), text.get("textLength"), text.text) for text in drawn.iter("text")] == [
        ("24.4", "12.2", "a"),
        ("61", "24.4", "<b"),
    ]
    assert drawn.findtext("title") == "a & b"


EXPECTED = {"review": "waits for you", "first-run": "No model server answers", "sessions-search": "formula"}


@pytest.mark.parametrize("shot", [shot for shot in SHOTS if shot.name in EXPECTED], ids=lambda shot: shot.name)
async def test_a_picture_shows_the_program_and_a_rerun_the_same(shot: Shot, home: Path) -> None:
    pictures = await take(shot)
    for name, svg in pictures.items():
        assert EXPECTED[shot.name] in words(svg), name
    assert await take(shot) == pictures
