"""The changes pane: a proposed patch or command waits here, hunk by hunk, for the person's answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from trashclaw.faces.tui import messages as msg
from trashclaw.faces.tui.drawing.lines import cut, plain, prefixed, wrap
from trashclaw.faces.tui.keymap import Group, bindings, typed_keys
from trashclaw.faces.tui.widgets.asking_pane import AskingPane, Hint
from trashclaw.faces.tui.widgets.grace import GRACE_S
from trashclaw.faces.tui.widgets.hunks import HunkSwitches
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from textual import events

    from trashclaw.protocol.approvals import ApprovalRequest, Verdict
    from trashclaw.protocol.ids import HunkId
    from trashclaw.protocol.patches import Patch
    from trashclaw.session.transcript import Entry


class DiffLines(LinePane):
    """Draws a request, or the last patch that landed."""

    EMPTY: ClassVar[str] = "Changes wait here before they reach the disk. Each hunk can be taken or left."

    def __init__(self, *, widget_id: str | None = None) -> None:
        super().__init__(widget_id=widget_id)
        self.request: ApprovalRequest | None = None
        self.switches = HunkSwitches()
        self.landed: Patch | None = None
        self.starts: dict[HunkId, int] = {}
        self._room = 0
        """Rows of the pane when it was last drawn."""

    def lines(self, width: int) -> Sequence[Text]:
        """Return the lines of what waits, else of what landed last."""
        from trashclaw.faces.tui.drawing.patch import patch_lines

        request = self.request
        if request is None:
            return patch_lines(self.landed, width, self.look, None).lines if self.landed is not None else ()
        lines = list(self._head(request, width))
        if request.patch is not None:
            drawn = patch_lines(request.patch, width, self.look, self.switches.drawn())
            self.starts = {hunk_id: start + len(lines) for hunk_id, start in drawn.starts.items()}
            lines.extend(drawn.lines)
        return lines

    def _head(self, request: ApprovalRequest, width: int) -> Sequence[Text]:
        """Return what is asked and why; for a command, the whole command."""
        look = self.look
        rule = wrap(plain(request.rule, look.muted), width, look) if request.rule else []
        if request.command is None:
            return rule
        sign = Text("$ ", style=look.accent)
        command = wrap(plain(request.command, look.strong), max(8, width - 2), look)
        return [*prefixed(sign, Text("  "), command), Text(), *rule]

    def keep_in_view(self) -> None:
        """When room is taken away below, scroll by as much, but not past the head of the current hunk."""
        room = self.scrollable_content_region.height
        before, self._room = self._room, room
        if not before or not room or before == room:
            return
        top, current = self.scroll_offset.y, self.switches.current
        head = self.starts.get(current, 0) if current is not None else 0
        wanted = top + before - room
        self.scroll_to(y=max(0, min(wanted, head) if head >= top else wanted), animate=False, force=True)

    def on_click(self, event: events.Click) -> None:
        """Switch the hunk whose head was clicked."""
        line = self.line_under(event)
        for hunk_id, start in self.starts.items():
            if line == start and self.request is not None:
                self.switches.select(hunk_id)
                self.post_message(DiffPane.HeadClicked())


class DiffPane(AskingPane):
    """Shows what waits for approval and posts the answer."""

    BINDINGS = bindings(Group.REVIEW)

    class HeadClicked(Message):
        """A hunk's head was clicked."""

    def __init__(self, *, grace_s: float = GRACE_S, widget_id: str | None = None) -> None:
        self._lines = DiffLines()
        super().__init__(self._lines, "why not? Enter rejects with this reason", grace_s=grace_s, widget_id=widget_id)
        self._is_named = True
        self.border_title = "Changes"
        self._keys = typed_keys(Group.REVIEW)

    @property
    def request(self) -> ApprovalRequest | None:
        """What waits now."""
        return self._lines.request

    def show(self, request: ApprovalRequest | None) -> bool:
        """Show what waits, or that nothing does; tell whether something new began to wait."""
        if request == self.request:
            return False
        self._lines.request = request
        self._lines.switches = HunkSwitches(request.patch if request is not None else None)
        self._refresh_lines()
        self._lines.scroll_to(y=0, animate=False)
        if request is None:
            self.end_asking()
            return False
        self.begin_asking()
        return True

    def load(self, entries: Sequence[Entry]) -> None:
        """Show the last patch that landed in another session."""
        self._lines.landed = None
        self._refresh_lines()
        for entry in entries:
            self.show_entry(entry)

    def show_entry(self, entry: Entry) -> None:
        """Keep the last patch that landed in view while nothing waits."""
        from trashclaw.faces.tui.drawing.landed import landed_patch

        landed = landed_patch(entry)
        if landed is None:
            return
        self._lines.landed = landed
        if self.request is None:
            self._refresh_lines()

    def on_resize(self) -> None:
        """Cut the title to the room there is."""
        super().on_resize()
        self.border_title = Content(self._title())

    def show_name(self, *, is_named: bool) -> None:
        """Have the pane's name in the title, or leave it out because it stands elsewhere already."""
        self._is_named = is_named
        self.border_title = Content(self._title())

    def hints(self) -> Sequence[Hint]:
        """Return which keys do what."""
        if self.has_class("-typing"):
            return (Hint("Enter reject with this reason"), Hint("Esc back", 1))
        if self.request is None:
            return ()
        reject = (Hint("r reject", 1), Hint("n why", 2))
        if self.request.patch is None:
            return (Hint("a run it"), *reject)
        switches = self._lines.switches
        has_more, is_on = switches.count > 1, switches.current in switches.chosen
        following, everything = ((Hint("] next", 4),), (Hint("y all", 5),)) if has_more else ((), ())
        return (Hint("space off" if is_on else "space on", 3), *following, Hint("a accept"), *everything, *reject)

    def takes(self, event: events.Key) -> bool:
        """Tell whether a key is bound here."""
        return event.key in self._keys or event.character in self._keys

    def action_switch(self) -> None:
        """Switch the current hunk."""
        self._lines.switches.toggle()
        self._refresh_lines()

    def action_step_hunk(self, step: int) -> None:
        """Go to another hunk."""
        self._lines.switches.step(step)
        self._refresh_lines()

    def action_step_file(self, step: int) -> None:
        """Go to the first hunk of another file."""
        self._lines.switches.step_file(step)
        self._refresh_lines()

    def action_accept_file(self) -> None:
        """Switch all hunks of the current file on."""
        self._lines.switches.switch_file_on()
        self._refresh_lines()

    def action_accept(self) -> None:
        """Accept what is switched on; with nothing switched on that is a rejection."""
        switches = self._lines.switches
        if self.request is not None and self.request.patch is not None and not switches.chosen:
            self._reject()
        else:
            self._accept(None if switches.is_all else switches.chosen)

    def action_accept_all(self) -> None:
        """Accept all of it."""
        self._accept(None)

    def action_reject(self) -> None:
        """Reject all of it."""
        self._reject()

    def action_reason(self) -> None:
        """Open the input for a reason."""
        if self.is_waiting:
            self.begin_typing()

    @on(Input.Submitted)
    def reject_with_reason(self, event: Input.Submitted) -> None:
        """Reject with the reason that was typed."""
        event.stop()
        self._reject(event.value.strip())

    @on(HeadClicked)
    def toggle_clicked(self) -> None:
        """Switch the hunk that was clicked."""
        self.action_switch()

    def _accept(self, hunk_ids: tuple[HunkId, ...] | None) -> None:
        from trashclaw.protocol.approvals import Verdict

        self._answer(Verdict.ACCEPTED, hunk_ids=hunk_ids)

    def _reject(self, note: str = "") -> None:
        from trashclaw.protocol.approvals import Verdict

        self._answer(Verdict.REJECTED, note=note)

    def _answer(self, verdict: Verdict, *, hunk_ids: tuple[HunkId, ...] | None = None, note: str = "") -> None:
        from trashclaw.protocol.approvals import Approval

        if self.request is not None and self.grace.is_over:
            approval = Approval(verdict=verdict, hunk_ids=hunk_ids, note=note)
            self.post_message(msg.ApprovalGiven(self.request.approval_id, approval))

    def _refresh_lines(self) -> None:
        self.border_title = Content(self._title())
        self._show_hints()
        self._lines.reload()
        current = self._lines.switches.current
        if current is not None and current in self._lines.starts:
            self._lines.reveal(self._lines.starts[current], self._lines.switches.height)

    def _title(self) -> str:
        request = self.request
        if request is None:
            parts = ("Changes" if self._is_named else "", "the last one" if self._lines.landed is not None else "")
            return ", ".join(part for part in parts if part)
        if request.patch is None:
            return "Run this command?"
        switches = self._lines.switches
        place = f"hunk {switches.place} of {switches.count}"
        path = cut(switches.path, max(8, self.size.width - len(place) - 16), self._lines.look)
        return f"Change {path}?  {place}"
