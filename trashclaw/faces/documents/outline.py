"""What every document begins with, and which entries it has."""

from __future__ import annotations

from collections.abc import Iterator

from trashclaw.faces.wording.figures import counted, tokens
from trashclaw.protocol.events import TurnCompleted
from trashclaw.protocol.ids import SessionId
from trashclaw.protocol.items import UserMessage
from trashclaw.session.stored import as_title
from trashclaw.session.transcript import Entry, Transcript


def document_title(transcript: Transcript, session_id: SessionId) -> str:
    """Return the session's name, or else the beginning of its first prompt."""
    first = next((entry.text for entry in transcript.entries if isinstance(entry, UserMessage)), "")
    return transcript.title or as_title(first) or f"Session {session_id}"


def facts(transcript: Transcript, session_id: SessionId) -> str:
    """Return which session it is, with which model, and how much was done, in a line."""
    turns = sum(isinstance(entry, TurnCompleted) for entry in transcript.entries)
    parts = [f"Session {session_id}", f"{transcript.model} ({transcript.provider})", counted(turns, "turn")]
    if transcript.usage.completion_tokens:
        parts.append(f"{tokens(transcript.usage.completion_tokens)} tokens written")
    if transcript.parent_id is not None:
        parts.append(f"a fork of {transcript.parent_id}")
    return ", ".join(parts)


def kept_entries(transcript: Transcript) -> Iterator[Entry]:
    """Yield the entries in order, without those that the conversation went back over."""
    return (entry for place, entry in enumerate(transcript.entries) if not transcript.is_rewound(place))
