"""A request for approval in words: what is asked, what is needed for it, why, and what an answer will write."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from trashclaw.faces.tui.drawing.change_words import warning_lines
from trashclaw.faces.tui.drawing.lines import plain, pointed, prefixed, wrap
from trashclaw.faces.tui.drawing.look import Look
from trashclaw.faces.wording.requests import reach_words
from trashclaw.protocol.approvals import ApprovalRequest, Needs, Scope

NUMBERS = {Scope.ONCE: 1, Scope.SESSION: 2, Scope.PROJECT: 3}
NO = 4


def request_lines(request: ApprovalRequest, scope: Scope | None, width: int, look: Look) -> list[Text]:
    """Return what stands above a patch, or alone where there is none."""
    lines = _command_lines(request, width, look)
    groups = [
        _needs_lines(request.needs, width, look),
        warning_lines(request.warning, width, look),
        _choices(request, scope, width, look),
        wrap(plain(request.rule, look.muted), width, look) if request.rule else [],
    ]
    for group in groups:
        if group:
            lines.extend([*([Text()] if lines else []), *group])
    return lines


def _command_lines(request: ApprovalRequest, width: int, look: Look) -> list[Text]:
    """Return the whole command."""
    if request.command is None:
        return []
    command = plain(request.command, look.strong)
    return prefixed(Text("$ ", style=look.accent), Text("  "), wrap(command, max(8, width - 2), look))


def _needs_lines(needs: Needs, width: int, look: Look) -> list[Text]:
    rows = [("network", host) for host in needs.hosts]
    rows += [("outside", path) for path in needs.paths]
    if needs.is_unsandboxed:
        rows.append(("sandbox", "none: it runs with all your rights, and what it does lands at once"))
    lines: list[Text] = []
    last = ""
    for name, words in rows:
        label = Text(f"{'' if name == last else name:<9}", style=look.warning)
        lines.extend(prefixed(label, Text(" " * 9), wrap(plain(words, look.strong), max(8, width - 9), look)))
        last = name
    return lines


def _choices(request: ApprovalRequest, scope: Scope | None, width: int, look: Look) -> list[Text]:
    """Return the answers with their numbers; a patch that can only be accepted once needs no list."""
    if request.patch is not None and len(request.scopes) == 1:
        return []
    lines: list[Text] = []
    for choice in request.scopes:
        row = _numbered(NUMBERS[choice], f"yes, {reach_words(choice)}", look)
        lines.append(pointed(row, look, width, is_current=choice is scope))
    lines.append(pointed(_numbered(NO, "no", look), look, width, is_current=False))
    if request.new_rule and len(request.scopes) > 1:
        rule = Text(f"{_keeping(request.scopes)}: ", style=look.muted).append_text(plain(request.new_rule, look.text))
        lines += prefixed(Text("  "), Text("  "), wrap(rule, max(8, width - 2), look))
    return lines


def _numbered(number: int, words: str, look: Look) -> Text:
    return Text(f"{number} ", style=look.accent).append(words, style=look.text)


def _keeping(scopes: Sequence[Scope]) -> str:
    """Return which answers keep the rule, and how long."""
    words = {Scope.SESSION: "2 keeps until the session ends", Scope.PROJECT: "3 writes into policy.yaml"}
    return ", ".join(words[scope] for scope in scopes if scope in words)
