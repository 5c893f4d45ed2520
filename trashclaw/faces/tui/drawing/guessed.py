"""About how high an entry of the conversation is, without drawing it."""

from __future__ import annotations

from trashclaw.protocol import events as ev
from trashclaw.protocol.items import AgentMessage, Compaction, Thought, ToolRun, UserMessage
from trashclaw.session.transcript import Entry

_OPEN_LINES = 8
"""About what an opened tool run shows."""


def guessed_height(entry: Entry, width: int, *, is_open: bool, has_gap: bool) -> int:
    """Return about how many lines an entry takes; what is drawn is counted instead."""
    match entry:
        case UserMessage() | AgentMessage():
            lines = _wrapped(entry.text, width)
        case Thought():
            lines = _wrapped(entry.text, width) if is_open else 1
        case Compaction():
            lines = 1 + _wrapped(entry.summary, width) if is_open else 1
        case ToolRun():
            lines = 1 + _OPEN_LINES if is_open else 1
        case ev.Notice():
            lines = 1 if entry.to_model and not is_open else _wrapped(entry.text, width) + bool(entry.hint)
        case _:
            lines = 1
    return lines + has_gap


def _wrapped(text: str, width: int) -> int:
    return 1 + text.count("\n") + len(text) // max(8, width)
