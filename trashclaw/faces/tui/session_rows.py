"""The rows of the list of sessions: which there are for what was typed, and in which order."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trashclaw.session.searching import Match
    from trashclaw.session.stored import SessionSummary


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session in the list."""

    summary: SessionSummary
    depth: int = 0
    """How many forks lie between it and the top."""

    match: Match | None = None
    """Where the words that were typed stand in it, if they do."""


class What(StrEnum):
    """What is to be done with the session that was picked."""

    GO_ON = "go on"
    TAB = "tab"
    FORK = "fork"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class Picked:
    """A session, and what is to be done with it."""

    summary: SessionSummary
    what: What


def tree_rows(tree: Sequence[tuple[int, SessionSummary]]) -> Sequence[SessionRow]:
    """Return all sessions, forks below their parents."""
    return [SessionRow(summary, depth) for depth, summary in tree]


def found_rows(summaries: Sequence[SessionSummary], words: str, matches: Sequence[Match]) -> Sequence[SessionRow]:
    """Return the sessions that have all of the words in their title or id, then those in which they were said.

    Each session stands there once, with the latest place where the words are.
    """
    wanted = words.lower().split()
    first: dict[str, Match] = {}
    for match in matches:
        first.setdefault(match.session_id, match)
    titled = [summary for summary in summaries if _has(summary, wanted)]
    there = {summary.session_id for summary in titled}
    said = [summary for summary in summaries if summary.session_id in first and summary.session_id not in there]
    # As the search tells them, the latest place first.
    order = {session_id: place for place, session_id in enumerate(first)}
    said.sort(key=lambda summary: order[summary.session_id])
    return [SessionRow(summary, match=first.get(summary.session_id)) for summary in (*titled, *said)]


def family(summaries: Sequence[SessionSummary], session_id: str) -> Sequence[SessionSummary]:
    """Return the sessions that were forked from each other and to which one belongs, in their order."""
    known: dict[str, SessionSummary] = {summary.session_id: summary for summary in summaries}
    top, seen = session_id, set[str]()
    while top in known and top not in seen:
        seen.add(top)
        parent = known[top].parent_id
        if parent is None or parent not in known:
            break
        top = parent
    members: set[str] = {top}
    is_growing = True
    while is_growing:
        grown = members | {one.session_id for one in summaries if one.parent_id in members}
        is_growing, members = grown != members, grown
    return [summary for summary in summaries if summary.session_id in members]


def _has(summary: SessionSummary, wanted: Sequence[str]) -> bool:
    text = f"{summary.title} {summary.session_id}".lower()
    return all(word in text for word in wanted)
