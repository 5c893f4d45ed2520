"""/context and /compact on the screen: what fills the window, what a compaction would leave, and taking it back."""

from __future__ import annotations

import pytest

from tests.support.context_reports import cut_preview, large_report, report
from tests.tui.test_drawing import LOOK
from trashclaw.agent.compaction import CutAction, CutPreview, CutRow
from trashclaw.agent.context_report import ContextGroup, ContextReport, ContextRow
from trashclaw.faces.tui.drawing.context import all_item_lines, context_lines, group_lines
from trashclaw.faces.tui.drawing.context_advice import advice
from trashclaw.faces.tui.drawing.cut import cut_lines
from trashclaw.faces.tui.drawing.window_bar import LETTERS, bar_lines, room_of
from trashclaw.protocol.usage import Usage

USAGE = Usage(prompt_tokens=310_000, cached_tokens=301_000, completion_tokens=5_200)
EMPTY = ContextRow(ContextGroup.SYSTEM_PROMPT, "system prompt", 900, is_pinned=True)


def told(lines: object) -> str:
    return "\n".join(line.plain for line in lines)  # type: ignore[attr-defined]


def test_every_group_has_a_letter_of_its_own() -> None:
    assert sorted(LETTERS) == sorted(ContextGroup)
    assert len(set(LETTERS.values())) == len(LETTERS)


@pytest.mark.parametrize("width", [20, 33, 60, 96, 122])
@pytest.mark.parametrize(
    "shown",
    [
        report(),
        report(limit_tokens=0, high_water_tokens=0, answer_tokens=0, limit_reason=""),
        report(used_tokens=32_700),
        report(limit_tokens=8_192, high_water_tokens=6_144, answer_tokens=1_638),
        report(rows=(EMPTY,), used_tokens=900, reused_tokens=None, read_tokens_per_s=None, is_estimate=True),
        report(rows=(), used_tokens=0, breaks=(), compactions=0, model="m" * 200),
    ],
    ids=["usual", "unknown-window", "nearly-full", "more-than-fits", "empty", "nothing"],
)
def test_nothing_of_the_page_is_wider_than_it(shown: ContextReport, width: int) -> None:
    for lines in (context_lines(shown, USAGE, width, LOOK), all_item_lines(shown, width, LOOK)):
        assert max(line.cell_len for line in lines) <= width
    for line in bar_lines(shown, width, LOOK)[:1]:
        assert line.cell_len == width


def test_the_bar_stands_for_the_whole_window_and_points_at_the_mark() -> None:
    bar, mark = bar_lines(report(), 128, LOOK)
    room = room_of(report())
    assert report().used_tokens + room.free_tokens + room.answer_tokens == 32_768
    assert bar.plain.count(LOOK.signs.kept) == 16
    assert mark.plain.index(LOOK.signs.up) == 96
    assert "24.6k" in mark.plain


def test_groups_stand_with_the_largest_first_and_what_is_left_last() -> None:
    names = [line.plain for line in group_lines(report(), 60, LOOK)]
    assert "results (whole)" in names[0]
    assert "7.7k" in names[0]
    assert "24%" in names[0]
    assert "3 items" in names[0]
    assert ["free" in names[-2], "room for an answer" in names[-1]] == [True, True]


def test_items_are_told_with_number_state_and_size() -> None:
    lines = [line.plain for line in all_item_lines(report(), 80, LOOK)]
    largest = next(line for line in lines if line.startswith(" W "))
    assert largest.split() == ["W", "#19", "read", "src/db.py", "whole", "4.4k", "13%"]
    assert any("#4" in line and "stub" in line for line in lines)
    assert any("AGENTS.md" in line and "pinned" in line for line in lines)


def test_a_window_of_two_thousand_items_is_drawn_in_part_and_the_rest_counted() -> None:
    shown = large_report(2_000)
    assert "and 1,600 smaller ones" in all_item_lines(shown, 80, LOOK)[-1].plain
    assert len(all_item_lines(shown, 80, LOOK)) < 420
    assert len(context_lines(shown, USAGE, 80, LOOK)) < 60


def test_what_reading_has_cost_is_told_with_its_causes() -> None:
    text = told(context_lines(report(), USAGE, 122, LOOK))
    for words in (
        "12.0k tokens were known to the server",
        "97% of what was sent was not read again",
        "9.3k tokens that the server had read before, 41 s",
        "another program used the server",
        "3.1k tokens in 14 s, while nobody waited",
        "227 tokens a second",
        "32,768 tokens: what fits beside the model",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("changes", "first"),
    [
        ({"limit_tokens": 0}, "The server does not tell how large its window is"),
        ({"rows": (EMPTY,), "used_tokens": 900}, "Nothing has been said yet"),
        ({"high_water_tokens": 12_000}, "The window is past its mark"),
        ({"limit_tokens": 6_000, "high_water_tokens": 20_000}, "Instructions and memory take 12%"),
        ({}, "Results, files and thoughts take 31%: c shows"),
    ],
)
def test_what_helps_most_is_told_first(changes: dict[str, object], first: str) -> None:
    assert advice(report(**changes))[0].startswith(first)
    assert len(advice(report(**changes))) <= 3


def test_hostile_titles_do_nothing_on_the_page() -> None:
    row = ContextRow(ContextGroup.CALLS, "\x1b[2Jread [red]x[/] \u202e", 90, 7)
    text = told(all_item_lines(report(rows=(row,), used_tokens=90), 60, LOOK))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "[red]x[/]" in text


@pytest.mark.parametrize("width", [20, 60, 122])
def test_a_preview_tells_what_goes_what_stays_and_what_it_costs(width: int) -> None:
    lines = cut_lines(cut_preview(), report(read_tokens_per_s=200.0), width, LOOK)
    assert max(line.cell_len for line in lines) <= width
    text = " ".join(told(lines).split())
    assert "12.4k -> 4.3k tokens" in text
    assert "about 9.7 s at 200 tokens a second" in text
    assert "#4 read src" in text


def test_a_preview_without_a_known_speed_names_no_time() -> None:
    assert "second" not in told(cut_lines(cut_preview(), report(read_tokens_per_s=None), 100, LOOK))


def test_a_long_preview_counts_what_it_does_not_show() -> None:
    rows = tuple(CutRow(CutAction.LEAVE_OUT, f"run {one}", (one,), 10, 0) for one in range(900))
    lines = cut_lines(CutPreview(rows, 9_000, 40, 40, ""), report(), 100, LOOK)
    assert "and 700 more" in told(lines)
    assert "900 entries, 9.0k" in told(lines)
