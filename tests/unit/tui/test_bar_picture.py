"""Of a scroll bar that moves, the rows that look different are drawn again: none of those is left out."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.scrollbar import ScrollBarRender

from trashclaw.faces.tui.widgets.pane_bar import bar_changes, bar_picture

Scrolled = tuple[int, int, float]


def drawn(room: int, height: int, view: int, position: float) -> list[tuple[object, ...]]:
    """Return the cells of Textual's own scroll bar."""
    bar = ScrollBarRender.render_bar(size=room, virtual_size=height, window_size=view, position=position)
    segments = list(bar.segments)
    return [(segment.text, segment.style) for segment in segments if segment != Segment.line()]


@st.composite
def scrolled(draw: st.DrawFn, view: int) -> Scrolled:
    """A height, a view of it, and a position in it."""
    height = draw(st.integers(min_value=view + 1, max_value=400))
    return height, view, draw(st.floats(min_value=0, max_value=height - view))


@st.composite
def two_states(draw: st.DrawFn) -> tuple[int, Scrolled, Scrolled]:
    """Room for a bar, and what it shows before and after."""
    view = draw(st.integers(min_value=1, max_value=50))
    return draw(st.integers(min_value=1, max_value=50)), draw(scrolled(view)), draw(scrolled(view))


@given(two_states())
@example((10, (40, 10, 0.0), (40, 10, 30.0)))
@example((10, (11, 10, 0.0), (11, 10, 1.0)))
def test_each_row_that_looks_different_is_among_the_changes(state: tuple[int, Scrolled, Scrolled]) -> None:
    room, before, after = state
    rows = bar_changes(room, bar_picture(room, *before), bar_picture(room, *after))
    changed = {row for first, end in rows for row in range(first, end)}
    pairs = zip(drawn(room, *before), drawn(room, *after), strict=True)
    differing = {row for row, (old, new) in enumerate(pairs) if old[0] != new[0] or _inks(old) != _inks(new)}
    assert differing <= changed
    assert all(0 <= first <= end <= room for first, end in rows)


def test_a_bar_that_looks_the_same_is_not_drawn_again() -> None:
    picture = bar_picture(30, 100, 30, 12.0)
    assert bar_changes(30, picture, bar_picture(30, 100, 30, 12.01)) == []
    assert bar_picture(30, 30, 30, 0) == bar_picture(0, 100, 30, 0) == (0, 0)


def test_of_a_bar_that_moves_little_few_rows_are_drawn_again() -> None:
    rows = bar_changes(40, bar_picture(40, 1_000, 40, 960.0), bar_picture(40, 1_002, 40, 962.0))
    assert sum(end - first for first, end in rows) <= 2


def _inks(cell: tuple[object, ...]) -> object:
    style = cell[1]
    return style if style is None else (style.color, style.bgcolor, style.reverse)  # type: ignore[attr-defined]
