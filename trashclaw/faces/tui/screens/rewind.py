"""The rewind screen: the points to go back to, and, where that would undo the person's own work, what it would undo."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Vertical

from trashclaw.faces.tui.drawing.lines import cut, plain, pointed, spread, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.patch import patch_lines
from trashclaw.faces.tui.keymap import Group, bindings, hint, hints
from trashclaw.faces.tui.screens.overlay import OverlayFrame, OverlayLines, OverlayScreen
from trashclaw.faces.tui.widgets.grace import Grace
from trashclaw.faces.wording.figures import counted
from trashclaw.protocol.checkpoints import RestorePart
from trashclaw.session.rewind import RewindPoint
from trashclaw.workspace.legs import RestorePreview

if TYPE_CHECKING:
    from textual.app import ComposeResult

FILES_SHOWN = 4
EMPTY = "There is nothing to go back to yet: nothing was said, and no file was changed."


@dataclass(frozen=True, slots=True)
class RewindChoice:
    """Where to go back to, and with what."""

    point: RewindPoint
    part: RestorePart | None
    """`None`: nothing goes back, a fork goes on from there."""


class RewindScreen(OverlayScreen[RewindChoice | None]):
    """Shows the points, the newest first; returns one with the part that is wanted, or nothing."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.REWIND)
    DEFAULT_CSS = """
    RewindScreen > OverlayFrame {
        height: 80%;
        border-subtitle-color: $foreground;
    }
    RewindScreen .points {
        height: 1fr;
    }
    RewindScreen .detail {
        height: auto;
    }
    """

    def __init__(self, points: Sequence[RewindPoint]) -> None:
        super().__init__()
        self._points = points
        self._at = next((place for place, point in enumerate(points) if not point.step), 0)

    def compose(self) -> ComposeResult:
        """Place the points and what is known of the current one."""
        with OverlayFrame("Go back to before"):
            for draw, name in ((self._point_lines, "points"), (self._detail_lines, "detail")):
                lines = OverlayLines(draw)
                lines.add_class(name)
                lines.can_focus = False
                yield lines

    def on_mount(self) -> None:
        """Show the current point, and which keys do what with it."""
        self._show()

    def action_move(self, step: int) -> None:
        """Go to another point."""
        if self._points:
            self._at = max(0, min(len(self._points) - 1, self._at + step))
            self._show()

    def action_choose(self, part: str) -> None:
        """Return the current point; for both, what can be brought back of the two."""
        if not self._points:
            return
        point, wanted = self._points[self._at], RestorePart(part)
        possible = parts_of(point)
        if wanted is RestorePart.BOTH and RestorePart.BOTH not in possible:
            wanted = possible[0]
        if wanted in possible:
            self.dismiss(RewindChoice(point, wanted))

    def action_fork(self) -> None:
        """Return the current point to fork at."""
        if self._points:
            self.dismiss(RewindChoice(self._points[self._at], None))

    def action_cancel(self) -> None:
        """Close without a choice."""
        self.dismiss(None)

    def _show(self) -> None:
        for pane in self.query(OverlayLines):
            pane.reload()
        self.query(OverlayLines).first().reveal(self._at)
        possible = parts_of(self._points[self._at]) if self._points else ()
        words = {
            RestorePart.BOTH: ("rewind.both", "both"),
            RestorePart.CONVERSATION: ("rewind.conversation", "conversation"),
            RestorePart.FILES: ("rewind.files", "files"),
        }
        shown = [words[part] for part in words if part in possible]
        shown += [("rewind.fork", "fork")] if possible else []
        self.query_one(OverlayFrame).say(*(hint(*pair) for pair in (*shown, ("rewind.close", "closes"))))

    def _point_lines(self, width: int, look: Look) -> Sequence[Text]:
        if not self._points:
            return wrap(plain(EMPTY, look.muted), width, look)
        return [
            pointed(point_line(point, width - 2, look), look, width, is_current=place == self._at)
            for place, point in enumerate(self._points)
        ]

    def _detail_lines(self, width: int, look: Look) -> Sequence[Text]:
        return detail_lines(self._points[self._at], width, look) if self._points else ()


