"""Pictures of the pages about the window, compared with those that a person has looked at."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from textual.pilot import Pilot

from tests.snapshots.test_screens import HALF, ended, opening
from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction, CompactionTrigger

WIDE = (140, 40)


def typed(command: str, *keys: str) -> Callable[[Pilot[str]], Awaitable[None]]:
    """Type a command, then press keys on what it opens."""

    async def do(pilot: Pilot[str]) -> None:
        await pilot.press(*command, "enter")
        await pilot.pause()
        await pilot.press(*keys)

    return do


def cut(number: int, trigger: CompactionTrigger, *, is_by_model: bool) -> ev.Event:
    """A compaction."""
    item = Compaction(
        item_id=ItemId(f"cut_{number}"),
        summary="<summary>Earlier steps, left out; recall shows each by its number.\n- #4 read src/db.py\n</summary>",
        stubbed=tuple(ItemId(f"s{one}") for one in range(14)),
        dropped=tuple(ItemId(f"d{one}") for one in range(6)),
        before_tokens=24_600 - number,
        after_tokens=11_300,
        trigger=trigger,
        is_by_model=is_by_model,
    )
    return ev.ItemCompleted(item=item)


@pytest.mark.parametrize("theme", ["trashclaw-dark", "trashclaw-light"])
@pytest.mark.parametrize("size", [WIDE, HALF], ids=["wide", "half"])
def test_what_fills_the_window(snap_compare, show, theme: str, size: tuple[int, int]) -> None:
    assert snap_compare(show(ended(), theme), run_before=typed("/context "), terminal_size=size)


def test_every_item_in_high_contrast(snap_compare, show) -> None:
    app = show(ended(), "high-contrast")
    assert snap_compare(app, run_before=typed("/context ", "tab"), terminal_size=WIDE)


def test_what_fills_the_window_in_ascii(snap_compare, show) -> None:
    assert snap_compare(show(ended(), is_ascii=True), run_before=typed("/context "), terminal_size=HALF)


@pytest.mark.parametrize("size", [WIDE, HALF], ids=["wide", "half"])
def test_what_a_compaction_would_do(snap_compare, show, size: tuple[int, int]) -> None:
    assert snap_compare(show(ended()), run_before=typed("/compact --preview"), terminal_size=size)


def test_compactions_in_the_conversation(snap_compare, show) -> None:
    events = [
        *ended(),
        cut(1, CompactionTrigger.FULL, is_by_model=False),
        cut(2, CompactionTrigger.AHEAD, is_by_model=True),
        cut(3, CompactionTrigger.ASKED, is_by_model=True),
        ev.CompactionUndone(item_id=ItemId("cut_3")),
    ]
    assert snap_compare(show(events), press=["ctrl+o"], terminal_size=(98, 40))


def test_the_arguments_of_compact(snap_compare, show) -> None:
    async def look_up(pilot: Pilot[str]) -> None:
        await pilot.press(*"/compact ")

    assert snap_compare(show(opening()), run_before=look_up, terminal_size=HALF)
