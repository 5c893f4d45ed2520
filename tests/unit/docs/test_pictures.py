"""The pictures are those of the table, and need nothing from anywhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from screenshots.picture import standalone
from screenshots.shots import SHOTS, Shot
from screenshots.stage import take
from tests.support.tree import ROOT

FOLDER = ROOT / "screenshots"
NAMES = [shot.name for shot in SHOTS]


def words(svg: str) -> str:
    return " ".join("".join(ET.fromstring(svg).itertext()).split())


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


@pytest.mark.parametrize(
    "shot", [shot for shot in SHOTS if shot.name in {"review", "first-run"}], ids=lambda shot: shot.name
)
async def test_a_picture_shows_the_program(shot: Shot, home: Path) -> None:
    svg = await take(shot)
    expected = {"review": "waits for you", "first-run": "No model server answers"}
    assert expected[shot.name] in words(svg)
