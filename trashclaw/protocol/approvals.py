"""Decisions, the questions they lead to, and the answers."""

from __future__ import annotations

from enum import StrEnum

from trashclaw.protocol.base import Frozen, Text
from trashclaw.protocol.ids import ApprovalId, CallId, HunkId, ItemId
from trashclaw.protocol.patches import FileChange, Patch


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


class Needs(Frozen):
    """What a command asks for beyond its sandbox; each part is a question of its own."""

    hosts: tuple[Text, ...] = ()
    """Network: `api.example.com`, `api.example.com:443`, `*.example.com`, or `*`."""

    paths: tuple[Text, ...] = ()
    """Files and folders outside the workspace that it may write, or hidden ones that it may read; absolute."""

    is_unsandboxed: bool = False
    """It runs with all rights of the person."""

    def __bool__(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.hosts or self.paths or self.is_unsandboxed)


NOTHING = Needs()


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
    needs: Needs = NOTHING
    warning: Text = ""
    """What would be lost, or why a rule that allows it did not count."""

    scopes: tuple[Scope, ...] = (Scope.ONCE,)
    """How far an answer may reach here."""

    new_rule: Text = ""
    """The rule that an answer for the session or the project writes."""

    arguments_sha256: str = ""
    """Digest of exactly what is asked about; the answer holds for nothing else."""


class Approval(Frozen):
    """The answer."""

    verdict: Verdict
    scope: Scope = Scope.ONCE
    hunk_ids: tuple[HunkId, ...] | None = None
    """The accepted hunks; `None` means all of them."""

    note: Text = ""
    """The person's own words, told to the model."""

    edits: tuple[FileChange, ...] = ()
    """Files that the person edited before accepting: each replaces the proposed change of its path, and its hunks are
    what `hunk_ids` names."""

    by: str = "user"
    """Who answered: `user`, `policy`, `interrupt`, or the name of a face that cannot ask."""
