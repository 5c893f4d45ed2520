"""Identifiers: short, sortable where it helps, never reused."""

from __future__ import annotations

import os
import time
from typing import NewType

SessionId = NewType("SessionId", str)
TurnId = NewType("TurnId", str)
ItemId = NewType("ItemId", str)
CallId = NewType("CallId", str)
OpId = NewType("OpId", str)
ApprovalId = NewType("ApprovalId", str)
QuestionId = NewType("QuestionId", str)
CheckpointId = NewType("CheckpointId", str)
EntryId = NewType("EntryId", str)
HunkId = NewType("HunkId", str)


def new_id(prefix: str) -> str:
    """Return a new id such as `item_9f2c4e1ab07d`."""
    return f"{prefix}_{os.urandom(6).hex()}"


def new_session_id() -> SessionId:
    """Return a session id that sorts by the time it was made, such as `20261120-174501-7f3a`."""
    return SessionId(f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.urandom(2).hex()}")
