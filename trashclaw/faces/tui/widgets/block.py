"""A block: one entry of the conversation, with what came of it so far and its lines once they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

from rich.text import Text
from textual.strip import Strip

from trashclaw.faces.tui.drawing.compaction import has_more
from trashclaw.faces.tui.drawing.entries import GUTTER, Shown, behind_gutter, entry_lines, is_tight
from trashclaw.faces.tui.drawing.lines import strips
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.notices import is_folded_at_first
from trashclaw.faces.tui.drawing.stream import MarkdownStream
from trashclaw.protocol.events import Channel, CompactionUndone, FailureRouted, Notice
from trashclaw.protocol.ids import HunkId
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.transcript import Entry

if TYPE_CHECKING:
    from trashclaw.faces.tui.widgets.run_group import RunGroup

KEPT_ROWS = 256
"""Of one block: a row and what is made of it on its way to the screen is some fifty objects."""

_EMPTY = Strip.blank(0)


@dataclass(slots=True)
class Block:
    """An entry on the screen. Its strips are drawn when asked for and kept until something changes."""

    entry: Entry
    is_done: bool = False
    is_unfolded: bool | None = None
    """What the person chose; `None` leaves it to what the entry is."""

    is_whole: bool = False
    """All of a tool run's output is shown once it is open, not its last lines alone."""

    is_waiting: bool = False
    has_gap: bool = True
    """An empty line stands before it."""

    is_undone: bool = False
    """It is a compaction that was taken back."""

    failure: FailureRouted | None = None
    """What was told of a run that failed."""

    reverted: frozenset[HunkId] = frozenset()
    """Hunks that landed with a run and were taken out again."""

    group: RunGroup | None = field(default=None, repr=False, compare=False)
    """The runs around it with which it may be one line."""

    pieces: dict[Channel, list[str]] = field(default_factory=dict)
    changed_row: int = 0
    """The first row that may be another one than when this was last put behind all of them."""

    _lines: Sequence[Text] | None = None
    _row_count: int = 0
    _made: dict[int, Strip] = field(default_factory=dict)
    """Rows that somebody has looked at, the longest known first; of many the later ones are kept."""

    _rows: Sequence[Strip] | None = field(default=None, repr=False)
    """The rows as they were handed out, while they are the same."""

    _stream: MarkdownStream | None = None
    """Brings the lines of an answer, which stand behind a gutter; kept when the answer is whole."""

    def replace(self, entry: Entry, *, is_done: bool) -> None:
        """Show a newer state of the entry; once it is done, previews are forgotten."""
        self.entry = entry
        self.is_done = is_done
        is_streamed = isinstance(entry, AgentMessage) and self._stream is not None and self._stream.text == entry.text
        if is_done:
            self.pieces.clear()
        if is_done and is_streamed and self._stream is not None:
            self._update(self._stream.finish(), self._stream.lines)
        else:
            self.forget()

    def grow(self, channel: Channel, text: str) -> None:
        """Take a piece of an open entry."""
        self.pieces.setdefault(channel, []).append(text)
        if self._stream is not None and channel is Channel.TEXT:
            self._stream.feed(text)
        else:
            self._lines = None

    def learn(self, news: FailureRouted | CompactionUndone) -> None:
        """Take what was told of the entry."""
        if isinstance(news, FailureRouted):
            self.failure = news
        else:
            self.is_undone = True
        self.forget()

    def forget(self) -> None:
        """Forget the lines, since width, look or folding changed."""
        self._lines = None
        self._stream = None
        self.changed_row = 0

    def strips(self, width: int, look: Look) -> Sequence[Strip]:
        """Return the rows at a width; lines are drawn here if they have not been, a row when it is looked at."""
        if self.is_hidden:
            return ()
        self._draw(width, look)
        if self._rows is None:
            self._rows = _Rows(self, look)
        return self._rows

    def row(self, place: int, look: Look) -> Strip:
        """Return one of the drawn rows."""
        place = range(self._row_count)[place]
        if self.has_gap and place == 0:
            return _EMPTY
        strip = self._made.get(place)
        if strip is None:
            line = (self._lines or ())[place - self.has_gap]
            strip = strips(behind_gutter([line]) if self._stream is not None else [line], look)[0]
            if len(self._made) >= KEPT_ROWS:
                for known in list(self._made)[: KEPT_ROWS // 2]:
                    del self._made[known]
            self._made[place] = strip
        return strip

    @property
    def is_hidden(self) -> bool:
        """Whether its group tells of it, so that it has no rows."""
        return self.group is not None and self.group.hides(self)

    @property
    def row_count(self) -> int:
        """How many rows are drawn."""
        return self._row_count

    def _draw(self, width: int, look: Look) -> None:
        """Bring the lines up to date."""
        if isinstance(self.entry, AgentMessage) and not self.is_done:
            if self._stream is None:
                self._stream = MarkdownStream(max(8, width - GUTTER), look)
                self._stream.feed("".join(self.pieces.get(Channel.TEXT, [])))
            changed = self._stream.advance()
            if self._lines is None or changed < len(self._lines) or len(self._stream.lines) != len(self._lines):
                self._update(0 if self._lines is None else changed, self._stream.lines)
        elif self._lines is None:
            self._update(0, entry_lines(self.entry, width, look, self._shown()))

    def _update(self, first: int, lines: Sequence[Text]) -> None:
        """Take other lines, which are the same before a place."""
        kept = first + self.has_gap if first else 0
        for place in [place for place in self._made if place >= kept]:
            del self._made[place]
        self.changed_row = min(self.changed_row, kept)
        self._row_count = len(lines) + self.has_gap
        self._lines, self._rows = lines, None

    def stands_close_to(self, before: Block | None) -> bool:
        """Tell whether no empty line belongs between this block and the one before."""
        return before is not None and is_tight(self.entry) and is_tight(before.entry)

    @property
    def preview(self) -> str:
        """What came so far of an entry that is not complete."""
        if isinstance(self.entry, AgentMessage):
            return "".join(self.pieces.get(Channel.TEXT, ()))
        return self._preview()

    @property
    def can_fold(self) -> bool:
        """Whether there is more to see than its one line."""
        return self.folds_with != ""

    @property
    def folds_with(self) -> str:
        """What it is opened and folded together with: `thoughts`, `tools`, or nothing."""
        if isinstance(self.entry, Thought):
            return "thoughts"
        if isinstance(self.entry, Compaction):
            return "tools" if has_more(self.entry) else ""
        is_note = isinstance(self.entry, Notice) and is_folded_at_first(self.entry)
        return "tools" if is_note or isinstance(self.entry, ToolRun) else ""

    @property
    def is_open(self) -> bool:
        """Whether it is shown unfolded: as the person chose, else when something failed."""
        if self.is_unfolded is not None:
            return self.is_unfolded
        return isinstance(self.entry, ToolRun) and (
            self.entry.status is ToolStatus.FAILED or bool(self.entry.result and self.entry.result.exit_code)
        )

    def _shown(self) -> Shown:
        return Shown(
            is_unfolded=self.is_open,
            is_whole=self.is_whole,
            is_waiting=self.is_waiting,
            preview=self._preview(),
            is_undone=self.is_undone,
            failure=self.failure,
            reverted=self.reverted,
        )

    def _preview(self) -> str:
        channel = Channel.OUTPUT if isinstance(self.entry, ToolRun) else Channel.THOUGHT
        pieces = self.pieces.get(channel, [])
        if len(pieces) > 1:
            pieces[:] = ["".join(pieces)]
        return pieces[0] if pieces else ""


class _Rows(Sequence[Strip]):
    """The rows of a block as they are when they are looked at."""

    def __init__(self, block: Block, look: Look) -> None:
        self._block = block
        self._look = look

    def __len__(self) -> int:
        return self._block.row_count

    @overload
    def __getitem__(self, place: int) -> Strip: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Strip]: ...

    def __getitem__(self, place: int | slice) -> Strip | Sequence[Strip]:
        if isinstance(place, slice):
            return [self._block.row(at, self._look) for at in range(*place.indices(len(self)))]
        return self._block.row(place, self._look)
