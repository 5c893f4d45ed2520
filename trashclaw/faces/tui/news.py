"""From an envelope to what the screen is told of it; the same for a session that runs and for one that is replayed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from trashclaw.faces.tui import messages as msg
from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, Thought, ToolRun

if TYPE_CHECKING:
    from textual.message import Message

    from trashclaw.session.transcript import Entry, Transcript


def news_of(event: ev.Event, transcript: Transcript) -> Iterator[Message]:
    """Yield what to show of an event that the fold `transcript` has taken already."""
    match event:
        case ev.ItemDelta():
            yield msg.ItemGrew(event.item_id, event.channel, event.text)
        case ev.ItemStarted() | ev.ItemCompleted():
            yield msg.EntryChanged(event.item, is_done=isinstance(event, ev.ItemCompleted))
        case ev.Notice() | ev.TurnCompleted():
            yield msg.EntryChanged(event, is_done=True)
        case ev.DialectChosen() if any(entry is event for entry in reversed(transcript.entries)):
            # The fold keeps the changes only; what the session begins with is no news.
            yield msg.EntryChanged(event, is_done=True)
        case ev.FailureRouted():
            yield msg.FailureTold(event)
        case ev.CompactionUndone():
            yield msg.CompactionTakenBack(event)
        case ev.ConversationRewound():
            yield _gone_back(event, transcript)
        case _:
            return


def _gone_back(event: ev.ConversationRewound, transcript: Transcript) -> msg.Replayed:
    """Return the conversation up to where it went back, with the person's words to say again."""
    ids = [getattr(entry, "item_id", None) for entry in transcript.entries]
    end = ids.index(event.item_id) if event.item_id in ids else len(ids)
    shown = shown_entries(transcript, end)
    return msg.Replayed(shown, event.prompt, transcript.failures, frozenset(transcript.undone))


def shown_entries(transcript: Transcript, end: int | None = None) -> Sequence[tuple[Entry, bool]]:
    """Return the entries up to a place that the model still reads, each with whether it is whole."""
    kept = (entry for place, entry in enumerate(transcript.entries[:end]) if not transcript.is_rewound(place))
    return [(entry, is_whole(entry)) for entry in kept]


def is_whole(entry: Entry) -> bool:
    """Tell whether nothing more will come of an entry that the fold holds."""
    match entry:
        case AgentMessage() | Thought():
            return bool(entry.text)
        case ToolRun():
            return entry.result is not None
        case _:
            return True
