"""What is painted in parts is what a whole picture shows, whatever happened in between; and no more is written."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import pyte
import pytest
from rich.segment import Segment
from textual import _compositor
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate
from textual.geometry import Offset, Region, Size
from textual.screen import Screen
from textual.selection import Selection
from textual.strip import Strip

from benchmarks.stream_text import markdown
from tests.support.tool_runs import ran
from tests.tui.conftest import Play
from trashclaw.config.first_look import FirstLook
from trashclaw.faces.tui.app import TrashclawApp
from trashclaw.faces.tui.direct_compositor import DirectCompositor, RowsUpdate, TerminalRows, _around, _rectangles
from trashclaw.faces.tui.widgets.run_group import RunGroup
from trashclaw.faces.tui.widgets.transcript import TranscriptPane
from trashclaw.protocol.ids import ItemId

Cells = list[list[tuple[object, ...]]]


class Painted:
    """A terminal that gets what the app would write."""

    def __init__(self, app: TrashclawApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self._app = app
        self._screen = pyte.Screen(*app.size)
        self._stream = pyte.Stream(self._screen)
        self.updates: list[str] = []
        self.parts = 0
        monkeypatch.setattr(app, "_display", self.display)

    def display(self, screen: Screen[object], renderable: object) -> None:
        """Take a picture as the app's own method does."""
        if isinstance(renderable, CompositorUpdate) and not self._app._batch_count:
            self.parts += isinstance(renderable, RowsUpdate)
            if (self._screen.columns, self._screen.lines) != tuple(self._app.size):
                self._screen.resize(self._app.size.height, self._app.size.width)
            self.updates.append(renderable.render_segments(self._app.console))
            self._stream.feed(self.updates[-1])

    def cells(self) -> Cells:
        """Return what stands in the terminal."""
        return cells_of(self._screen)


