"""The review over the whole screen: files at the left, their diff at the right, in one column or two."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import BindingType
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widgets import Input

from trashclaw.faces.tui.drawing.lines import cut
from trashclaw.faces.tui.keymap import Group, bindings, keys_of, typed_keys
from trashclaw.faces.tui.widgets.asking_pane import Hint
from trashclaw.faces.tui.widgets.file_list import FileList
from trashclaw.faces.tui.widgets.line_input import LineInput
from trashclaw.faces.tui.widgets.review_pane import ReviewPane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.app import ComposeResult

    from trashclaw.faces.tui.change_log import ChangeLog
    from trashclaw.faces.tui.review import Review

NARROW = 100


class WideReview(ReviewPane):
    """Everything of a review, with the keys of the changes pane and some more."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Group.SCREEN)]
    DEFAULT_CSS = """
    WideReview, WideReview.-waiting, WideReview.-waiting:focus-within {
        border: round $accent;
        border-title-color: $foreground;
        border-subtitle-color: $foreground;
        height: 1fr;
    }
    WideReview #parts {
        layout: horizontal;
        height: 1fr;
    }
    WideReview #files {
        width: 30%;
        min-width: 30;
        max-width: 46;
        border-right: solid $line;
    }
    WideReview FileList {
        height: 1fr;
    }
    WideReview #files Input {
        display: none;
        height: 1;
        padding: 0 1;
        background: $panel;
    }
    WideReview.-finding #files Input {
        display: block;
    }
    WideReview PatchView {
        width: 1fr;
    }
    WideReview.-narrow #parts {
        layout: vertical;
    }
    WideReview.-narrow #files {
        width: 1fr;
        max-width: 100%;
        height: 7;
        max-height: 30%;
        border-right: none;
        border-bottom: solid $line;
    }
    WideReview.-single #files {
        display: none;
    }
    """

    class Closed(Message):
        """The person goes back, and has answered nothing."""

    def __init__(self, review: Review, *, grace_s: float, log: ChangeLog | None = None) -> None:
        super().__init__("", grace_s=grace_s)
        self.landed = log
        self.files = FileList()
        self._sought = LineInput("part of a file's name")
        self.view.review = self.files.review = review
        self.view.is_split = review.is_split

    def compose(self) -> ComposeResult:
        """Place the list, the diff and the input for a reason."""
        with Container(id="parts"):
            with Container(id="files"):
                yield self.files
                yield self._sought
            yield self.body
        yield self._input

    def on_mount(self) -> None:
        """Begin to listen after the grace period."""
        if self.request is not None:
            self.begin_asking()
        self.view.focus()
        self.call_after_refresh(self.redraw, is_new=True)

    def on_resize(self) -> None:
        """Place the list beside the diff, or above it."""
        patch = self.review.patch
        self.set_class(self.size.width < NARROW, "-narrow")
        self.set_class(patch is None or len(patch.changes) < 2, "-single")
        super().on_resize()
        self.border_title = Content(self.title())

    def redraw(self, *, is_new: bool = False) -> None:
        """Show what has changed, at both sides."""
        if is_new:
            self.files.reload()
        else:
            self.files.repaint()
        super().redraw(is_new=is_new)

    def put_review(self, review: Review) -> None:
        """Show other changes that landed, at both sides."""
        self.files.review = review
        self.set_class(review.patch is None or len(review.patch.changes) < 2, "-single")
        super().put_review(review)

    def title(self) -> str:
        """Return what is reviewed, and how much of it is on."""
        review, switches = self.review, self.review.switches
        if review.patch is None:
            return "Review"
        if review.request is None:
            return _browsed(self)
        place = f"hunk {switches.place} of {switches.count}, {switches.on_count} on"
        path = cut(switches.path, max(8, self.size.width - len(place) - 16), self.view.look)
        return f"Review {path}  {place}"

    def hints(self) -> Sequence[Hint]:
        """Return which keys do what."""
        if self.has_class("-finding"):
            return (Hint.of("line.accept", "keeps the list short"), Hint.of("field.leave", "shows all files"))
        if self.has_class("-typing"):
            return super().hints()
        if self.request is None:
            return (*self._landed_hints(), Hint.of("screen.split", "columns", 5), Hint.of("screen.close", "back"))
        file = (
            (Hint.of("review.next_file", "file", 7),)
            if self.review.patch is not None and len(self.review.patch.changes) > 1
            else ()
        )
        return (
            *super().hints(),
            *file,
            Hint.of("review.edit", "edit", 8),
            Hint.of("screen.split", "columns", 9),
            Hint.of("review.help", "help", 7),
            Hint.of("screen.close", "back"),
        )

    def _own_keys(self) -> frozenset[str]:
        return super()._own_keys() | typed_keys(Group.SCREEN)

    async def on_key(self, event: events.Key) -> None:
        """Leave keys to the search while it is open; Textual asks the base class next.

        Of keys that come together, those behind the slash arrive before the search has the focus.
        """
        if not (self.has_class("-finding") or self._sought.has_focus):
            return
        event.prevent_default()
        if event.key in keys_of("field.leave"):
            event.stop()
            self._end_finding()
        elif not self._sought.has_focus:
            await self._type_on(event, self._sought)

    def action_step_file(self, step: int) -> None:
        """Go to the first hunk of another file, of those listed."""
        self.review.switches.step_file(step, self.files.files)
        self.redraw()

    def action_split(self) -> None:
        """Show one column or two."""
        from trashclaw.faces.tui.drawing.split import MIN_WIDTH

        self.view.is_split = self.review.is_split = not self.view.is_split
        if self.view.is_split and self.view.line_width < MIN_WIDTH:
            self.app.notify("There is no room for two columns here.", markup=False, timeout=4)
        self.redraw(is_new=True)

    def action_find(self) -> None:
        """Open the search for a file."""
        if self.review.patch is not None and len(self.review.patch.changes) > 1:
            self.add_class("-finding")
            self._sought.focus()
            self._show_hints()

    def action_open(self) -> None:
        """Nothing: it is open."""

    def action_close(self) -> None:
        """Show all files again, else go back."""
        if self.files.is_narrowed:
            self._end_finding()
        else:
            self.post_message(self.Closed())

    @on(Input.Changed)
    def narrow(self, event: Input.Changed) -> None:
        """List what fits."""
        if event.input is self._sought:
            self.files.seek(event.value.strip())

    @on(Input.Submitted)
    def found(self, event: Input.Submitted) -> None:
        """Go to the first file that fits; Textual asks the base class next, for the other input."""
        if event.input is not self._sought:
            return
        event.stop()
        event.prevent_default()
        if self.files.files and self.review.switches.file not in self.files.files:
            self.review.switches.select_file(self.files.files[0])
        self.remove_class("-finding")
        self.view.focus()
        self.redraw()

    @on(FileList.Chosen)
    def show_chosen(self) -> None:
        """Show what was clicked in the list."""
        self.redraw()

    def _pass_on(self, event: events.Key) -> None:
        """Keep an early key from answering; the prompt is out of sight, so it goes nowhere."""
        if event.key not in keys_of("screen.close") and (event.is_printable or self.takes(event)):
            event.stop()
            event.prevent_default()
            self._begin_grace()

    def _end_finding(self) -> None:
        self.remove_class("-finding")
        self._sought.value = ""
        self.files.seek("")
        self.view.focus()
        self.redraw()


def _browsed(pane: WideReview) -> str:
    """Return which of the changes that landed are shown, and where in them the keys act."""
    switches, words = pane.review.switches, pane.landed.words() if pane.landed is not None else "the last one"
    place = f"  hunk {switches.place} of {switches.count}" if switches.count > 1 else ""
    return f"Changes, {cut(words, max(8, pane.size.width - len(place) - 20), pane.view.look)}{place}"
