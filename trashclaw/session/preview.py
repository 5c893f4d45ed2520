"""Preview: the last entries of a stored session, read from the end of its log."""

from __future__ import annotations

from collections.abc import Sequence

from trashclaw.protocol import events as ev
from trashclaw.protocol.ids import SessionId
from trashclaw.session.transcript import Entry, Transcript
from trashclaw.store.stored_rows import StoredRows

_TYPES = ("item.completed", "turn.completed", "notice", "conversation.rewound")
_GROWTH = 4


def last_entries(rows: StoredRows, session_id: SessionId, count: int) -> Sequence[Entry]:
    """Return the last entries that the model still reads; where it was gone back far, more of the log is read.

    Raises:
        StoreError: an entry cannot be read.
    """
    looked_at = max(1, count)
    while True:
        envelopes = rows.last(session_id, looked_at, _TYPES)
        transcript, is_whole = Transcript(), len(envelopes) < looked_at
        for envelope in envelopes:
            event = envelope.event
            if isinstance(event, ev.ConversationRewound) and transcript.item(event.item_id) is None:
                # It went back to before what was read, so all of that is gone.
                transcript = Transcript()
            transcript.apply(envelope)
        kept = [entry for place, entry in enumerate(transcript.entries) if not transcript.is_rewound(place)]
        if is_whole or len(kept) >= count:
            return kept[-count:] if count > 0 else []
        looked_at *= _GROWTH