def cells_of(screen: pyte.Screen) -> Cells:
    """Return each cell with its colours."""
    return [[tuple(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def whole_picture(app: TrashclawApp) -> Cells:
    """Return what the terminal shows when everything is painted anew, by Textual's own way."""
    screen = pyte.Screen(*app.size)
    update = Compositor.render_full_update(app.screen._compositor)
    pyte.Stream(screen).feed(update.render_segments(app.console))
    return cells_of(screen)


async def scroll(play: Play) -> None:
    play.app.screen.query_one(TranscriptPane).scroll_to(y=3, animate=False, force=True)


async def select(play: Play) -> None:
    pane = play.app.screen.query_one(TranscriptPane)
    play.app.screen.selections = {pane: Selection(Offset(2, 2), Offset(30, 9))}


async def change_theme(play: Play) -> None:
    play.app.theming.use("trashclaw-light")


async def resize(play: Play) -> None:
    await play.pilot.resize_terminal(88, 25)


async def other_tab(play: Play) -> None:
    await play.say("/tab")
    await play.until(lambda: len(play.app.tabs.all) == 2 and play.app.desk.session is not None)
    await play.pilot.press("ctrl+pageup")


async def move_bar(play: Play) -> None:
    """Point at the scroll bar, take its grip up, and let go of it somewhere else."""
    bar = play.app.screen.query_one(TranscriptPane).vertical_scrollbar
    x, bottom = bar.region.x, bar.region.bottom - 1
    await play.pilot.hover(offset=(x, bottom))
    await play.pilot.mouse_down(offset=(x, bottom))
    await play.pilot.hover(offset=(x, bottom - 5))
    await play.pilot.mouse_up(offset=(x, bottom - 5))


async def fold_before_cursor(play: Play) -> None:
    """Open and fold a group while the block behind it is the current one."""
    pane = play.app.screen.query_one(TranscriptPane)
    for number in range(4):
        run = ran("read_file", {"path": f"{number}.py"}).model_copy(update={"item_id": ItemId(f"run-{number}")})
        pane.show_entry(run, is_done=True)
    await play.pilot.press("alt+k", "end", "up", "enter", "down", "down")
    await play.pilot.pause()
    pane._toggle(next(place for place, block in enumerate(pane.blocks) if isinstance(block, RunGroup)))


KEYS: dict[str, Callable[[Play], Awaitable[None]]] = {
    "typing": lambda play: play.pilot.press(*"@do"),
    "help": lambda play: play.pilot.press("f1"),
    "palette": lambda play: play.pilot.press("ctrl+p"),
    "focus": lambda play: play.pilot.press("f6", "up", "up"),
    "notice": lambda play: play.say("/nosuchcommand"),
    "scroll": scroll,
    "select": select,
    "theme": change_theme,
    "resize": resize,
    "tab": other_tab,
    "bar": move_bar,
    "group": fold_before_cursor,
}


@pytest.mark.parametrize("happening", KEYS)
async def test_the_terminal_shows_what_a_whole_picture_shows(stage, monkeypatch, happening: str) -> None:
    async with stage({"text": markdown(600), "tokens_per_s": 3_000.0}, {"text": "Yes."}) as play:
        painted = Painted(play.app, monkeypatch)
        play.app.refresh()
        await play.pilot.pause()
        await play.say("Explain it.")
        pane = play.app.screen.query_one(TranscriptPane)
        await play.until(lambda: pane.virtual_size.height > 60)
        await KEYS[happening](play)
        await play.pilot.pause()
        assert painted.cells() == whole_picture(play.app)
        if happening in {"help", "palette"}:
            await play.pilot.press("escape")
        await play.idle()
        await play.pilot.pause()
        assert painted.parts > 5
        assert painted.cells() == whole_picture(play.app)


async def test_it_is_so_in_ascii_and_where_groups_fold_while_an_answer_comes(stage, monkeypatch) -> None:
    reads = [{"calls": [{"name": "read_file", "arguments": {"path": "src/app.py"}}]}] * 4
    look = FirstLook(is_ascii=True)
    async with stage(*reads, {"text": markdown(300), "tokens_per_s": 3_000.0}, look=look, size=(90, 24)) as play:
        painted = Painted(play.app, monkeypatch)
        play.app.refresh()
        await play.say("Explain it.")
        pane = play.app.screen.query_one(TranscriptPane)
        await play.until(lambda: pane.virtual_size.height > 30)
        for keys in (("alt+k", "home", "down", "enter"), ("enter",), ("ctrl+o",), ("ctrl+o",), ("end",)):
            await play.pilot.press(*keys)
            await play.pilot.pause()
            assert painted.cells() == whole_picture(play.app), keys
        await play.idle()
        await play.pilot.pause()
        assert painted.cells() == whole_picture(play.app)


async def test_a_row_that_changed_is_painted_up_to_the_scroll_bar(stage, monkeypatch) -> None:
    async with stage({"text": "\n\n".join(f"Paragraph {number}." for number in range(40))}) as play:
        await play.say("Go.")
        await play.idle()
        await play.pilot.press("alt+k")
        painted = Painted(play.app, monkeypatch)
        play.app.refresh()
        await play.pilot.pause()
        pane = play.app.screen.query_one(TranscriptPane)
        pane._cursor = 0
        pane.refresh_lines(0, pane.line_count)
        await play.pilot.pause()
        assert painted.cells() == whole_picture(play.app)


async def test_a_row_that_stands_there_is_not_written_again(stage, monkeypatch) -> None:
    async with stage({"text": "Words that stay."}) as play:
        await play.say("Go.")
        await play.idle()
        painted = Painted(play.app, monkeypatch)
        pane = play.app.screen.query_one(TranscriptPane)
        for _ in range(3):
            pane.refresh(pane.size.region)
            await play.pilot.pause()
        assert "Words that stay." in painted.updates[0]
        assert painted.updates[1:] == ["", ""]
        play.app.refresh()
        await play.pilot.pause()
        pane.refresh(pane.size.region)
        await play.pilot.pause()
        assert "Words that stay." in painted.updates[-1]


def strip(text: str) -> Strip:
    """Return a plain strip."""
    return Strip([Segment(text)])


def test_what_was_written_over_in_part_is_written_again() -> None:
    rows, long, short = TerminalRows(), strip("long row"), strip("go")
    assert rows.put(0, 1, long)
    assert not rows.put(0, 1, long)
    assert rows.put(0, 2, long)
    assert rows.put(3, 1, short)
    assert not rows.put(3, 1, short)
    assert rows.put(0, 1, long)
    assert rows.put(3, 1, short)
    rows.forget()
    assert rows.put(0, 2, long)


def test_parts_beside_each_other_do_not_push_each_other_out() -> None:
    rows, left, right = TerminalRows(), strip("left"), strip("right")
    assert rows.put(0, 0, left)
    assert rows.put(4, 0, right)
    assert not rows.put(0, 0, left)
    assert not rows.put(4, 0, right)


def test_spans_below_each_other_become_one_part_and_each_cell_is_in_one() -> None:
    regions = [Region(0, 0, 10, 3), Region(4, 1, 12, 1), Region(20, 2, 3, 2), Region(0, 5, 10, 1)]
    parts = list(_rectangles(Compositor._regions_to_spans(regions)))
    cells = [(x, y) for part in parts for y in part.line_range for x in part.column_range]
    wanted = {(x, y) for region in regions for y in region.line_range for x in region.column_range}
    assert len(cells) == len(wanted)
    assert set(cells) == wanted


def test_what_is_left_around_a_part_is_all_but_the_part() -> None:
    whole = Region(2, 3, 9, 7)
    for inside in (whole, Region(4, 5, 2, 2), Region(2, 3, 9, 1), Region(10, 3, 1, 7), Region(2, 9, 1, 1)):
        cells = [(x, y) for part in _around(whole, inside) for y in part.line_range for x in part.column_range]
        assert len(cells) == len(set(cells)) == whole.area - inside.area
        assert not any(inside.contains(*cell) for cell in cells)


def test_textual_is_built_as_the_compositor_needs_it() -> None:
    """When this fails, a new Textual does it otherwise: read `direct_compositor.py` against it."""
    compositor = DirectCompositor()
    compositor.size = Size(10, 4)
    assert compositor._dirty_regions == set()
    assert compositor.render_update() is None
    assert list(Compositor._regions_to_spans([Region(1, 2, 3, 1)])) == [(2, 1, 4)]
    assert isinstance(Screen()._compositor, Compositor)
    assert "self.render_partial_update()" in inspect.getsource(Compositor.render_update)
    assert "self.render_full_update(" in inspect.getsource(Compositor.render_update)
    assert "visible_widgets.sort(key=itemgetter(0), reverse=True)" in inspect.getsource(_compositor)
    assert issubclass(ChopsUpdate, CompositorUpdate)
    writers = [name for name, _ in inspect.getmembers(Compositor) if name.startswith("render_")]
    assert writers == ["render_full_update", "render_inline", "render_partial_update", "render_strips", "render_update"]
