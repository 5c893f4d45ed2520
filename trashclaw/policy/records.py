"""What the gate tells about each of its decisions, for the audit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from trashclaw.agent.ports import Proposal
from trashclaw.protocol.approvals import NOTHING, Needs
from trashclaw.protocol.tools import ToolCall


@dataclass(frozen=True, slots=True)
class GateRecord:
    """One decision: what it was about, what was said, and by whom."""

    tool: str
    title: str
    decision: str
    """`allow`, `ask` or `deny`."""

    rule: str
    verdict: str
    """`accepted`, `rejected` or `cancelled`."""

    scope: str
    by: str
    arguments_sha256: str
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()


Record = Callable[[GateRecord], None]
"""Keeps a record; never fails and never waits for long."""


def digest_of(call: ToolCall, proposal: Proposal, needs: Needs = NOTHING) -> str:
    """Return the digest of exactly what a question is about: the call, the command, its changes and its needs."""
    parts = {
        "tool": call.name,
        "arguments": call.arguments,
        "command": proposal.command,
        "needs": proposal.needs.model_dump(mode="json"),
        "asked": needs.model_dump(mode="json"),
        "patch": proposal.patch.model_dump(mode="json") if proposal.patch is not None else None,
        "also": list(proposal.also),
        "is_confined": proposal.is_confined,
        "is_outcome": proposal.is_outcome,
    }
    told = json.dumps(parts, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(told.encode()).hexdigest()
