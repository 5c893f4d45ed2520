"""Taint: which text of the window came from the network or from a server, as a fold of events.

A text counts as long as the model reads it: a result that was stubbed, left out or rewound does not taint any more.
What a compaction puts together from the log are facts that we state (title, status, size, files) and how the model's
own answers began; the words of the result are not among them. What the model writes itself of a window with such a text
may hold anything that stood in it, so its summary counts like the text, and so does a later one that quotes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trashclaw.agent.history import History
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.events import ItemCompleted
from trashclaw.protocol.ids import ItemId
from trashclaw.protocol.items import Compaction, ToolRun

CAME_FROM = "came_from"
"""The key in a result's metadata: a list of hosts, or of servers as `mcp:NAME`."""

_SHOWN_SOURCES = 3


@dataclass(frozen=True, slots=True)
class _Stain:
    """A result with text from elsewhere."""

    tool: str
    sources: tuple[str, ...]
    at: float


class Taint:
    """What stands in the window that nobody here wrote; called, it says so for a question, or nothing."""

    def __init__(self, history: History, now: Callable[[], float]) -> None:
        """`history` has folded what this is told; `now` gives the time in seconds since the epoch."""
        self._history = history
        self._now = now
        self._stains: dict[ItemId, _Stain] = {}

    def apply(self, envelope: Envelope) -> None:
        """Fold one event in."""
        event = envelope.event
        if isinstance(event, ItemCompleted) and isinstance(event.item, ToolRun):
            self._mark(event.item, envelope.at)
        elif isinstance(event, ItemCompleted) and isinstance(event.item, Compaction) and self._stains:
            self._mark_summary(event.item, envelope.at)

    def item_ids(self) -> frozenset[ItemId]:
        """Return the tool runs whose results are tainted and in the window, and the compactions whose summaries are."""
        return self._history.shown_runs() & self._stains.keys() if self._stains else frozenset()

    def __call__(self) -> str:
        """Return words for the question: `text from example.com is in the conversation (bash, 3 minutes ago)`."""
        shown = self.item_ids()
        stains = [stain for item_id, stain in self._stains.items() if item_id in shown]
        if not stains:
            return ""
        sources = list(dict.fromkeys(source for stain in stains for source in stain.sources))
        more = f" and {len(sources) - _SHOWN_SOURCES} more" if len(sources) > _SHOWN_SOURCES else ""
        named = ", ".join(sources[:_SHOWN_SOURCES]) + more
        last = stains[-1]
        return f"text from {named} is in the conversation ({last.tool}, {_ago(self._now() - last.at)})"

    def _mark(self, run: ToolRun, at: float) -> None:
        came_from = run.result.metadata.get(CAME_FROM) if run.result is not None else None
        if isinstance(came_from, list) and came_from:
            self._stains[run.item_id] = _Stain(run.call.name, tuple(str(source) for source in came_from), at)

    def _mark_summary(self, made: Compaction, at: float) -> None:
        """Mark a summary that was made of tainted text, or quotes one that was."""
        cuts = self._history.cuts
        read = {item_id for item_id in made.dropped if cuts.find(item_id) is not None}
        if made.is_by_model and cuts.undoable:
            read.update(item_id for record in cuts.undoable[-1].before for item_id in record.shown)
        sources = [source for item_id in self._stains if item_id in read for source in self._stains[item_id].sources]
        if sources:
            self._stains[made.item_id] = _Stain("a summary", tuple(dict.fromkeys(sources)), at)


def _ago(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} minute{'s' * (minutes > 1)} ago"
    hours = minutes // 60
    return f"{hours} hour{'s' * (hours > 1)} ago"
