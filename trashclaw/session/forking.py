"""Forking: where a log can be cut, so that what comes before is a session of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from trashclaw.protocol import events as ev
from trashclaw.protocol.envelope import Envelope
from trashclaw.protocol.errors import UsageError
from trashclaw.protocol.ids import ItemId, SessionId
from trashclaw.protocol.items import Origin
from trashclaw.protocol.session_events import SessionForked
from trashclaw.session.fork_point import ForkPoint
from trashclaw.session.repair import FORKED, closing_events
from trashclaw.store.stored_rows import Line, StoredRows

_AFTER_TURN = frozenset({"checkpoint.created", "notice"})
"""What is told of a turn behind its end."""

_USER = "user_message"
_HINT = "Files are as they are now. /undo reaches what was copied as far as nobody changed those files since."


@dataclass(frozen=True, slots=True)
class Cut:
    """A place behind an entry at which no step runs."""

    seq: int
    """The last entry before it."""

    turn_at: int | None = None
    """The `turn.started` of a turn that goes on there."""

    step_at: int | None = None
    """The last `step.started` of that turn."""

    open_at: tuple[int, ...] = ()
    """The `item.started` of the person's own commands that run there."""

    queue_at: int | None = None
    """The last `input.queued`."""


@dataclass(slots=True)
class _Walk:
    """Follows a log, entry by entry."""

    turn_at: int | None = None
    step_at: int | None = None
    queue_at: int | None = None
    is_step_open: bool = False
    is_answered: bool = False
    """The last thing in the turn is a whole step, not a message that waits for one."""

    is_begun: bool = False
    open: dict[str, tuple[int, bool]] = field(default_factory=dict)
    """The items that are open: their places, and whether they are of a turn."""

    def take(self, line: Line) -> None:
        match line.event_type:
            case "turn.started":
                self.turn_at, self.step_at, self.is_step_open, self.is_answered = line.seq, None, False, False
            case "turn.completed":
                self.turn_at, self.is_step_open = None, False
            case "step.started":
                self.step_at, self.is_step_open = line.seq, True
            case "step.completed":
                self.is_step_open, self.is_answered = False, True
            case "item.started":
                self.open[line.item_id or ""] = line.seq, line.turn_id is not None
            case "item.completed":
                self.open.pop(line.item_id or "", None)
                self.is_answered = self.is_answered and line.kind != _USER
            case "input.queued":
                self.queue_at = line.seq
            case "session.started":
                self.is_begun = True
            case _:
                pass

    def cut(self, seq: int) -> Cut | None:
        """Return the cut behind the entry taken last, if there can be one."""
        is_free = self.turn_at is None or (self.is_answered and not self.is_step_open)
        if not self.is_begun or not is_free or any(is_of_turn for _, is_of_turn in self.open.values()):
            return None
        own = tuple(at for at, _ in self.open.values())
        step_at = self.step_at if self.turn_at is not None else None
        return Cut(seq, self.turn_at, step_at, own, self.queue_at)


def find_cut(lines: Sequence[Line], point: ForkPoint) -> Cut:
    """Return where to cut a log: behind everything that is whole (`at` is `None`), or at an entry or an item.

    An entry's place means what came up to it, cut back to the end of a step or turn. A message of the person's means
    what came before it. Any other item means what came up to the end of its step, or of its turn if nothing more was
    done there; where that step still runs, or the point lies before the item, what came before it.

    Raises:
        UsageError: there is no such place.
    """
    cuts, at = list(_cuts(lines)), point.at
    if at is None:
        found = cuts[-1:]
    elif isinstance(at, int):
        found = [cut for cut in cuts if cut.seq <= at][-1:]
    else:
        found = _at_item(lines, cuts, at, is_before=point.is_before)
    if not found:
        raise UsageError(
            "The session cannot be forked there.", "Choose a later place: a message, or the end of a turn."
        )
    return found[0]


def _cuts(lines: Sequence[Line]) -> Iterator[Cut]:
    walk = _Walk()
    for line in lines:
        walk.take(line)
        if (cut := walk.cut(line.seq)) is not None:
            yield cut


def _at_item(lines: Sequence[Line], cuts: list[Cut], item_id: ItemId, *, is_before: bool) -> list[Cut]:
    places = [place for place, line in enumerate(lines) if line.item_id == item_id]
    if not places:
        raise UsageError(f"There is no item {item_id} in this session.", "It may belong to another one.")
    first, last = lines[places[0]], lines[places[-1]]
    if first.kind == _USER and last.origin != Origin.STEER:
        return [cut for cut in cuts if cut.seq < _begin(lines, places[0])][-1:]
    behind = next((cut for cut in cuts if cut.seq >= last.seq and last.event_type == "item.completed"), None)
    if behind is None or is_before:
        return [cut for cut in cuts if cut.seq < first.seq][-1:]
    end = _end(lines, behind)
    return [cut for cut in cuts if cut.seq <= end][-1:]


def _begin(lines: Sequence[Line], place: int) -> int:
    """Return where what led to a message begins: with its turn, where it is the first thing in it."""
    for line in reversed(lines[:place]):
        if line.event_type == "turn.started":
            return line.seq
        if line.turn_id is None or line.event_type in ("step.completed", "item.completed"):
            break
    return lines[place].seq


def _end(lines: Sequence[Line], cut: Cut) -> int:
    """Return up to where nothing new is taken in: the end of the turn, and what is told of it behind that."""
    end = cut.seq
    is_over = cut.turn_at is None
    for line in lines:
        if line.seq <= cut.seq:
            continue
        if line.event_type in ("step.started", "item.started", "turn.started") or (
            is_over and line.event_type not in _AFTER_TURN
        ):
            break
        is_over = is_over or line.event_type == "turn.completed"
        end = line.seq if is_over else end
    return end


def tail_of(rows: StoredRows, session_id: SessionId, cut: Cut, fork_id: SessionId) -> list[Envelope]:
    """Return what stands in a fork behind what was copied: what was open is closed, and where it came from is told.

    Raises:
        StoreError: an entry cannot be read.
    """
    begun = sorted(seq for seq in (cut.turn_at, cut.step_at, *cut.open_at) if seq is not None)
    turn_id, events = closing_events(rows.pick(session_id, begun), FORKED)
    last_queue = rows.pick(session_id, [cut.queue_at]) if cut.queue_at is not None else []
    if any(isinstance(envelope.event, ev.InputQueued) and envelope.event.queue for envelope in last_queue):
        events.append(ev.InputQueued(queue=()))
    text = f"This is a fork of the session {session_id}, as it was at its entry {cut.seq}."
    events.append(SessionForked(parent_id=session_id, parent_seq=cut.seq))
    events.append(ev.Notice(code="forked", text=text, hint=_HINT))
    return [
        Envelope(
            seq=seq,
            at=time.time(),
            session_id=fork_id,
            turn_id=turn_id if isinstance(event, ev.TurnCompleted) else None,
            event=event,
        )
        for seq, event in enumerate(events, start=cut.seq + 1)
    ]
