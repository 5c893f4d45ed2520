"""Resume: a stored session is folded again, and closed first where a crash cut it off."""

from __future__ import annotations

from trashclaw.session.journal import Journal, within
from trashclaw.session.repair import closing_events
from trashclaw.session.undo import Undo
from trashclaw.store.log import Log


async def take_up(log: Log, journal: Journal, undo: Undo) -> None:
    """Fold the stored part of a session into its journal, and close what was left open.

    Of a turn that was cut off nobody noted how it left the files: they count as it left them as they are now.

    Raises:
        StoreError: an entry cannot be read.
    """
    envelopes = list(log.read(journal.session_id))
    for envelope in envelopes:
        journal.replay(envelope)
        undo.replay(envelope.event)
    turn_id, events = closing_events(envelopes)
    with within(turn_id=turn_id):
        for event in events:
            journal.emit(event)
    await undo.end_turn()
