"""Base of the places where a proposal is answered: the changes pane, and the review over the whole screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Input

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.change_log import Span
from trashclaw.faces.tui.keymap import Group, bindings, hint, typed_keys
from trashclaw.faces.tui.review import Review
from trashclaw.faces.tui.widgets.asking_pane import AskingPane, Hint
from trashclaw.faces.tui.widgets.patch_view import PatchView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from trashclaw.faces.tui.change_log import ChangeLog
    from trashclaw.protocol.approvals import Approval, ApprovalRequest


class ReviewPane(AskingPane):
    """Switches the hunks of a review and posts the answer."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.REVIEW)

    def __init__(self, empty: str, *, grace_s: float, widget_id: str | None = None) -> None:
        self.view = PatchView(empty)
        self.landed: ChangeLog | None = None
        """What landed, to be looked through while nothing waits."""

        super().__init__(self.view, "why not?", grace_s=grace_s, widget_id=widget_id)

    @property
    def review(self) -> Review:
        """What is reviewed."""
        return self.view.review

    @property
    def request(self) -> ApprovalRequest | None:
        """What waits now."""
        return self.view.review.request

    def title(self) -> str:
        """Return the title for the room there is."""
        return ""

    def takes(self, event: events.Key) -> bool:
        """Tell whether a key is bound here."""
        return not self._own_keys().isdisjoint({event.key, event.character})

    def _own_keys(self) -> frozenset[str]:
        """Return the keys that count here now: the person may have changed them since the pane was made."""
        return typed_keys(Group.REVIEW)

    def hints(self) -> Sequence[Hint]:
        """Return which keys do what."""
        if self.has_class("-typing"):
            return (Hint.of("line.accept", "reject with this reason"), Hint.of("field.leave", "back", 1))
        if self.request is None:
            return self._landed_hints()
        return self._command_hints() if self.review.patch is None else self._patch_hints()

    def _landed_hints(self) -> Sequence[Hint]:
        switches = self.review.switches
        if self.landed is None or self.landed.is_empty or switches.current is None or not self.has_focus_within:
            return ()
        more = (Hint.of("review.next_hunk", "next", 3),) if switches.count > 1 else ()
        turns = Hint(hint("changes.earlier", hint("changes.later", "turns")), 4)
        if self.landed.span is Span.NET:
            return (*more, Hint.of("changes.net", "each change"), turns)
        revert = Hint.of("changes.revert", "revert" if switches.is_on(switches.current) else "bring back", 1)
        span = Hint.of("changes.span", "less" if self.landed.span is Span.SESSION else "more")
        return (*more, revert, span, turns, Hint.of("changes.net", "net", 5))

    def _command_hints(self) -> Sequence[Hint]:
        reject = (Hint.of("review.reject", "reject", 1), Hint.of("review.reason", "why", 2))
        scope = (Hint.of("review.scope", "how far", 3),) if self.review.has_scopes else ()
        return (Hint.of("review.accept", "run it"), *scope, *reject)

    def _patch_hints(self) -> Sequence[Hint]:
        switches = self.review.switches
        is_on = switches.current is not None and switches.is_on(switches.current)
        more = (Hint.of("review.next_hunk", "next", 4),) if switches.count > 1 else ()
        is_warned = switches.everything() is not None
        all_words = "all but !" if is_warned else "all"
        everything = (Hint.of("review.accept_all", all_words, 5),) if switches.count > 1 else ()
        scope = (Hint.of("review.scope", "how far", 6),) if self.review.has_scopes else ()
        return (
            Hint.of("review.toggle", "off" if is_on else "on", 3),
            *more,
            Hint.of("review.accept", "accept"),
            *everything,
            *scope,
            Hint.of("review.reject", "reject", 1),
            Hint.of("review.reason", "why", 2),
        )

    def redraw(self, *, is_new: bool = False) -> None:
        """Show what has changed; `is_new` for another patch."""
        self.border_title = Content(self.title())
        self._show_hints()
        if is_new:
            self.view.reload()
        else:
            self.view.repaint()
        self.view.reveal_current()

    def action_switch(self, what: str = "hunk") -> None:
        """Switch the current hunk or its `file`, or all of the file `on`; what landed is only made current."""
        switches = self.review.switches
        if self.request is not None:
            {"hunk": switches.toggle, "file": switches.toggle_file, "on": switches.switch_file_on}[what]()
        self.redraw()

    def action_step_hunk(self, step: int) -> None:
        """Go to another hunk."""
        self.review.switches.step(step)
        self.redraw()

    def action_step_file(self, step: int) -> None:
        """Go to the first hunk of another file."""
        self.review.switches.step_file(step)
        self.redraw()

    def action_browse(self, what: str, step: int = 1) -> None:
        """Show more of what landed (`span`), the `net` of it, or another `turn`; while something waits, only that."""
        if self.landed is None or self.request is not None:
            return
        if what == "span":
            self.landed.step_span()
        elif what == "net":
            self.landed.switch_net()
            if self.landed.span is Span.NET and not self.landed.is_empty:
                self.post_message(msg.NetWanted())
        else:
            self.landed.step_turn(step)
        self.put_review(self.landed.review())

    def put_review(self, review: Review) -> None:
        """Show other changes that landed."""
        self.view.review = review
        self.redraw(is_new=True)

    def action_revert(self, what: str) -> None:
        """Have the current `hunk` that landed reverted, or all of its `file`'s; what is reverted comes back."""
        switches, change = self.review.switches, self.review.change()
        if self.landed is None or self.request is not None or switches.current is None or change is None:
            return
        if self.landed.span is Span.NET:
            told = hint("changes.net", "shows the changes that landed") or "Look at the changes that landed"
            self.app.notify(f"What is shown came of all of them: {told}, to revert one.", markup=False, timeout=6)
            return
        # A file may have landed more than once: of its hunks those count that landed together with the current one.
        others = [] if what == "hunk" else [hunk.hunk_id for hunk in change.hunks if hunk.hunk_id != switches.current]
        source = self.landed.source([switches.current, *others])
        if source is not None:
            self.post_message(msg.RevertWanted(*source))

    def action_accept(self) -> None:
        """Accept what is switched on; with everything switched off that is a rejection."""
        review, switches = self.review, self.review.switches
        if review.patch is None or switches.on_count or not switches.count:
            self._answer(review.accepted())
        elif switches.is_touched:
            self._answer(review.rejected())
        elif self.is_waiting:
            ways = [hint("review.toggle", "switches a hunk on"), hint("review.reject", "rejects")]
            said = ", ".join(filter(None, ways))
            self.app.notify(f"Nothing is switched on: {said}.", markup=False, timeout=4)

    def action_accept_all(self) -> None:
        """Accept all of it, once; what has a warning only where it is switched on."""
        approval = self.review.accepted(is_everything=True)
        if approval.hunk_ids == ():
            self.action_accept()
        else:
            self._answer(approval)

    def action_choose(self, number: int) -> None:
        """Give the answer that has this number; where there are no numbers, it begins a reason."""
        from trashclaw.faces.tui.drawing.request import NO, NUMBERS

        request = self.request
        if request is None:
            return
        if request.patch is not None and not self.review.has_scopes:
            self.begin_typing(str(number))
        elif number == NO:
            self._answer(self.review.rejected())
        elif any(self.review.use_scope(scope) for scope, known in NUMBERS.items() if known == number):
            self.action_accept()

    def action_scope(self) -> None:
        """Let accepting reach further, or only this once again."""
        if self.review.has_scopes:
            self.review.next_scope()
            self.redraw()
        elif self.is_waiting:
            self.app.notify("This can only be accepted once.", markup=False, timeout=4)

    def action_reject(self) -> None:
        """Reject all of it."""
        self._answer(self.review.rejected())

    def action_reason(self) -> None:
        """Open the input for a reason."""
        if self.is_waiting:
            self.begin_typing()

    def action_edit(self) -> None:
        """Ask for the editor on the proposed file."""
        if self.is_waiting and self.grace.is_over and self.review.patch is not None:
            self.post_message(msg.EditWanted(self))

    def action_open(self) -> None:
        """Open the review over the whole screen."""
        if self.review.patch is not None:
            self.post_message(msg.ReviewOpened())

    @on(Input.Submitted)
    def _reject_with_reason(self, event: Input.Submitted) -> None:
        """Reject with the reason that was typed."""
        event.stop()
        self._answer(self.review.rejected(event.value.strip()))

    @on(PatchView.HeadClicked)
    def _toggle_clicked(self, event: PatchView.HeadClicked) -> None:
        """Switch the hunk that was clicked."""
        event.stop()
        self.action_switch()

    def _answer(self, approval: Approval) -> None:
        if self.request is not None and self.grace.is_over:
            self.post_message(msg.ApprovalGiven(self.request.approval_id, approval))
