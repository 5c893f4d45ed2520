"""The benchmarks of the window, a few steps each, on the real server: what they count is so, and what fails is seen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.context_counts import Totals, count
from benchmarks.context_session import Worked, work
from benchmarks.context_world import engine
from benchmarks.long_session import figures
from benchmarks.measuring import scratch
from benchmarks.read_ahead import SITUATIONS, Place
from benchmarks.recall import plant_and_ask
from benchmarks.strategies import compared
from tests.support.tinymodel.speaker import Exchange, Kind

TIGHT = {"context": {"high_water": 0.34, "low_water": 0.22, "kept_results": 1, "summary": "off"}}
"""A window of 8,192 is compacted after a few steps."""

LARGE, SMALL = 32_768, 8_192


@pytest.fixture(scope="module")
def worked() -> Worked:
    with scratch() as folder:
        return work(folder / "work", is_hybrid=False, n_ctx=LARGE, steps=5)


def test_what_is_appended_is_all_that_the_server_reads(worked: Worked) -> None:
    assert worked.is_finished, worked.trouble
    assert worked.totals.breaks == worked.unexplained == []
    assert worked.totals.evaluated == worked.metrics_tokens
    assert 0.98 <= worked.totals.ratio <= 1.02
    assert worked.totals.lenient_ratio < worked.totals.ratio
    assert [figure.is_pass for figure in figures(worked, 10)] == [True, True, True]


def test_a_request_that_does_not_go_on_is_seen_and_so_is_a_cut_one(worked: Worked) -> None:
    first, second, *rest = worked.exchanges
    system, *others = second.body["messages"]
    dated = {**system, "content": f"14:00\n{system['content']}"}
    moved = replace(second, body={**second.body, "messages": [dated, *others]})
    with scratch() as folder, engine(folder, is_hybrid=False, n_ctx=LARGE) as running:
        totals = Totals(tuple(count(running, [first, moved, *rest])))
    assert 2 in totals.breaks
    assert totals.counted[1].is_cut
    assert replace(worked, totals=totals).unexplained == totals.breaks


@pytest.mark.parametrize("is_hybrid", [False, True], ids=["plain", "hybrid"])
def test_what_a_compaction_costs_is_counted_as_read_again(is_hybrid: bool) -> None:
    with scratch() as folder:
        worked = work(folder / "work", is_hybrid=is_hybrid, n_ctx=SMALL, steps=9, settings=TIGHT)
    assert worked.is_finished, worked.trouble
    assert worked.totals.breaks
    assert set(worked.totals.breaks) <= set(worked.steps_compacted)
    assert worked.unexplained == []
    broken = worked.totals.main[worked.totals.breaks[0] - 1]
    assert broken.evaluated > broken.new
    assert not any(one.is_cut for one in worked.totals.counted)


def test_facts_are_asked_for_and_recalled() -> None:
    with scratch() as folder, engine(folder, is_hybrid=False, n_ctx=SMALL) as running:
        found = asyncio.run(plant_and_ask(folder, running, 3, 1, TIGHT))
    assert (found.right, found.wrong) == (3, ())
    assert found.before >= 1
    assert sum(found.calls_by.values()) >= 3


def test_a_session_start_is_measured_with_and_without_idle_work(tmp_path: Path) -> None:
    with scratch() as folder:
        place = Place(tmp_path / "place", folder, SITUATIONS[0], is_hybrid=False)
        asyncio.run(place.prepare())
        without, with_it = (asyncio.run(place.enter(is_on=is_on, read_s=None)) for is_on in (False, True))
    assert without.ahead == 0
    assert with_it.ahead >= without.evaluated > 20 * with_it.evaluated
    assert with_it.first_s > 0


def test_ways_of_keeping_a_context_are_compared(worked: Worked) -> None:
    with scratch() as folder:
        figure = compared("plain", worked, worked, folder)
    lines = "\n".join(figure.notes)
    assert "refused" not in lines
    assert "deep cut, nothing else: 1.0" in lines
    assert "ours: 1.0" in lines
    ratios = {line.rpartition(": ")[0]: float(line.rpartition(": ")[2].split()[0]) for line in figure.notes[1:]}
    assert ratios["clock in the system prompt"] > 1.5
    assert ratios["tools by mode"] > 1.5


def test_what_got_no_figures_is_not_counted() -> None:
    refused = Exchange({"messages": []}, Kind.MAIN, status=400)
    with scratch() as folder, engine(folder, is_hybrid=False, n_ctx=SMALL) as running:
        assert count(running, [refused]) == []
