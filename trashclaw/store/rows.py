"""Rows of the log: how an envelope is written into one, and read out of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import TypeAdapter, ValidationError

from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.events import Event

COLUMNS = "v, seq, at, session_id, turn_id, agent, cause, payload"
INSERT = """
INSERT INTO outbox (agent, event_type, payload, v, session_id, seq, at, turn_id, cause)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_EVENT: TypeAdapter[Event] = TypeAdapter(Event, config={"defer_build": True})


def row_of(envelope: Envelope) -> tuple[object, ...]:
    """Return the values that `INSERT` takes."""
    event = envelope.event
    return (
        envelope.agent,
        event.type,
        event.model_dump_json(),
        envelope.v,
        envelope.session_id,
        envelope.seq,
        envelope.at,
        envelope.turn_id,
        envelope.cause,
    )


def envelope_of(row: tuple[Any, ...]) -> Envelope:
    """Return what a row of `COLUMNS` stands for.

    Raises:
        StoreError: it cannot be read.
    """
    v, seq, at, session_id, turn_id, agent, cause, payload = row
    try:
        event = _EVENT.validate_json(str(payload))
        fields = {"v": v, "seq": seq, "at": at, "session_id": session_id, "turn_id": turn_id, "agent": agent}
        return Envelope.model_validate({**fields, "cause": cause, "event": event})
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"]
        raise StoreError(f"Entry {seq} of {session_id} cannot be read: {reason}.", "Resume another session.") from error


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Let everything that is done inside happen, or nothing of it: also when the program is killed meanwhile."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    finally:
        if db.in_transaction:
            db.execute("ROLLBACK")
