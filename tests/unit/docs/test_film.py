"""An animated picture shows each of its frames in its time, and no line of another."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from screenshots.film import Frame, film
from tests.support.tree import ROOT

NAMES = ("palette", "review", "done", "review")
SECONDS = (1.0, 2.0, 1.0, 4.0)
TAG = "{http://www.w3.org/2000/svg}"
STEP = re.compile(r"([\d.]+)%\{visibility:(\w+)\}")


def picture(name: str) -> str:
    return (ROOT / "screenshots" / f"{name}.svg").read_text(encoding="utf-8")


def words(element: ET.Element) -> Counter[tuple[str | None, ...]]:
    """Every text with its place."""
    return Counter((text.get("x"), text.get("y"), text.text) for text in element.iter(f"{TAG}text"))


@pytest.fixture(scope="module")
def made() -> str:
    return film([Frame(picture(name), seconds) for name, seconds in zip(NAMES, SECONDS, strict=True)], "A tour")


def is_seen(made: str, name: str, share: float) -> bool:
    """Tell whether a class is seen at a moment, given as a percentage of the whole."""
    frames = re.search(rf"@keyframes {name}\{{(.*)\}}$", made, re.M)
    if frames is None:
        return True
    before = [what for at, what in STEP.findall(frames[1]) if float(at) <= share]
    return before[-1] == "visible"


@pytest.mark.parametrize(
    ("share", "name"), [(5, "palette"), (13, "review"), (37, "review"), (45, "done"), (75, "review")]
)
def test_a_moment_shows_its_frame(made: str, share: float, name: str) -> None:
    shown: Counter[tuple[str | None, ...]] = Counter()
    for group in ET.fromstring(made).iter(f"{TAG}g"):
        if re.fullmatch(r"w\d+", group.get("class", "")) and is_seen(made, group.get("class", ""), share):
            shown += words(group)
    matrix = next(one for one in ET.fromstring(picture(name)).iter(f"{TAG}g") if one.get("class") == "t-matrix")
    assert shown == words(matrix)


def test_what_stays_is_there_once() -> None:
    one = picture("review")
    assert len(film([Frame(one, 1.0)] * 5, "The same")) < 1.3 * len(one)


def test_who_wants_no_motion_sees_the_end(made: str) -> None:
    assert "prefers-reduced-motion" in made
    rest = dict(re.findall(r"\.(w\d+)\{visibility:(\w+);", made))
    last = words(
        next(one for one in ET.fromstring(picture(NAMES[-1])).iter(f"{TAG}g") if one.get("class") == "t-matrix")
    )
    shown: Counter[tuple[str | None, ...]] = Counter()
    for group in ET.fromstring(made).iter(f"{TAG}g"):
        name = group.get("class", "")
        if re.fullmatch(r"w\d+", name) and rest.get(name, "visible") == "visible":
            shown += words(group)
    assert shown == last


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture"):
        film([Frame("<svg></svg>", 1.0)], "Nothing")
