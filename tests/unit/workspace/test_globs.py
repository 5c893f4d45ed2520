"""Globs match what their plain translation matches, in time that grows with the path alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trashclaw.workspace.globs import Glob

_NAME_PATTERNS = st.text(alphabet="ab*?", min_size=1, max_size=5).filter(lambda name: "**" not in name)
_PATTERNS = st.lists(st.one_of(_NAME_PATTERNS, st.just("**")), min_size=1, max_size=5).map("/".join)
_PATHS = st.lists(st.text(alphabet="ab", min_size=1, max_size=5), min_size=1, max_size=5).map("/".join)


def plainly(pattern: str) -> re.Pattern[str]:
    """Return the obvious translation, which may take exponential time."""
    parts = pattern.split("/") if "/" in pattern else ["**", pattern]
    out = ""
    for at, part in enumerate(parts):
        is_last = at == len(parts) - 1
        if part == "**":
            out += ".*" if is_last else "(?:[^/]+/)*"
        else:
            out += re.escape(part).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") + ("" if is_last else "/")
    return re.compile(out)


@given(_PATTERNS.filter(lambda pattern: pattern.count("*") <= 12), _PATHS)
def test_a_glob_matches_what_its_plain_translation_matches(pattern: str, path: str) -> None:
    assert Glob(pattern).matches(path) is (plainly(pattern).fullmatch(path) is not None)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("a" + "*a" * 11 + "*b", "a" * 4_000),
        ("*?" * 12 + "b", "a" * 4_000),
        ("*[ab]" * 12 + "c", "a" * 4_000),
        ("**/a/" * 5 + "**/b", "a/" * 2_000 + "a"),
        ("**/*a*/" * 3 + "b", "a/" * 2_000 + "a"),
        ("**/" * 6 + "b", "a/" * 2_000 + "a"),
        ("{" + ",".join("a*a*a*" + letter for letter in "bcde") + "}", "a" * 4_000),
    ],
)
def test_a_wild_glob_on_a_long_path_ends(pattern: str, path: str) -> None:
    assert not Glob(pattern).matches(path)


def test_a_line_end_in_a_name_is_a_character_as_any_other() -> None:
    assert Glob("src/**").matches("src/a\nb")
    assert Glob("*.py").matches("a\nb/c.py")


def test_a_class_never_matches_the_slash_between_folders() -> None:
    assert not Glob("a[!b]c").matches("a/c")
    assert not Glob("x/a[.-0]c").matches("x/a/c")
