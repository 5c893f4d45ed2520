"""The changes pane: a proposed patch or command waits here, hunk by hunk, for the person's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trashclaw.faces.tui.drawing.lines import cut
from trashclaw.faces.tui.review import Review
from trashclaw.faces.tui.widgets.grace import GRACE_S
from trashclaw.faces.tui.widgets.review_pane import ReviewPane
from trashclaw.faces.wording.figures import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.protocol.approvals import ApprovalRequest
    from trashclaw.session.transcript import Entry

EMPTY = "Changes wait here before they reach the disk. Each hunk can be taken or left."


class DiffPane(ReviewPane):
    """Shows what waits for approval, else the last patch that landed."""

    def __init__(self, *, grace_s: float = GRACE_S, widget_id: str | None = None) -> None:
        super().__init__(EMPTY, grace_s=grace_s, widget_id=widget_id)
        self._landed = Review()
        self._is_named = True
        self.border_title = "Changes"

    def show(self, request: ApprovalRequest | None) -> bool:
        """Show what waits, or that nothing does; tell whether something new began to wait."""
        if request == self.request:
            return False
        self.view.review = Review(request) if request is not None else self._landed
        self.redraw(is_new=True)
        self.view.scroll_to(y=0, animate=False)
        if request is None:
            self.end_asking()
            return False
        self.begin_asking()
        return True

    def load(self, entries: Sequence[Entry]) -> None:
        """Show the last patch that landed in another session."""
        self._land(Review())
        for entry in entries:
            self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Keep the last patch that landed in view while nothing waits."""
        from trashclaw.session.landed import landed_patch

        landed = landed_patch(entry)
        if landed is not None:
            self._land(Review(patch=landed))

    def _land(self, review: Review) -> None:
        self._landed = review
        if self.request is None:
            self.view.review = review
            self.redraw(is_new=True)

    def on_resize(self) -> None:
        """Cut the title to the room there is."""
        super().on_resize()
        self.border_title = Content(self.title())

    def show_name(self, *, is_named: bool) -> None:
        """Have the pane's name in the title, or leave it out because it stands elsewhere already."""
        self._is_named = is_named
        self.border_title = Content(self.title())

    def title(self) -> str:
        """Return what is asked, and where in the patch the keys act."""
        request = self.request
        if request is None:
            parts = ("Changes" if self._is_named else "", "the last one" if self.review.patch is not None else "")
            return ", ".join(part for part in parts if part)
        if request.patch is None:
            from trashclaw.faces.wording.requests import question_of

            return question_of(request)
        switches = self.review.switches
        place = f"hunk {switches.place} of {switches.count}"
        if request.command is not None:
            return f"Keep what it changed in {counted(len(request.patch.changes), 'file')}?  {place}"
        path = cut(switches.path, max(8, self.size.width - len(place) - 16), self.view.look)
        return f"Change {path}?  {place}"
