"""Base of the screens that open over the main one: a frame, a title, lines or choices, Esc closes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.await_complete import AwaitComplete
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen, ScreenResultType

from trashclaw.faces.tui.keymap import Group, bindings, hint, hints_in
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.text import Text
    from textual.app import ComposeResult

    from trashclaw.faces.tui.drawing.look import Look

_EDGE = 6
"""Cells of an edge that no words can stand in: corners, a line at each end, and blanks."""


class OverlayLines(LinePane):
    """Lines that a function draws."""

    DEFAULT_CSS = """
    OverlayLines {
        height: auto;
        max-height: 1fr;
        background: $surface;
    }
    """

    def __init__(self, draw: Callable[[int, Look], Sequence[Text]]) -> None:
        super().__init__()
        self._draw = draw

    def lines(self, width: int) -> Sequence[Text]:
        """Return what the function draws."""
        return self._draw(width, self.look)


class OverlayFrame(Vertical):
    """The frame of a screen over the main one, with a title, and at its lower edge the hints that there is room for."""

    DEFAULT_CSS = """
    OverlayFrame {
        width: 92%;
        max-width: 110;
        height: 90%;
        border: round $accent;
        border-title-color: $foreground;
        border-subtitle-color: $muted;
        background: $surface;
        padding: 0 1;
    }
    OverlayFrame.-warning {
        border: round $warning;
        border-title-color: $warning;
        border-subtitle-color: $foreground;
    }
    OverlayFrame > LineInput {
        height: 1;
        padding: 0;
        margin: 0 0 1 1;
        background: $surface;
    }
    """

    def __init__(self, title: str = "", *said: str, is_warning: bool = False) -> None:
        """`said`: hints of keys; where there is no room, those before the last are left out first."""
        super().__init__(classes="-warning" if is_warning else None)
        self.border_title = Content(title)
        self._said = said

    def say(self, *said: str) -> None:
        """Say other hints."""
        self._said = said
        self.on_resize()

    def on_resize(self) -> None:
        """Show the hints that there is room for."""
        self.border_subtitle = Content(hints_in(self.outer_size.width - _EDGE, *self._said))


class OverlayScreen(ModalScreen[ScreenResultType]):
    """A screen above another one."""

    DEFAULT_CSS = """
    OverlayScreen {
        align: center middle;
        background: $background 60%;
    }
    """

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with a result, unless it is closed already, or another screen or tab is in front.

        Keys come in bursts: one behind the key that closed it would close whatever is in front then.
        """
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()


class PageScreen(OverlayScreen[None]):
    """A page to read."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.PAGE)
    DEFAULT_CSS = """
    PageScreen OverlayLines {
        height: 1fr;
    }
    """

    def __init__(self, title: str, draw: Callable[[int, Look], Sequence[Text]]) -> None:
        super().__init__()
        self._title = title
        self._draw = draw

    def compose(self) -> ComposeResult:
        """Place the lines."""
        with OverlayFrame(self._title, hint("page.close", "closes")):
            yield OverlayLines(self._draw)

    async def action_dismiss(self, result: None = None) -> None:
        """Close the page."""
        self.dismiss()
