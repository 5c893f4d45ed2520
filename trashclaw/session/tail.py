"""The tail: how a stored session ends, folded alone, to be looked at while the whole is still read."""

from __future__ import annotations

from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import SessionId
from trashclaw.session.transcript import Transcript
from trashclaw.store.log import Log

TAIL_ENTRIES = 240
"""So many entries of the log fill more than one screen; a log that is not longer is read as fast."""

_SHOWN = (
    ev.ItemStarted,
    ev.ItemCompleted,
    ev.Notice,
    ev.TurnCompleted,
    ev.DialectChosen,
    ev.FailureRouted,
    ev.CompactionUndone,
)


def fold_tail(log: Log, session_id: SessionId) -> Transcript | None:
    """Return the end of a long session for the eye alone; `None` when the whole session is as short.

    What came before is not in it: neither what is asked, nor what can be undone, nor how long the window is.

    Raises:
        StoreError: an entry cannot be read.
    """
    end = log.stored().end(session_id)
    if end <= TAIL_ENTRIES:
        return None
    tail = Transcript()
    for envelope in log.read(session_id, after_seq=end - TAIL_ENTRIES):
        event = envelope.event
        if isinstance(event, ev.ConversationRewound) and tail.item(event.item_id) is None:
            # It went back to before all this.
            tail = Transcript()
        elif isinstance(event, (*_SHOWN, ev.ConversationRewound)):
            tail.apply(envelope)
    return tail
