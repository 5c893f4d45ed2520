"""A block: one entry of the conversation, with what came of it so far and its lines once they are drawn."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.text import Text
from textual.strip import Strip

from trashclaw.faces.tui.drawing.compaction import has_more
from trashclaw.faces.tui.drawing.entries import GUTTER, Shown, entry_lines, is_tight
from trashclaw.faces.tui.drawing.lines import strips
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.tui.drawing.notices import is_folded_at_first
from trashclaw.faces.tui.drawing.stream import MarkdownStream
from trashclaw.protocol.events import Channel, CompactionUndone, FailureRouted, Notice
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun
from trashclaw.protocol.tools import ToolStatus
from trashclaw.session.transcript import Entry


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

    pieces: dict[Channel, list[str]] = field(default_factory=dict)
    _strips: list[Strip] | None = None
    _stream: MarkdownStream | None = None

    def replace(self, entry: Entry, *, is_done: bool) -> None:
        """Show a newer state of the entry; once it is done, previews are forgotten."""
        self.entry = entry
        self.is_done = is_done
        self._strips = None
        if is_done:
            self.pieces.clear()
            self._stream = None

    def grow(self, channel: Channel, text: str) -> None:
        """Take a piece of an open entry."""
        self.pieces.setdefault(channel, []).append(text)
        if self._stream is not None and channel is Channel.TEXT:
            self._stream.feed(text)
        self._strips = None

    def learn(self, news: FailureRouted | CompactionUndone) -> None:
        """Take what was told of the entry."""
        if isinstance(news, FailureRouted):
            self.failure = news
        else:
            self.is_undone = True
        self.forget()

    def forget(self) -> None:
        """Forget the lines, since width, look or folding changed."""
        self._strips = None
        self._stream = None

    def strips(self, width: int, look: Look) -> list[Strip]:
        """Return the lines at a width, drawing them if that has not been done."""
        if self._strips is None:
            lines = entry_lines(self.entry, width, look, self._shown(width, look))
            self._strips = ([Strip.blank(0)] if self.has_gap else []) + strips(lines, look)
        return self._strips

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

    def _shown(self, width: int, look: Look) -> Shown:
        is_growing = isinstance(self.entry, AgentMessage) and not self.is_done
        return Shown(
            is_unfolded=self.is_open,
            is_whole=self.is_whole,
            is_waiting=self.is_waiting,
            preview=self._preview(),
            drawn=self._streamed(width, look) if is_growing else None,
            is_undone=self.is_undone,
            failure=self.failure,
        )

    def _preview(self) -> str:
        channel = Channel.OUTPUT if isinstance(self.entry, ToolRun) else Channel.THOUGHT
        pieces = self.pieces.get(channel, [])
        if len(pieces) > 1:
            pieces[:] = ["".join(pieces)]
        return pieces[0] if pieces else ""

    def _streamed(self, width: int, look: Look) -> list[Text]:
        if self._stream is None:
            self._stream = MarkdownStream(max(8, width - GUTTER), look)
            self._stream.feed("".join(self.pieces.get(Channel.TEXT, [])))
        return self._stream.lines()
