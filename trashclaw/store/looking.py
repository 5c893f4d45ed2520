"""Looking: which entries of the log may hold some words, from its end."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from trashclaw.protocol.errors import StoreError
from trashclaw.protocol.ids import SessionId

_FORKS = """
SELECT child.session_id, json_extract(child.payload, '$.parent_seq') FROM outbox AS child
WHERE child.event_type = 'session.forked' AND json_valid(child.payload)
    AND EXISTS (SELECT 1 FROM outbox WHERE session_id = json_extract(child.payload, '$.parent_id'))
"""
_ENTRIES = "SELECT session_id, seq, at, payload FROM outbox WHERE event_type IN ('item.completed', 'notice')"
_SURE = re.compile(r"[ !#-\[\]-~]+")
"""ASCII that stands in JSON as it is, however deep it is quoted."""


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that may hold the words."""

    session_id: SessionId
    seq: int
    at: float
    payload: str


class Looking:
    """Reads the database of a log."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def entries_with(self, words: Sequence[str], session_id: SessionId | None = None) -> Iterator[Found]:
        """Yield every entry in which all words are, and maybe others, the latest first; `words` are in lower case.

        What a fork was given by a parent that is still there is left out, unless one session is named.

        Raises:
            StoreError: the log cannot be read.
        """
        tests = [_test(word) for word in words]
        query = _ENTRIES + "".join(f" AND {test}" for test, _ in tests)
        values = [value for _, given in tests for value in given]
        if session_id is not None:
            query += " AND session_id = ?"
            values.append(session_id)
        try:
            given = dict(self._db.execute(_FORKS).fetchall()) if session_id is None else {}
            for found in self._db.execute(query + " ORDER BY id DESC", values):
                if found[1] > int(given.get(found[0]) or 0):
                    yield Found(*found)
        except sqlite3.Error as error:
            raise StoreError(f"The log cannot be searched: {error}.") from error


def _test(word: str) -> tuple[str, list[str]]:
    """Return a condition that holds for every payload in which a word is, and what stands for its question marks."""
    letter = next((letter for letter in word if not letter.isascii()), "")
    if letter:
        # Only of ASCII does SQLite know upper and lower case. What a model quoted itself may hold it as an escape.
        return "(instr(payload, ?) OR instr(payload, ?) OR instr(payload, '\\u'))", [letter, letter.upper()]
    part = max(_SURE.findall(word), key=len, default="")
    return "payload LIKE ? ESCAPE '\\'", ["%" + re.sub(r"([%_\\])", r"\\\1", part) + "%"]
