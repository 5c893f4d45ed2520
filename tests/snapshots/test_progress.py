"""Pictures of a server at work: estimates are marked, and what nobody waits for is told quietly."""

from __future__ import annotations

import pytest

from tests.snapshots.test_screens import HALF, WIDE, ended, story
from trashclaw.faces.tui.widgets import status_bar
from trashclaw.protocol import events as ev

REREAD = ev.ContextMeasured(
    used_tokens=12_400, limit_tokens=32_768, reused_tokens=12_000, reread_tokens=3_100, reread_s=12.4
)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hold the clock of the bar."""
    monkeypatch.setattr(status_bar, "monotonic", lambda: 0.0)
    monkeypatch.setattr(status_bar, "TICK_S", 3600.0)


@pytest.mark.parametrize("size", [WIDE, HALF], ids=["wide", "half"])
@pytest.mark.parametrize("theme", ["trashclaw-dark", "trashclaw-light"])
def test_the_prompt_is_read_by_estimate(snap_compare, show, theme: str, size: tuple[int, int]) -> None:
    reading = ev.Progress(phase=ev.Phase.PREFILL, done=9_100, total=12_400, eta_s=6.2, is_estimate=True)
    assert snap_compare(show([*story(), REREAD, reading], theme), terminal_size=size)


def test_a_long_call_is_written(snap_compare, show) -> None:
    text = "calling edit_file (2.4k characters)"
    writing = ev.Progress(phase=ev.Phase.DECODING, done=640, tokens_per_s=31.2, text=text)
    assert snap_compare(show([*story(), REREAD, writing]), terminal_size=WIDE)


@pytest.mark.parametrize("size", [WIDE, HALF], ids=["wide", "half"])
def test_the_next_prompt_is_read_ahead(snap_compare, show, size: tuple[int, int]) -> None:
    ahead = ev.Progress(phase=ev.Phase.PREFILL, done=2_100, total=3_200, text=ev.AHEAD)
    assert snap_compare(show([*ended(), REREAD, ahead]), terminal_size=size)
