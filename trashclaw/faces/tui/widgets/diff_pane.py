"""The changes pane: a proposed patch or command waits here, hunk by hunk, for the person's answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.change_log import ChangeLog, Span
from trashclaw.faces.tui.drawing.lines import cut
from trashclaw.faces.tui.review import Review
from trashclaw.faces.tui.widgets.grace import GRACE_S
from trashclaw.faces.tui.widgets.review_pane import ReviewPane
from trashclaw.faces.wording.figures import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.protocol.approvals import ApprovalRequest
    from trashclaw.protocol.patches import Patch
    from trashclaw.session.transcript import Entry, Transcript

EMPTY = "Changes wait here before they reach the disk. Each hunk can be taken or left."


class DiffPane(ReviewPane):
    """Shows what waits for approval, else what landed: the last change, a turn's, or the session's."""

    def __init__(self, *, grace_s: float = GRACE_S, widget_id: str | None = None) -> None:
        super().__init__(EMPTY, grace_s=grace_s, widget_id=widget_id)
        self.landed = self._log = ChangeLog()
        self._is_named = True
        self._reverts: object = None
        self._state: object = None
        self.border_title = "Changes"

    def show(self, request: ApprovalRequest | None) -> bool:
        """Show what waits, or that nothing does; tell whether something new began to wait."""
        if request == self.request:
            return False
        self.view.review = Review(request) if request is not None else self._log.review()
        self.redraw(is_new=True)
        self.view.scroll_to(y=0, animate=False)
        if request is None:
            self.end_asking()
            return False
        self.begin_asking()
        return True

    def load(self, entries: Sequence[Entry]) -> None:
        """Show what landed in another session."""
        self._log.clear()
        for entry in entries:
            self._log.put(entry)
        self._show_log()

    def show_entry(self, entry: Entry) -> None:
        """Keep what landed in view while nothing waits."""
        if self._log.put(entry):
            self._show_log()

    def show_net(self, net: Patch) -> None:
        """Show what the session has come to, where that is what is looked at."""
        self._log.put_net(net)
        if self.request is None:
            self.put_review(self._log.review())

    def show_reverts(self, transcript: Transcript) -> bool:
        """Show which hunks were reverted; tell whether that is new."""
        trail = transcript.trail
        key = (id(transcript), len(transcript.reverts), len(trail.traces), len(trail.undone))
        # What was undone, and what a command did, is told by no change that landed.
        state = (*key, transcript.is_running)
        if state != self._state and self._log.span is Span.NET:
            self.app.post_message(msg.NetWanted().set_sender(self))
        self._state = state
        if key == self._reverts or (self._reverts is None and not transcript.reverts):
            return False
        self._reverts = key
        self._log.show_reverted(transcript.reverted)
        self._show_log()
        return True

    def _show_log(self) -> None:
        if self._log.span is Span.NET:
            # The screen above may be what brought the news: from here, nothing would bubble past it.
            self.app.post_message(msg.NetWanted().set_sender(self))
        elif self.request is None:
            self.put_review(self._log.review())

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
            words = cut(self._log.words(), max(8, self.size.width - 16) if self.size.width else 80, self.view.look)
            return ", ".join(part for part in ("Changes" if self._is_named else "", words) if part)
        if request.patch is None:
            from trashclaw.faces.wording.requests import question_of

            return question_of(request)
        switches = self.review.switches
        place = f"hunk {switches.place} of {switches.count}"
        if request.command is not None:
            return f"Keep what it changed in {counted(len(request.patch.changes), 'file')}?  {place}"
        path = cut(switches.path, max(8, self.size.width - len(place) - 16), self.view.look)
        return f"Change {path}?  {place}"
