"""The tables in the pages are what the code says."""

from __future__ import annotations

import re

import pytest

from tests.support.doc_tables import README, SECTIONS, page_with
from tests.support.tree import ROOT, project_files, python_files

PAGES = [file for file in project_files() if file.suffix == ".md" and file.parent.name in {ROOT.name, "docs", "guides"}]
PROTOCOL = ROOT / "docs" / "protocol.md"


@pytest.mark.parametrize("name", SECTIONS)
def test_a_table_is_what_the_code_says(name: str) -> None:
    page, _ = SECTIONS[name]
    assert page.read_text(encoding="utf-8") == page_with(name), "python -m tests.support.doc_tables"


def test_every_marked_table_is_made_by_something() -> None:
    marked = {
        name
        for page in PAGES
        for name in re.findall(
            r"<!-- (.+?): made by tests/support/doc_tables\.py -->", page.read_text(encoding="utf-8")
        )
    }
    assert marked == set(SECTIONS)


def test_the_events_that_nothing_emits_are_named() -> None:
    """Words are defined before their time; the page must not promise more than happens."""
    source = "\n".join(
        file.read_text(encoding="utf-8") for file in python_files("trashclaw") if "protocol" not in file.parts
    )
    events = re.findall(r"^\| `([a-z]+\.[a-z]+|notice|progress)` \|", _events(), re.M)
    silent = {name for name in events if not re.search(rf"\b{_class_of(name)}\(\w*\)?", source)}
    told = re.search(r"^Nothing emits (.*) yet\.$", PROTOCOL.read_text(encoding="utf-8"), re.M)
    assert silent == (set(re.findall(r"`([^`]+)`", told[1])) if told else set())


def _events() -> str:
    return SECTIONS["events"][1]()


def _class_of(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("."))


def test_the_map_of_the_code_names_every_room() -> None:
    rooms = {file.parts[len(ROOT.parts) + 1] for file in python_files("trashclaw")}
    rooms -= {"__init__.py", "__main__.py"}
    assert set(re.findall(r"^    trashclaw/(\w+) ", README.read_text(encoding="utf-8"), re.M)) == rooms
