"""What an approval request asks, and how far an answer reaches, in a few words."""

from __future__ import annotations

from trashclaw.protocol.approvals import ApprovalRequest, Scope

_REACH = {Scope.ONCE: "once", Scope.SESSION: "for this session", Scope.PROJECT: "for this project"}


def question_of(request: ApprovalRequest) -> str:
    """Return what is asked, for a title: `Allow the network?`."""
    needs = request.needs
    if needs.is_unsandboxed:
        return "Run this without the sandbox?"
    if needs.hosts and needs.paths:
        return "Allow the network and these files?"
    if needs.hosts:
        return "Allow the network?"
    if needs.paths:
        return "Allow these files?"
    return "Run this command?" if request.command is not None else "Allow this?"


def reach_words(scope: Scope) -> str:
    """Return how far an answer reaches: `once`, `for this session`."""
    return _REACH[scope]
