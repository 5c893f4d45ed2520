"""Rows of the log: how an envelope is written into one, and read out of it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.events import Event, ItemCompleted, ItemStarted

COLUMNS, SEQ, PAYLOAD = "v, seq, at, session_id, turn_id, agent, cause, payload", 1, 7
INSERT = """
INSERT INTO outbox (agent, event_type, payload, v, session_id, seq, at, turn_id, cause)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_ITEM = re.compile(r'\{"type":"item\.(started|completed)","item":\{"kind":"[a-z_]{1,20}","item_id":"([\w-]{1,80})"')
"""The beginning of a payload as we write it, up to the item's id."""

_SHORT_CHARS = 48
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


def envelopes_to_fold(rows: Sequence[tuple[Any, ...]]) -> Iterator[Envelope]:
    """Yield what rows stand for; an `item.started` whose item is completed in a later one brings the completed item.

    Raises:
        StoreError: one of them cannot be read.
    """
    waiting: dict[str, int] = {}
    ends: dict[int, int] = {}
    for place, row in enumerate(rows):
        found = _ITEM.match(row[PAYLOAD]) if isinstance(row[PAYLOAD], str) else None
        if found is not None and found[1] == "started":
            waiting[found[2]] = place
        elif found is not None and (began := waiting.pop(found[2], None)) is not None:
            ends[began] = place
    ready: dict[int, Envelope] = {}
    for place, row in enumerate(rows):
        if (end := ends.get(place)) is None:
            yield ready.pop(place) if place in ready else envelope_of(row)
            continue
        done = ready[end] = envelope_of(rows[end])
        event = done.event
        whole = ItemStarted(item=event.item) if isinstance(event, ItemCompleted) else None
        yield _enveloped(row, whole) if whole is not None else envelope_of(row)


def envelope_of(row: tuple[Any, ...]) -> Envelope:
    """Return what a row of `COLUMNS` stands for.

    Raises:
        StoreError: it cannot be read.
    """
    return _enveloped(row, None)


def _enveloped(row: tuple[Any, ...], event: Event | None) -> Envelope:
    v, seq, at, session_id, turn_id, agent, cause, stored = row
    payload = str(stored)
    try:
        if event is None:
            event = _short_event(payload) if len(payload) < _SHORT_CHARS else _EVENT.validate_json(payload)
        fields = {"v": v, "seq": seq, "at": at, "session_id": session_id, "turn_id": turn_id, "agent": agent}
        return Envelope.model_validate({**fields, "cause": cause, "event": event})
    except ValidationError as error:
        reason = error.errors(include_url=False)[0]["msg"]
        raise StoreError(f"Entry {seq} of {session_id} cannot be read: {reason}.", "Resume another session.") from error


@lru_cache(maxsize=128)
def _short_event(payload: str) -> Event:
    """Return an event that many entries share: the first step begins as often as there are turns."""
    return _EVENT.validate_json(payload)


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
