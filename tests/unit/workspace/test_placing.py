"""Hunks in texts that have moved on: found exactly, or refused; never put where they do not belong."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from trashclaw.protocol.errors import StaleFile
from trashclaw.protocol.patches import Hunk
from trashclaw.workspace.diff import make_hunks, split_lines
from trashclaw.workspace.placing import first_line, follow, put_hunk, turned

WORDS = st.sampled_from(["a", "b", "}", "", "return", "x = 1"])
LINES = st.lists(WORDS, max_size=14)


def text_of(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def hunks_of(old: list[str], new: list[str]) -> tuple[Hunk, ...]:
    return make_hunks(split_lines(text_of(old)), split_lines(text_of(new)))


def landed_places(hunk: Hunk) -> list[int | None]:
    back = turned(hunk)
    start = first_line(back)
    return [start + at for at in range(sum(not line.startswith("+") for line in back.lines))]


def test_a_hunk_is_found_although_it_has_moved() -> None:
    old = [f"line {number}" for number in range(12)]
    new = [*old[:6], "mine", *old[7:]]
    (hunk,) = hunks_of(old, new)
    moved = text_of(["first", "second", *new, "last"])
    assert put_hunk(moved, turned(hunk)) == text_of(["first", "second", *old, "last"])


def test_where_a_line_beside_it_was_changed_only_its_known_place_will_do() -> None:
    old = [f"line {number}" for number in range(12)]
    new = [*old[:6], "mine", *old[7:]]
    (hunk,) = hunks_of(old, new)
    after = [*new[:4], "other", *new[5:]]
    with pytest.raises(StaleFile, match="those around them"):
        put_hunk(text_of(after), turned(hunk))
    places = follow(landed_places(hunk), hunks_of(new, after))
    assert put_hunk(text_of(after), turned(hunk), places) == text_of([*after[:6], "line 6", *after[7:]])


def test_lines_that_were_changed_since_are_not_overwritten() -> None:
    old = [f"line {number}" for number in range(12)]
    (hunk,) = hunks_of(old, [*old[:6], "mine", *old[7:]])
    with pytest.raises(StaleFile, match="not as they landed"):
        put_hunk(text_of([*old[:6], "mine, and the person's", *old[7:]]), turned(hunk))


def test_of_two_places_none_is_guessed() -> None:
    block = ["def f():", "    a = 1", "    return a", ""]
    (hunk,) = hunks_of([*block, "end"], [block[0], "    a = 2", *block[2:], "end"])
    twice = [block[0], "    a = 2", *block[2:], "end"] * 2
    with pytest.raises(StaleFile, match="several places"):
        put_hunk(text_of(twice), turned(hunk))


def test_one_known_place_of_two_is_enough() -> None:
    block = ["def f():", "    a = 1", "    return a", ""]
    new = [block[0], "    a = 2", *block[2:], *block]
    (hunk,) = hunks_of([*block, *block], new)
    twice = [block[0], "    a = 2", *block[2:]] * 2
    (later,) = hunks_of(new, twice)
    places = follow(landed_places(hunk), [later])
    assert put_hunk(text_of(twice), turned(hunk), places) == text_of([*block, block[0], "    a = 2", *block[2:]])


def test_a_brace_alone_is_no_proof() -> None:
    """A lone `}` elsewhere is not the one that landed and was removed since."""
    old = ["one", "two", "three", "four", "five", "six"]
    (hunk,) = hunks_of(old, [*old[:3], "}", *old[3:]])
    with pytest.raises(StaleFile):
        put_hunk(text_of(["}", "other"]), turned(hunk))


def test_lines_taken_away_come_back_between_their_neighbours() -> None:
    old = [f"line {number}" for number in range(12)]
    (hunk,) = hunks_of(old, [*old[:5], *old[7:]])
    assert put_hunk(text_of(["new", *old[:5], *old[7:]]), turned(hunk)) == text_of(["new", *old])
    with pytest.raises(StaleFile):
        put_hunk(text_of([*old[:5], "between", *old[7:]]), turned(hunk))


@given(LINES, LINES, LINES)
def test_followed_lines_are_the_same_lines(old: list[str], new: list[str], extra: list[str]) -> None:
    hunks = hunks_of(old, new)
    places = follow(range(len(old)), hunks)
    kept = [place for place in places if place is not None]
    assert kept == sorted(set(kept))
    stayed = [line for line, place in zip(old, places, strict=True) if place is not None]
    assert [new[place] for place in kept] == stayed
    assert len(old) - len(kept) == sum(hunk.removed for hunk in hunks)


@given(LINES, LINES)
def test_what_was_just_done_is_taken_back(old: list[str], new: list[str]) -> None:
    text = text_of(new)
    for hunk in reversed(hunks_of(old, new)):
        text = put_hunk(text, turned(hunk), landed_places(hunk))
    assert text == text_of(old)


@given(st.data())
def test_a_revert_after_edits_elsewhere_restores_exactly_those_lines(data: st.DataObject) -> None:
    """Where the session knows the way that the lines went, the lines of a tiny alphabet are told apart, too."""
    old, new = data.draw(LINES), data.draw(LINES)
    hunks = hunks_of(old, new)
    assume(hunks)
    hunk = data.draw(st.sampled_from(hunks))
    later = data.draw(LINES)
    edits = hunks_of(new, later)
    places = follow(landed_places(hunk), edits)
    back = turned(hunk)
    lead = next(at for at, line in enumerate(back.lines) if not line.startswith(" "))
    size = sum(not line.startswith("+") for line in back.lines)
    tail = next(at for at, line in enumerate(reversed(back.lines)) if not line.startswith(" "))
    core = places[lead : size - tail]
    try:
        result = split_lines(put_hunk(text_of(later), back, places))
    except StaleFile:
        # Refused only where a line of the change itself, or right beside a removal, was touched.
        around = core or places[max(0, lead - 1) : size - tail + 1]
        if not around:
            return
        is_together = None not in around and around == list(range(around[0] or 0, (around[0] or 0) + len(around)))
        assert not is_together or (not core and len(around) < 2)
        return
    wanted = [line[1:] for line in back.lines[lead : len(back.lines) - tail] if not line.startswith("-")]
    lines = split_lines(text_of(later))
    start = core[0] if core else places[lead - 1] + 1 if lead else places[0] if tail else 0  # type: ignore[operator]
    assert start is not None
    assert result == [*lines[:start], *wanted, *lines[start + len(core) :]]


@given(st.lists(st.integers(0, 10**6), unique=True, min_size=6, max_size=20), st.data())
def test_without_knowing_the_way_distinct_lines_are_found_or_refused(numbers: list[int], data: st.DataObject) -> None:
    old = [f"line {number}" for number in numbers]
    at = data.draw(st.integers(0, len(old) - 1))
    new = [*old[:at], "landed", "lines", *old[at + 1 :]]
    (hunk,) = hunks_of(old, new)
    above, below = data.draw(st.lists(WORDS, max_size=5)), data.draw(st.lists(WORDS, max_size=5))
    result = put_hunk(text_of([*above, *new, *below]), turned(hunk))
    assert result == text_of([*above, *old, *below])
