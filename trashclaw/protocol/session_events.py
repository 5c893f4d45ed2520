"""Events about a session as a whole: where it came from, and what it is called."""

from __future__ import annotations

from typing import Literal

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import SessionId


class SessionForked(Frozen):
    """What comes before was copied from another session; what comes after is this one's own."""

    type: Literal["session.forked"] = "session.forked"
    parent_id: SessionId
    """It may be gone by now."""

    parent_seq: int
    """The last entry that was copied."""


class SessionRenamed(Frozen):
    """A person gave the session a name."""

    type: Literal["session.renamed"] = "session.renamed"
    title: Text = ""
    """Empty: it goes by its first prompt again."""
