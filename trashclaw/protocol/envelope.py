"""The envelope: an event with its place in the log."""

from __future__ import annotations

from trashclaw.protocol.base import Frozen
from trashclaw.protocol.events import Event
from trashclaw.protocol.ids import OpId, SessionId, TurnId

VERSION = 1


class Envelope(Frozen):
    """An event, and when, where and why it happened."""

    v: int = VERSION
    seq: int | None = None
    """Counts the durable events of a session from 1 without a gap; `None` for an ephemeral one."""

    at: float
    """Seconds since the epoch."""

    session_id: SessionId
    turn_id: TurnId | None = None
    agent: str = "main"
    cause: OpId | None = None
    """The op that led to it."""

    event: Event
