"""The review screen: the pending patch over the whole terminal, until it is answered or left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.screen import Screen

from trashclaw.faces.tui.widgets.wide_review import WideReview

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from trashclaw.faces.tui.change_log import ChangeLog
    from trashclaw.faces.tui.review import Review


class ReviewScreen(Screen[None]):
    """Shows one review; whoever opened it calls `end` when that is over."""

    DEFAULT_CSS = """
    ReviewScreen {
        background: $background;
        color: $foreground;
    }
    """

    def __init__(self, review: Review, *, grace_s: float, log: ChangeLog | None = None) -> None:
        """`log`: what landed, to go on from a review of a part of it."""
        super().__init__()
        self._pane = WideReview(review, grace_s=grace_s, log=log)
        self._is_over = False
        self._has_left = False

    @property
    def review(self) -> Review:
        """What is reviewed."""
        return self._pane.review

    def compose(self) -> ComposeResult:
        """Place the review."""
        yield self._pane

    def redraw(self) -> None:
        """Show the review anew, since the patch is another one."""
        self._pane.redraw(is_new=True)

    def put_review(self, review: Review) -> None:
        """Show other changes that landed."""
        self._pane.put_review(review)

    def end(self) -> None:
        """Close, at once or when nothing lies above it any more."""
        self._is_over = True
        self._leave_if_over()

    def on_screen_resume(self) -> None:
        """Close if it was over while another screen lay above."""
        self._leave_if_over()

    @on(WideReview.Closed)
    def leave(self) -> None:
        """Go back with nothing answered."""
        self.end()

    def action_maximise_pane(self) -> None:
        """Go back, with the key that opened it."""
        self.end()

    def action_focus_prompt(self) -> None:
        """Go back to the prompt."""
        self.end()

    def _leave_if_over(self) -> None:
        if self._is_over and not self._has_left and self.app.screen is self:
            self._has_left = True
            self.dismiss()
