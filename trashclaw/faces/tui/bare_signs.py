"""Drawing with nothing but ASCII: what the styles of the frames go by, and scroll bars of whole cells."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import App
from textual.scrollbar import ScrollBar, ScrollBarRender


class _WholeCells(ScrollBarRender):
    """A scroll bar that ends where a cell does: the parts of cells that Textual draws are no ASCII."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


def use_ascii(app: App[Any], is_ascii: bool) -> None:
    """Draw with nothing but ASCII, or with all signs there are; scroll bars are of one kind in the whole process."""
    app.set_class(is_ascii, "-ascii")
    ScrollBar.renderer = _WholeCells if is_ascii else ScrollBarRender