class OverwriteScreen(OverlayScreen[bool]):
    """Shows what of the person's own changes a restore would overwrite; returns whether it may."""

    BINDINGS: ClassVar[list[BindingType]] = bindings(Group.OVERWRITE)
    DEFAULT_CSS = """
    OverwriteScreen {
        align: center middle;
        background: $background 60%;
    }
    OverwriteScreen > Vertical {
        width: 92%;
        max-width: 120;
        height: 90%;
        border: round $warning;
        border-title-color: $warning;
        border-subtitle-color: $foreground;
        background: $surface;
        padding: 0 1;
    }
    OverwriteScreen OverlayLines {
        height: 1fr;
    }
    """

    def __init__(self, preview: RestorePreview, grace_s: float) -> None:
        super().__init__()
        self._preview = preview
        self.grace = Grace(grace_s)
        self.grace.begin()

    def compose(self) -> ComposeResult:
        """Place the diff."""
        with Vertical() as frame:
            frame.border_title = "You changed this since: overwrite it?"
            frame.border_subtitle = hints(("overwrite.yes", "overwrite"), ("overwrite.no", "leave everything"))
            yield OverlayLines(lambda width, look: overwrite_lines(self._preview, width, look))

    def action_answer(self, answer: bool) -> None:
        """Return the answer; a key that comes at once was not meant for this."""
        if self.grace.is_over or not answer:
            self.dismiss(answer)


def parts_of(point: RewindPoint) -> tuple[RestorePart, ...]:
    """Return what can be brought back to a point."""
    if point.can_restore_files and point.can_restore_conversation:
        return (RestorePart.BOTH, RestorePart.CONVERSATION, RestorePart.FILES)
    return (RestorePart.FILES,) if point.can_restore_files else (RestorePart.CONVERSATION,)


def point_line(point: RewindPoint, width: int, look: Look) -> Text:
    """Return a point in one line: what was said, how much changed, when."""
    right = Text(end="")
    if point.changes:
        added, removed = (sum(getattr(change, name) for change in point.changes) for name in ("added", "removed"))
        right.append(f"{counted(len(point.changes), 'file')}  ", style=look.muted)
        right.append(f"+{added}", style=look.success)
        right.append(f" -{removed}", style=look.error)
        right.append("  ")
    right.append(clock(point.at), style=look.muted)
    room = max(8, width - right.cell_len - 2)
    if point.step:
        return spread(Text(cut(f"  step {point.step}", room, look), style=look.text), right, width, look)
    return spread(Text(cut(point.title or "(no words)", room, look), style=look.strong), right, width, look)


def detail_lines(point: RewindPoint, width: int, look: Look) -> Sequence[Text]:
    """Return what is known of a point: its words, and what was changed from there on."""
    lines = [Text(look.signs.rule * width, style=look.faint)]
    words = f"before step {point.step} of: {point.title}" if point.step else point.title
    lines.append(Text(cut(words, width, look), style=look.text))
    for change in point.changes[:FILES_SHOWN]:
        count = Text(end="")
        if change.added or change.removed:
            count.append(f"+{change.added}", style=look.success)
            count.append(f" -{change.removed}", style=look.error)
        lines.append(spread(Text(cut(f"  {change.path}", width - 14, look), style=look.muted), count, width, look))
    more = len(point.changes) - FILES_SHOWN
    if more > 0:
        lines.append(Text(f"  and {counted(more, 'more file')}", style=look.muted))
    if not point.can_restore_files:
        lines.append(Text("No file was changed since that can be brought back.", style=look.muted))
    if not point.can_restore_conversation:
        lines.append(Text("The conversation cannot go back there: it was compacted or rewound.", style=look.muted))
    return lines


def overwrite_lines(preview: RestorePreview, width: int, look: Look) -> Sequence[Text]:
    """Return the files in the way, and the diff of what would become of them."""
    names = ", ".join(preview.conflicts[:FILES_SHOWN])
    more = len(preview.conflicts) - FILES_SHOWN
    which = f"{names}{f' and {more} more' if more > 0 else ''}"
    said = f"Going back would overwrite your own changes to {which}. A redo brings them back."
    lines = [*wrap(plain(said, look.text), width, look), Text()]
    if not preview.overwritten.changes:
        return [*lines, Text("(there is no diff of them that could be shown)", style=look.muted)]
    return [*lines, *patch_lines(preview.overwritten, width, look, None).lines]


def clock(at: float) -> str:
    """Return when something was, for a person: the time, and the day unless that is today."""
    then, now = time.localtime(at), time.localtime()
    return time.strftime("%H:%M" if then[:3] == now[:3] else "%d %b %H:%M", then)
