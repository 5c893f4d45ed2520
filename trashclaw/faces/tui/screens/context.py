"""The screens of /context and /compact --preview: what fills the window, and what a compaction would leave of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from trashclaw.faces.tui.drawing.context import all_item_lines, context_lines
from trashclaw.faces.tui.drawing.cut import cut_lines
from trashclaw.faces.tui.keymap import Group, bindings, hint
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text
    from textual.app import ComposeResult

    from trashclaw.agent.compaction import CutPreview
    from trashclaw.agent.context_report import ContextReport
    from trashclaw.faces.tui.drawing.look import Look
    from trashclaw.protocol.usage import Usage


class WindowScreen(OverlayScreen[bool]):
    """Base of both: a wide page of lines; returns whether the person wants what its key stands for."""

    TITLE: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.WINDOW)
    DEFAULT_CSS = """
    WindowScreen > OverlayFrame {
        width: 94%;
        max-width: 132;
        height: 94%;
    }
    WindowScreen OverlayLines {
        height: 1fr;
    }
    """

    def compose(self) -> ComposeResult:
        """Place the lines."""
        with OverlayFrame(self.TITLE, *self.keys()):
            yield OverlayLines(self.draw)

    def draw(self, width: int, look: Look) -> Sequence[Text]:
        """Return the lines of the page."""
        return ()

    def keys(self) -> Sequence[str]:
        """Return what the keys do, in a few words each."""
        return (hint("window.close", "closes"),)

    def action_answer(self, answer: bool) -> None:
        """Close the page with an answer."""
        self.dismiss(answer)

    def action_move(self, step: int) -> None:
        """Scroll by a line."""
        self.query_one(OverlayLines).scroll_relative(y=step, animate=False)


class ContextScreen(WindowScreen):
    """What fills the window; returns whether the person wants to see what a compaction would leave."""

    TITLE = "Context"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.CONTEXT)

    def __init__(self, report: ContextReport, usage: Usage) -> None:
        super().__init__()
        self._report = report
        self._usage = usage
        self._is_by_item = False

    def draw(self, width: int, look: Look) -> Sequence[Text]:
        """Return the page by group, or by item."""
        if self._is_by_item:
            return all_item_lines(self._report, width, look)
        return context_lines(self._report, self._usage, width, look)

    def keys(self) -> Sequence[str]:
        """Return what the keys do."""
        turned = "by group" if self._is_by_item else "every item"
        return (
            hint("context.turn", turned),
            hint("context.preview", "what /compact frees"),
            hint("window.close", "closes"),
        )

    def action_turn(self) -> None:
        """Go from groups to items, or back."""
        self._is_by_item = not self._is_by_item
        self.query_one(OverlayFrame).say(*self.keys())
        lines = self.query_one(OverlayLines)
        lines.reload()
        lines.scroll_home(animate=False)


class PreviewScreen(WindowScreen):
    """What a compaction would do; returns whether it shall be done."""

    TITLE = "What a compaction would do"
    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.PREVIEW)

    def __init__(self, preview: CutPreview | None, report: ContextReport) -> None:
        """Without a preview, none would free enough."""
        super().__init__()
        self._preview = preview
        self._report = report

    def draw(self, width: int, look: Look) -> Sequence[Text]:
        """Return the page."""
        return cut_lines(self._preview, self._report, width, look)

    def keys(self) -> Sequence[str]:
        """Return what the keys do."""
        if self._preview is None:
            return super().keys()
        return (hint("preview.compact", "compacts now"), hint("window.close", "leaves all as it is"))

    def action_compact(self) -> None:
        """Have it done, if there is anything to do."""
        if self._preview is not None:
            self.dismiss(True)
