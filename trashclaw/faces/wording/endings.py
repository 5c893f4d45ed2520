"""How a turn ended, in a few words."""

from __future__ import annotations

from trashclaw.protocol.events import StopReason

_WORDS = {
    StopReason.END_TURN: "done",
    StopReason.CANCELLED: "stopped by you",
    StopReason.LIMIT: "a limit was reached",
    StopReason.STALLED: "stopped: it got no further",
    StopReason.REFUSED: "the model refused",
    StopReason.ERROR: "failed",
}


def ending_word(reason: StopReason) -> str:
    """Return why a turn ended: `done`, `stopped by you`."""
    return _WORDS[reason]
