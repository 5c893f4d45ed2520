"""The conversation as a page: as it stood when it was opened, all of it unfolded."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.content import Content

from trashclaw.faces.tui.keymap import Group, bindings, hints
from trashclaw.faces.tui.widgets.searched_pane import SearchedPane

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trashclaw.faces.tui.widgets.block import Block


class PagerPane(SearchedPane):
    """Shows blocks and does not change; scrolls as `less` does."""

    BINDINGS = bindings(Group.PAGER)
    ACTIONS_OF: ClassVar[str] = "pager"
    NAME: ClassVar[str] = "Transcript"
    EMPTY: ClassVar[str] = "Nothing was said yet."
    DEFAULT_CSS = """
    PagerPane {
        height: 1fr;
    }
    """

    def __init__(self, blocks: Iterable[Block], *, top: int | None) -> None:
        """`top`: the place of the block to begin at; `None`: the end."""
        super().__init__()
        self._first_blocks = list(blocks)
        self._first_top = top

    def on_mount(self) -> None:
        """Show the blocks."""
        self._put_blocks(self._first_blocks)
        if self._first_top is not None:
            self._is_following, self._left_at = False, (self._first_top, 0)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll by lines."""
        self._scroll(lines)

    def action_page(self, halves: int) -> None:
        """Scroll by half pages; one line of the page before stays in view."""
        self._scroll(halves * max(1, (self.scrollable_content_region.height - 1) // 2))

    def action_top(self) -> None:
        """Go to the beginning."""
        if self._blocks:
            self._go(0, 0)

    def action_end(self) -> None:
        """Go to the end."""
        self._is_following = True
        self._settle()

    def action_close(self) -> None:
        """Go back to the conversation; a key that comes behind the one that did that does nothing."""
        if self.app.screen is self.screen:
            self.screen.dismiss()

    def _scroll(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def _foot(self) -> Content:
        """Return how far down the view is, and the keys."""
        below = max(1, self.max_scroll_y)
        share = f"{min(100, round(100 * self.scroll_offset.y / below))}%" if self.max_scroll_y else "all"
        keys = hints(("pager.search", "search"), ("pager.next", "next"), ("pager.top", "top"), ("pager.close", "close"))
        return Content(f"{share}   {keys}")
