"""The list of a patch's files: how much of each is on, what happens to it, and the hunks of the current one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from rich.text import Text
from textual.geometry import Size
from textual.message import Message

from trashclaw.faces.tui.drawing.lines import cut, spread, strips
from trashclaw.faces.tui.review import Review
from trashclaw.faces.tui.widgets.line_pane import LinePane

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events
    from textual.strip import Strip

    from trashclaw.protocol.patches import FileChange, Hunk


class FileList(LinePane):
    """A row for each file, and below the current one a row for each of its hunks. Rows are drawn when seen."""

    DEFAULT_CSS = """
    FileList {
        padding: 0 1 0 0;
    }
    """

    class Chosen(Message):
        """A row was clicked; what it stands for is current now."""

    def __init__(self) -> None:
        super().__init__()
        self.can_focus = False
        self.review = Review()
        self._sought = ""
        self._files: Sequence[int] = ()
        """Places of the files that are listed."""

        self._base_hunks: tuple[Hunk, ...] = ()
        self._at = 0
        """Place of the current file among those listed; -1 when it is none of them."""

    @property
    def files(self) -> Sequence[int]:
        """Places of the files whose path has what is sought."""
        return self._files

    @property
    def is_narrowed(self) -> bool:
        """Whether files are left out."""
        return bool(self._sought)

    @property
    def line_count(self) -> int:
        """Number of rows."""
        return len(self._files) + len(self._base_hunks)

    def seek(self, sought: str) -> None:
        """List only files whose path has this part, in whatever case."""
        self._sought = sought
        self.reload()

    def reload(self) -> None:
        """Lay the rows out anew."""
        patch = self.review.patch
        sought = self._sought.casefold()
        if patch is None:
            self._files = ()
        elif not sought:
            self._files = range(len(patch.changes))
        else:
            self._files = [file for file, one in enumerate(patch.changes) if sought in one.path.casefold()]
        self.repaint()

    def repaint(self) -> None:
        """Show the switches as they are now, and the current hunk in view."""
        patch, switches = self.review.patch, self.review.switches
        current = switches.file
        self._at = current if isinstance(self._files, range) else self._place_of(current)
        has_hunks = patch is not None and 0 <= self._at < len(self._files) and self.review.has_hunks
        hunks = patch.changes[current].hunks if patch is not None and has_hunks else ()
        self._base_hunks = hunks if len(hunks) > 1 else ()
        self._drawn_width = self.line_width
        if self._drawn_width < 1:
            return
        self.virtual_size = Size(self._drawn_width, self.line_count)
        self.refresh()
        if self._at >= 0:
            hunk = 1 + self._hunk_place() if self._base_hunks else 0
            self.reveal(self._at + hunk)
            self.reveal(self._at + hunk if hunk > self.scrollable_content_region.height - 1 else self._at)

    def strip_at(self, line: int) -> Strip | None:
        """Return a row."""
        row = self._row(line)
        if row is None or self.review.patch is None:
            return None
        file, hunk = row
        change = self.review.patch.changes[file]
        text = self._file_row(file, change) if hunk is None else self._hunk_row(hunk)
        (strip,) = strips([text], self.look)
        return strip

    def on_click(self, event: events.Click) -> None:
        """Make what was clicked current."""
        line = self.line_under(event)
        row = None if line is None else self._row(line)
        if row is not None:
            file, hunk = row
            if hunk is None:
                self.review.switches.select_file(file)
            else:
                self.review.switches.select(hunk.hunk_id)
            self.post_message(self.Chosen())

    def _row(self, line: int) -> tuple[int, Hunk | None] | None:
        """Return the file and hunk of a row."""
        extra = len(self._base_hunks)
        if not 0 <= line < self.line_count:
            return None
        if not extra or line <= self._at:
            return self._files[line], None
        if line <= self._at + extra:
            return self._files[self._at], self._base_hunks[line - self._at - 1]
        return self._files[line - extra], None

    def _place_of(self, file: int) -> int:
        try:
            return self._files.index(file)
        except ValueError:
            return -1

    def _hunk_place(self) -> int:
        current = self.review.switches.current
        return next((place for place, hunk in enumerate(self._base_hunks) if hunk.hunk_id == current), 0)

    def _file_row(self, file: int, change: FileChange) -> Text:
        from trashclaw.faces.tui.drawing.change_words import summary
        from trashclaw.faces.wording.changes import kind_word

        look, switches = self.look, self.review.switches
        width = self._drawn_width
        right = summary(kind_word(change), change, look)
        left = Text(end="")
        on = switches.on_in(file) if self.review.has_hunks else 0
        if self.review.request is None and self.review.has_hunks and on < len(change.hunks):
            # The word comes first: it says of all behind it that it is not so any more.
            out = "reverted" if not on else f"{len(change.hunks) - on} of {len(change.hunks)} reverted"
            right = Text(f"{out}  ", style=look.warning, end="").append_text(right)
        if self.review.request is not None:
            signs = look.signs
            sign = signs.off if not on else signs.on if on == len(change.hunks) else signs.partly
            left.append(f"{sign} ", style=look.success if on else look.muted)
        if change.warning:
            left.append(f"{look.signs.warns} ", style=look.warning)
        is_current = file == switches.file
        room = width - left.cell_len - right.cell_len - 1
        left.append(_tail(change.path, room, self), style=look.text if is_current else look.muted)
        return self._pointed(spread(left, right, width, look), is_current and not self._base_hunks)

    def _hunk_row(self, hunk: Hunk) -> Text:
        from trashclaw.faces.wording.changes import hunk_words

        look, switches = self.look, self.review.switches
        is_on = switches.is_on(hunk.hunk_id)
        left = Text("  ", end="")
        if self.review.request is not None:
            left.append(f"{look.signs.on if is_on else look.signs.off} ", style=look.success if is_on else look.muted)
        is_current = hunk.hunk_id == switches.current
        left.append(cut(hunk_words(hunk), self._drawn_width - 12, look), style=look.text if is_current else look.muted)
        right = Text(f"+{hunk.added} -{hunk.removed}" if hunk.lines else "", style=look.muted, end="")
        if self.review.request is None and not is_on:
            right = Text("reverted  ", style=look.warning, end="").append_text(right)
        return self._pointed(spread(left, right, self._drawn_width, look), is_current)

    def _pointed(self, line: Text, is_current: bool) -> Text:
        if is_current:
            line.stylize_before(self.look.cursor)
            line.stylize(Style(bold=True))
        return line


def _tail(path: str, room: int, pane: LinePane) -> str:
    """Return a path with its end, which says most, in at most `room` cells."""
    from trashclaw.faces.visible import visible_line

    shown = visible_line(path)
    if len(shown) <= room:
        return cut(path, room, pane.look)
    folder, _, name = shown.rpartition("/")
    short = f"{pane.look.signs.ellipsis}/{name}"
    while "/" in folder:
        _, _, last = folder.rpartition("/")
        folder = folder.rpartition("/")[0]
        longer = f"{pane.look.signs.ellipsis}/{last}{short[1:]}"
        if len(longer) > room:
            break
        short = longer
    return cut(short, room, pane.look)
