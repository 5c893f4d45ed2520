"""Decisions, the questions they lead to, and the answers."""

from __future__ import annotations

from enum import StrEnum

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import ApprovalId, CallId, HunkId, ItemId
from trashclaw.protocol.patches import Patch


class Verdict(StrEnum):
    """The answer to an approval request."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Scope(StrEnum):
    """How far an answer reaches."""

    ONCE = "once"
    SESSION = "session"
    PROJECT = "project"


class Outcome(StrEnum):
    """What policy says of a proposal."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


class Decision(Frozen):
    """Allow, ask or deny, with the rule that said so."""

    outcome: Outcome
    rule: Text
    """Names the rule for a person, for example `mode review: edits are asked`."""

    hint: Text = ""
    """What would have allowed it, when it was denied."""


class ApprovalRequest(Frozen):
    """A question to the person: may this land?"""

    approval_id: ApprovalId
    item_id: ItemId
    """The tool run that waits."""

    call_id: CallId
    tool: Text
    title: Text
    rule: Text
    """Why it is asked."""

    patch: Patch | None = None
    command: Text | None = None


class Approval(Frozen):
    """The answer."""

    verdict: Verdict
    scope: Scope = Scope.ONCE
    hunk_ids: tuple[HunkId, ...] | None = None
    """The accepted hunks; `None` means all of them."""

    note: Text = ""
    """The person's own words, told to the model."""

    by: str = "user"
    """Who answered: `user`, `policy`, `interrupt`, or the name of a face that cannot ask."""
