"""The status bar: what the server is doing, in words and figures."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from trashclaw.config.resources import theme_files
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.themes import ThemeShelf
from trashclaw.faces.tui.widgets import status_bar
from trashclaw.faces.tui.widgets.header import Header
from trashclaw.faces.tui.widgets.status_bar import Gauges, StatusBar, gauges_of
from trashclaw.faces.wording.progress import context_words, reread_words
from trashclaw.protocol.events import AHEAD, ContextMeasured, Phase, Progress
from trashclaw.protocol.ids import CallId, ItemId
from trashclaw.protocol.items import Thought, ToolRun
from trashclaw.protocol.modes import Mode
from trashclaw.protocol.tools import ToolCall, ToolKind
from trashclaw.session.transcript import Transcript

RETRY = Progress(phase=Phase.WAITING, eta_s=4, text="try 2 of 5 in 4 s: The server is busy.")
READING = Progress(phase=Phase.PREFILL, done=9_100, total=12_400, eta_s=6.2)


LATE = Progress(phase=Phase.PREFILL, done=12_100, total=12_400, text="longer than usual", is_estimate=True)
MEASURED = ContextMeasured(used_tokens=12_400, limit_tokens=32_768, reused_tokens=12_000)


def at_work(progress: Progress | None) -> Gauges:
    """Return the gauges of a running turn with this progress."""
    state = Transcript()
    state.is_running, state.step, state.mode = True, 4, Mode.REVIEW
    state.live.progress = progress
    state.live.context = MEASURED
    return gauges_of(state, "main")


def at_rest(progress: Progress | None = None, context: ContextMeasured = MEASURED) -> Gauges:
    """Return the gauges while no turn runs."""
    state = Transcript()
    state.mode, state.live.progress, state.live.context = Mode.REVIEW, progress, context
    return gauges_of(state, "main")


@asynccontextmanager
async def bare_app(width: int, height: int = 30) -> AsyncIterator[TrashclawApp]:
    """The real app without any session."""

    async def never(**_: object) -> None:
        raise AssertionError

    app = TrashclawApp(never, ThemeShelf(theme_files()))
    app.open_in = lambda *_: None
    async with app.run_test(size=(width, height)):
        yield app


async def bar_text(gauges: Gauges, width: int, height: int = 30) -> str:
    """Return what the real bar shows."""
    async with bare_app(width, height) as app:
        bar = app.screen.query_one(StatusBar)
        bar.say("")
        bar.show(gauges)
        return bar.render_line(0).text.strip()


@pytest.mark.parametrize(
    ("progress", "words"),
    [
        (None, "working"),
        (Progress(phase=Phase.CONNECTING, total=12_400), "connecting"),
        (Progress(phase=Phase.LOADING), "loading the model"),
        (Progress(phase=Phase.LOADING, text="qwen3-8b.gguf"), "loading qwen3-8b.gguf"),
        (Progress(phase=Phase.LOADING, text="the server is loading the model"), "the server is loading the model"),
        (Progress(phase=Phase.PREFILL), "reading prompt"),
        (READING, "reading prompt 9.1k/12.4k  6 s left"),
        (READING.model_copy(update={"is_estimate": True}), "reading prompt ~9.1k/12.4k  ~6 s left"),
        (LATE, "reading prompt ~12.1k/12.4k, longer than usual"),
        (LATE.model_copy(update={"done": 12_380}), "reading prompt ~12.4k, longer than usual"),
        (READING.model_copy(update={"eta_s": 75.0}), "reading prompt 9.1k/12.4k  1 min 15 s left"),
        (Progress(phase=Phase.DECODING, done=40, tokens_per_s=31.2), "writing 40 tokens"),
        (Progress(phase=Phase.DECODING, tokens_per_s=31.2), "writing"),
        (Progress(phase=Phase.DECODING, tokens_per_s=31.2, text="calling edit_file"), "calling edit_file"),
        (RETRY, "try 2 of 5 in 4 s: The server is busy."),
    ],
)
async def test_every_phase_is_told_in_words(progress: Progress | None, words: str, monkeypatch) -> None:
    monkeypatch.setattr(status_bar, "monotonic", lambda: 0.0)
    shown = await bar_text(at_work(progress), 140)
    assert shown.startswith(f"· {words}   review   step 4   ")
    assert ("31 tok/s" in shown) == (progress is not None and progress.phase is Phase.DECODING)
    assert "38% (reused 97%)" in shown


async def test_what_happens_now_has_the_first_claim_on_a_narrow_bar(monkeypatch) -> None:
    monkeypatch.setattr(status_bar, "monotonic", lambda: 0.0)
    assert (await bar_text(at_work(RETRY), 60)).startswith("· try 2 of 5 in 4 s: The server is busy.  ")
    long = RETRY.model_copy(update={"text": "try 2 of 5 in 4 s: " + "a very long reason " * 9})
    shown = await bar_text(at_work(long), 60)
    assert "…" in shown
    assert shown.endswith("F1 help")


async def test_the_times_go_on_between_two_pieces_of_news(monkeypatch) -> None:
    now = iter([0.0, 0.0])
    monkeypatch.setattr(status_bar, "monotonic", lambda: next(now, 2.7))
    assert "reading prompt 9.1k/12.4k  3 s left  2 s   review" in await bar_text(at_work(READING), 140)
    now = iter([0.0, 0.0])
    monkeypatch.setattr(status_bar, "monotonic", lambda: next(now, 12.7))
    assert "reading prompt 9.1k/12.4k  12 s   review" in await bar_text(at_work(READING), 140)


async def test_the_clock_draws_only_when_no_news_did(monkeypatch) -> None:
    monkeypatch.setattr(status_bar, "TICK_S", 3600.0)
    app = TrashclawApp(None, ThemeShelf(theme_files()))
    app.open_in = lambda *_: None
    async with app.run_test(size=(100, 30)):
        bar = app.screen.query_one(StatusBar)
        drawn: list[bool] = []
        bar.show(at_work(READING))
        monkeypatch.setattr(bar, "refresh", lambda: drawn.append(True))
        bar._tick()
        assert not drawn
        bar._tick()
        bar._tick()
        assert len(drawn) == 2
        bar.show(at_work(LATE))
        bar._tick()
        assert len(drawn) == 3


def test_while_a_tool_runs_the_bar_names_it() -> None:
    state = Transcript()
    state.is_running, state.live.progress = True, Progress(phase=Phase.DECODING)
    call = ToolCall(call_id=CallId("call_1"), name="bash")
    run = ToolRun(item_id=ItemId("item_1"), call=call, title="$ pytest -q", tool_kind=ToolKind.EXECUTE)
    state.entries.append(run)
    assert gauges_of(state, "main").phase == "running $ pytest -q"
    state.is_running = False
    assert gauges_of(state, "main").phase == ""


async def test_what_holds_commands_is_told_where_there_is_no_header() -> None:
    gauges = Gauges(mode="review", sandbox="ask-first")
    assert "no sandbox: asks first" in await bar_text(gauges, 80, height=16)
    assert "sandbox" not in await bar_text(gauges, 80)


def test_while_the_model_thinks_the_bar_says_so() -> None:
    state = Transcript()
    state.is_running, state.live.progress = True, Progress(phase=Phase.DECODING)
    state.entries.append(Thought(item_id=ItemId("item_1")))
    assert gauges_of(state, "main").phase == "thinking"
    state.live.progress = Progress(phase=Phase.DECODING, text="calling bash")
    assert gauges_of(state, "main").phase == "calling bash"


async def test_mended_calls_are_counted_on_every_width() -> None:
    gauges = at_rest()._replace(mended_calls=3)
    assert "3 calls mended" in await bar_text(gauges, 120)
    assert "3 mended" in await bar_text(gauges, 80)


async def test_what_is_read_ahead_is_told_quietly_and_moves_nothing_else() -> None:
    ahead = Progress(phase=Phase.PREFILL, done=2_100, total=3_200, text=AHEAD)
    idle, reading = await bar_text(at_rest(), 120), await bar_text(at_rest(ahead), 120)
    assert idle.split("F1")[0].rstrip() == "ready   review   context 12.4k/32.8k 38% (reused 97%)"
    assert reading.split("F1")[0].rstrip() == idle.split("F1")[0].rstrip() + "   reading ahead 2.1k/3.2k"
    assert "(reused 97%)   reading ahead 2.1k/3.2k" in await bar_text(at_rest(ahead), 106)
    assert "(reused 97%)   ahead 2.1k/3.2k" in await bar_text(at_rest(ahead), 98)
    assert "ahead" not in await bar_text(at_rest(ahead), 60)
    estimated = ahead.model_copy(update={"is_estimate": True})
    assert "reading ahead ~2.1k/3.2k" in await bar_text(at_rest(estimated), 120)


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (61, "shop-api  qwen2.5-coder…"),
        (70, "shop-api         qwen2.5-coder:3b"),
        (73, "shop-api  feature…  qwen2.5-coder:3b"),
        (88, "shop-api  feature/orde…  qwen2.5-coder:3b  scripted"),
    ],
)
async def test_the_header_shows_enough_of_a_branch_or_none_of_it(width: int, shown: str) -> None:
    async with bare_app(width) as app:
        header = app.screen.query_one(Header)
        facts = {"workspace": "shop-api", "branch": "feature/orders", "model": "qwen2.5-coder:3b"}
        header.show(**facts, provider="scripted", mode="review", sandbox="overlay")
        assert header.render_line(0).text.strip() == f"trashclaw  {shown}   sandbox on   review"


async def test_the_branch_is_told_once_where_there_is_no_header() -> None:
    ahead = Progress(phase=Phase.PREFILL, done=2_100, total=3_200, text=AHEAD)
    assert "main" not in await bar_text(at_rest(), 120)
    assert "(reused 97%)   main" in await bar_text(at_rest(), 120, height=16)
    assert "main   ahead 2.1k/3.2k" in await bar_text(at_rest(ahead), 106, height=16)
    assert "(reused 97%)   ahead 2.1k/3.2k" in await bar_text(at_rest(ahead), 84, height=16)


def test_what_is_read_ahead_is_no_work_of_a_turn() -> None:
    gauges = at_work(Progress(phase=Phase.PREFILL, done=2_100, total=3_200, eta_s=9, text=AHEAD))
    assert (gauges.phase, gauges.left_s, gauges.ahead) == ("", None, ("", ""))


async def test_what_was_read_again_is_told_with_what_it_cost() -> None:
    context = MEASURED.model_copy(update={"reread_tokens": 3_100, "reread_s": 12.4})
    assert "38% (reused 97%)   re-read 3.1k, 12 s" in await bar_text(at_rest(context=context), 110)
    assert "re-read" not in await bar_text(at_rest(), 110)


async def test_an_estimate_of_the_window_is_marked() -> None:
    context = ContextMeasured(used_tokens=12_400, limit_tokens=32_768, is_estimate=True)
    assert "context ~12.4k/32.8k 38%" in await bar_text(at_rest(context=context), 110)
    assert "context ~38%" in await bar_text(at_rest(context=context), 48)


@pytest.mark.parametrize(
    ("width", "figures"),
    [
        (170, "review   step 4   31 tok/s   context 12.4k/32.8k 38% (reused 97%)   re-read 3.1k, 12 s"),
        (156, "review   step 4   31 tok/s   context 38% (reused 97%)   re-read 3.1k, 12 s"),
        (110, "review   step 4   31 tok/s   context 38%   re-read 3.1k"),
        (100, "review   31 tok/s   context 38%   re-read 3.1k"),
        (80, "review   31 tok/s   context 38%"),
        (60, "review   context 38%"),
        (50, "review"),
    ],
)
async def test_a_narrow_bar_says_it_shorter_and_then_leaves_out_the_last(width: int, figures: str) -> None:
    context = MEASURED.model_copy(update={"reread_tokens": 3_100, "reread_s": 12.4})
    writing = at_work(Progress(phase=Phase.DECODING, done=1_240, tokens_per_s=31.2))._replace(is_waiting=False)
    told = writing._replace(context=context_words(context), reread=reread_words(context))
    assert (await bar_text(told, width)).split("F1")[0].rstrip() == f"· writing 1.2k tokens   {figures}"
